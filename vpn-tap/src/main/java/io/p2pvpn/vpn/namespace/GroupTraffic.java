package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Broadcast;
import io.p2pvpn.overlay.ring.Broadcasts;
import io.p2pvpn.overlay.runtime.ByteBucket;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.vpn.data.DataPlane;
import io.p2pvpn.vpn.data.GroupHandler;
import io.p2pvpn.vpn.data.MemberRoute;
import io.p2pvpn.vpn.data.TokenBucket;
import io.p2pvpn.vpn.data.VirtualNetwork;
import io.p2pvpn.vpn.group.GroupAddress;
import io.p2pvpn.vpn.group.GroupAudience;
import io.p2pvpn.vpn.group.GroupMessages;
import io.p2pvpn.vpn.group.GroupReport;
import io.p2pvpn.vpn.group.GroupReports;
import io.p2pvpn.vpn.group.LocalGroups;
import io.p2pvpn.vpn.packet.BigEndian;
import io.p2pvpn.vpn.packet.IpPacket;
import io.p2pvpn.vpn.tun.TunDevice;
import io.p2pvpn.vpn.wire.proto.GroupNotice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Multicast and broadcast of the hosts behind our device, over the namespace's ring; never over multicast of the
 * underlay.
 *
 * <p>Little of it, such as what hosts find each other's services by, goes to all members as a broadcast of the ring,
 * signed, and is delivered where a host wants it. So do the first packets to a group of which there may be much; the
 * members whose hosts want it report so to the sender, by IGMP or MLD inside the session, and get a copy each of what
 * follows. Which groups our own hosts want, they report as on any link. Confined to the node's loop.
 */
final class GroupTraffic implements GroupHandler {
    private static final String SENT = "group.sent";
    private static final String WANTED = "group.wanted";

    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long LOOK_NANOS = 2 * SECOND_NANOS;
    /** The hosts are asked so early after the device's opening, since nobody has asked before. */
    private static final long FIRST_QUERY_NANOS = SECOND_NANOS;

    /** Of servers; that of clients is one more. */
    private static final int DHCP_PORT = 67;
    /** Of clients; that of servers is one more. */
    private static final int DHCP_6_PORT = 546;
    /** Of all copies of what our hosts send to groups. */
    private static final long COPIES_BYTES_PER_SECOND = 8L << 20;

    private static final long COPIES_BURST_BYTES = 2L << 20;
    /** Members that we have told of a group lately. */
    private static final int TOLD_MAX = 1024;

    /** Members that send us what we want no more are told so ten times a second at most. */
    private static final long UNWANTED_NANOS = SECOND_NANOS / 10;

    private static final int UNWANTED_BURST = 10;

    /** Packets that wait until an opening is over: half a second of an ordinary stream. */
    private static final int HELD_MAX = 512;

    @SuppressWarnings("ArrayRecordComponent") // never compared as a value
    private record Held(GroupAddress group, byte[] packet) {}

    private record Told(GroupAddress group, int ipv4) {}

    private final NodeRuntime runtime;
    private final PacketRoutes routes;
    private final VirtualNetwork network;
    private final TunDevice device;
    private final DataPlane plane;
    private final SignedPackets signed;
    private final LocalGroups wanted = new LocalGroups();
    private final GroupAudience audience = new GroupAudience();
    private final GroupCopies copies;
    private final ByteBucket copyRate;
    private final TokenBucket unwantedRate;
    private final List<Held> held = new ArrayList<>();
    private final Map<Told, Long> told = new LinkedHashMap<>();
    private final IpPacket arrived = new IpPacket();
    private Timers.Timer lookTimer;
    private long queryNanos;
    private boolean queryEarly;
    private boolean closed;

    /**
     * Begins to carry what comes out of a device.
     *
     * @param namespace its ID
     * @param network our place in it
     */
    GroupTraffic(
            MembershipHost parts, OverlayId namespace, PacketRoutes routes, VirtualNetwork network, TunDevice device) {
        this.runtime = parts.node().runtime();
        this.routes = routes;
        this.network = network;
        this.device = device;
        this.signed = new SignedPackets(runtime, parts.identity(), namespace, routes);
        this.plane = new DataPlane(runtime, device, network, routes.table(), routes, routes, this);
        this.copies = new GroupCopies(runtime.counters(), routes, plane);
        long now = runtime.clock().nanoTime();
        this.copyRate = new ByteBucket(COPIES_BYTES_PER_SECOND, COPIES_BURST_BYTES, now);
        this.unwantedRate = new TokenBucket(UNWANTED_NANOS, UNWANTED_BURST, now);
        this.queryNanos = now + FIRST_QUERY_NANOS;
        this.lookTimer = runtime.timers().schedule(FIRST_QUERY_NANOS, this::look);
        Broadcasts broadcasts = routes.ring().broadcasts();
        broadcasts.handle(SignedPackets.KIND, this::onPacket);
        broadcasts.handle(SENT, this::onSentNotice);
        broadcasts.handle(WANTED, this::onWantedNotice);
    }

    /** The device's packets, these and those for one member. */
    DataPlane plane() {
        return plane;
    }

    // ------------------------------------------------------------------ from our hosts

    @Override
    public List<MemberRoute> onSent(byte[] buffer, int length, IpPacket packet, boolean ours) {
        if (GroupReports.isAboutGroups(buffer, packet)) {
            onReports(buffer, packet);
            return List.of();
        }
        if (!ours) {
            count("data.drop.foreign");
            return List.of();
        }
        GroupAddress group = groupOf(packet);
        GroupAddress.Reach reach = group.reach();
        if (reach == GroupAddress.Reach.NOBODY || isAddressing(buffer, packet)) {
            count("data.drop.group");
            return List.of();
        }
        long now = runtime.clock().nanoTime();
        GroupAudience.Plan plan =
                reach == GroupAddress.Reach.WANTED ? audience.plan(group, now) : GroupAudience.Plan.ALL;
        if (plan == GroupAudience.Plan.ALL) {
            signed.send(buffer, length);
            return List.of();
        }
        if (plan == GroupAudience.Plan.LATER || !held.isEmpty()) {
            // Nothing overtakes what waits.
            hold(group, Arrays.copyOf(buffer, length));
            return List.of();
        }
        if (audience.takeQuestion(group, now)) {
            tellAll(SENT, group);
        }
        List<MemberRoute> receivers = copies.routesTo(audience.members(group), buffer, length);
        return mayCopy((long) length * receivers.size(), now) ? receivers : List.of();
    }

    private void hold(GroupAddress group, byte[] packet) {
        if (held.size() >= HELD_MAX) {
            count("group.drop.pending");
            return;
        }
        if (held.isEmpty()) {
            runtime.timers().schedule(GroupAudience.OPENING_NANOS, this::release);
        }
        held.add(new Held(group, packet));
    }

    /** Those who want what was held have reported by now, or will be late. */
    private void release() {
        List<Held> waited = new ArrayList<>(held);
        held.clear();
        long now = runtime.clock().nanoTime();
        for (Held each : waited) {
            List<Integer> members = closed ? List.of() : audience.members(each.group());
            if (mayCopy((long) each.packet().length * members.size(), now)) {
                members.forEach(member -> copies.send(member, each.packet().clone()));
            }
        }
    }

    private boolean mayCopy(long bytes, long nowNanos) {
        if (copyRate.available(nowNanos) < bytes) {
            count("group.drop.rate");
            return false;
        }
        copyRate.spend(bytes);
        return true;
    }

    private GroupAddress groupOf(IpPacket packet) {
        boolean everybody = packet.version() == 4 && network.isBroadcast4(packet.destination4());
        return everybody ? GroupAddress.BROADCAST : GroupAddress.of(packet);
    }

    /** Addresses are given out by this program, and by nobody at the far end of it. */
    private static boolean isAddressing(byte[] buffer, IpPacket packet) {
        if (packet.protocol() != IpPacket.PROTOCOL_UDP || packet.transportHeaderLength() == 0) {
            return false;
        }
        int port = BigEndian.getShort(buffer, packet.transportOffset() + 2);
        return (port >= DHCP_PORT && port <= DHCP_PORT + 1) || (port >= DHCP_6_PORT && port <= DHCP_6_PORT + 1);
    }

    private void onReports(byte[] buffer, IpPacket packet) {
        List<GroupReport> reports = GroupReports.read(buffer, packet);
        if (reports == null) {
            count("group.drop.malformed");
            return;
        }
        long now = runtime.clock().nanoTime();
        for (GroupReport report : reports) {
            if (wanted.onReport(report, now)) {
                tellAll(WANTED, report.group());
            }
            if (!report.wanted() && wanted.contains(report.group())) {
                queryEarly = true;
            }
        }
    }

    private void tellAll(String kind, GroupAddress group) {
        byte[] notice = GroupNotice.newBuilder()
                .setGroup(ByteString.copyFrom(group.toByteArray()))
                .setIpv4(network.ipv4())
                .build()
                .toByteArray();
        if (!routes.ring().broadcasts().send(kind, notice)) {
            count("group.drop.rate");
        }
    }

    // -------------------------------------------------------------------- from members

    @Override
    public boolean isWanted(IpPacket packet) {
        GroupAddress group = groupOf(packet);
        return group.reach() == GroupAddress.Reach.ALL || wanted.contains(group);
    }

    @Override
    public boolean onReceived(MemberRoute from, byte[] buffer, IpPacket packet) {
        long now = runtime.clock().nanoTime();
        if (GroupReports.isAboutGroups(buffer, packet)) {
            List<GroupReport> reports = GroupReports.read(buffer, packet);
            if (reports == null) {
                count("group.drop.malformed");
            } else {
                reports.forEach(report -> audience.onReport(report, from.ipv4(), now));
            }
            return true;
        }
        GroupAddress group = GroupAddress.of(packet);
        if (group.reach() != GroupAddress.Reach.WANTED) {
            return false;
        }
        // Our hosts wanted it once; that this is over was lost, or is on its way.
        count("group.unwanted");
        if (unwantedRate.tryTake(now)) {
            report(new GroupReport(group, false), from.ipv4(), now);
        }
        return true;
    }

    private void onPacket(Broadcast broadcast) {
        if (closed) {
            return;
        }
        signed.open(broadcast.payload(), this::isTaken, (source, kind, packet) -> {
            if (!closed) {
                plane.onPacket(source, kind, packet, 0, packet.length, 0);
                plane.onBatchEnd();
                reportIfWanted(packet, source.ipv4());
            }
        });
    }

    /** What is not for our hosts is passed on, and not looked at any further. */
    private boolean isTaken(byte[] packet) {
        return arrived.parse(packet, 0, packet.length) && isWanted(arrived);
    }

    private void reportIfWanted(byte[] packet, int source) {
        if (arrived.parse(packet, 0, packet.length)) {
            GroupAddress group = groupOf(arrived);
            if (group.reach() == GroupAddress.Reach.WANTED) {
                report(new GroupReport(group, true), source, runtime.clock().nanoTime());
            }
        }
    }

    private void onSentNotice(Broadcast broadcast) {
        GroupNotice notice = parse(broadcast);
        GroupAddress group =
                notice == null ? null : GroupAddress.of(notice.getGroup().toByteArray());
        if (notice != null && group != null && wanted.contains(group)) {
            report(
                    new GroupReport(group, true),
                    notice.getIpv4(),
                    runtime.clock().nanoTime());
        }
    }

    private void onWantedNotice(Broadcast broadcast) {
        GroupNotice notice = parse(broadcast);
        GroupAddress group =
                notice == null ? null : GroupAddress.of(notice.getGroup().toByteArray());
        if (group != null) {
            audience.hurry(group, runtime.clock().nanoTime());
        }
    }

    private @Nullable GroupNotice parse(Broadcast broadcast) {
        try {
            return closed ? null : GroupNotice.parseFrom(broadcast.payload());
        } catch (InvalidProtocolBufferException e) {
            count("group.drop.malformed");
            return null;
        }
    }

    // ----------------------------------------------------------------------- reporting

    private void report(GroupReport report, int ipv4, long nowNanos) {
        Told key = new Told(report.group(), ipv4);
        Long last = told.get(key);
        boolean lately = last != null && nowNanos - last < GroupAudience.REPORT_NANOS;
        if (!network.isMember4(ipv4) || (report.wanted() && lately)) {
            return;
        }
        told.remove(key);
        if (report.wanted()) {
            told.put(key, nowNanos);
            if (told.size() > TOLD_MAX) {
                told.remove(told.keySet().iterator().next());
            }
        }
        send(report, ipv4);
    }

    private void send(GroupReport report, int ipv4) {
        copies.send(
                ipv4,
                GroupMessages.report(report, network.ipv4(), network.ulaHigh(), VirtualNetwork.ulaLow(network.ipv4())));
    }

    /** Asks our hosts in time, and gives back what they want no more. */
    private void look() {
        long now = runtime.clock().nanoTime();
        if (queryEarly || now - queryNanos >= 0) {
            queryEarly = false;
            queryNanos = now + LocalGroups.QUERY_SECONDS * SECOND_NANOS;
            ask(GroupMessages.query4(LocalGroups.QUERY_SECONDS));
            ask(GroupMessages.query6(VirtualNetwork.ulaLow(network.ipv4()), LocalGroups.QUERY_SECONDS));
        }
        List<GroupAddress> lapsed = wanted.lapse(now);
        if (!lapsed.isEmpty()) {
            for (Told each : new ArrayList<>(told.keySet())) {
                if (lapsed.contains(each.group())) {
                    told.remove(each);
                    send(new GroupReport(each.group(), false), each.ipv4());
                }
            }
        }
        copies.lapse(now);
        lookTimer = runtime.timers().schedule(LOOK_NANOS, this::look);
    }

    private void ask(byte[] query) {
        if (!device.write(query, 0, query.length)) {
            count("data.drop.device");
        }
    }

    void close() {
        closed = true;
        lookTimer.cancel();
        copies.close();
    }

    private void count(String what) {
        Counters counters = runtime.counters();
        counters.counter(what).increment();
    }
}
