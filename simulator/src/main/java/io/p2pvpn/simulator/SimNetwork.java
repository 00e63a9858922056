package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.Counters.Counter;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Transport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The hosts of a world and everything between them. Confined to the world's thread.
 *
 * <p>What becomes of frames is counted in {@link #counters} under {@code sim.*}: each datagram sent is delivered or
 * dropped for one reason, and a duplicate counts as one more sent.
 */
public final class SimNetwork {
    /** The port of hosts that get their address from the network. */
    public static final int DEFAULT_PORT = 4001;

    /** 11.0.0.0: stands for public addresses, and keeps clear of what VPNs hand out. */
    private static final int ADDRESS_BASE = 11 << 24;

    /** 12.0.0.0: the outsides of NAT boxes. */
    private static final int NAT_ADDRESS_BASE = 12 << 24;

    private static final int HEADERS_IPV4_BYTES = 28;
    private static final int HEADERS_IPV6_BYTES = 48;

    /** The least retransmission time-out of Linux. */
    private static final long STREAM_RETRANSMIT_NANOS = 200_000_000;

    private final SimWorld world;
    private final LinkTable links = new LinkTable();
    private final List<SimHost> hosts = new ArrayList<>();
    private final List<Tap> taps = new ArrayList<>();
    private final Realm publicRealm = new Realm(null);

    private int nats;
    private boolean isBatchReceiving;
    private long clockSkewMillis;
    private long uplinkBytesPerSecond;

    SimNetwork(SimWorld world) {
        this.world = world;
    }

    /** The world around. */
    public SimWorld world() {
        return world;
    }

    /** All hosts, by id. */
    public List<SimHost> hosts() {
        return Collections.unmodifiableList(hosts);
    }

    /** What became of all frames so far; of a divided world those of its regions, added up now. */
    public Counters counters() {
        List<Region> regions = world.regions();
        return regions.size() == 1
                ? regions.get(0).counters().all
                : added(regions.stream().map(region -> region.counters().all));
    }

    /** What the nodes have counted that were started since {@link #setSharedCounters}, added up now. */
    public Counters sharedCounters() {
        return added(world.regions().stream().map(Region::nodeCounters).filter(Objects::nonNull));
    }

    private static Counters added(Stream<@Nullable Counters> parts) {
        Counters sum = new Counters();
        parts.forEach(part ->
                part.snapshot().forEach((name, value) -> sum.counter(name).add(value)));
        return sum;
    }

    /** Adds a host with an IPv4 address of its own, port {@value #DEFAULT_PORT}. */
    public SimHost addHost(String name) {
        int address = ADDRESS_BASE + hosts.size() + 1;
        byte[] bytes = {(byte) (address >>> 24), (byte) (address >>> 16), (byte) (address >>> 8), (byte) address};
        Endpoint endpoint = Endpoint.of(Endpoint.Kind.UDP, bytes, DEFAULT_PORT);
        if (endpoint == null) {
            throw new IllegalStateException("no endpoint for host " + hosts.size());
        }
        return addHost(name, endpoint);
    }

    /** Adds a host with these UDP endpoints, at least one; nobody else may have them. */
    public SimHost addHost(String name, Endpoint... addresses) {
        return addHost(publicRealm, name, addresses);
    }

    SimHost addHost(Realm realm, String name, Endpoint... addresses) {
        SimHost host = new SimHost(this, realm, hosts.size(), name, List.of(addresses));
        if (clockSkewMillis > 0) {
            host.setWallClockSkewMillis((long) ((2 * world.current().dice().nextUnit() - 1) * clockSkewMillis));
        }
        host.setUplinkBytesPerSecond(uplinkBytesPerSecond);
        realm.bind(host, host.addresses());
        hosts.add(host);
        return host;
    }

    /** Adds a NAT box with a public address of its own. */
    public SimNat addNat(NatBehaviour behaviour) {
        int address = NAT_ADDRESS_BASE + nats + 1;
        byte[] bytes = {(byte) (address >>> 24), (byte) (address >>> 16), (byte) (address >>> 8), (byte) address};
        Endpoint outside = Endpoint.of(Endpoint.Kind.UDP, bytes, DEFAULT_PORT);
        if (outside == null) {
            throw new IllegalStateException("no endpoint for box " + nats);
        }
        return addNat(publicRealm, outside, behaviour);
    }

    SimNat addNat(Realm around, Endpoint outside, NatBehaviour behaviour) {
        if (world.isDivided()) {
            throw new IllegalStateException("what is behind a box may be in several regions");
        }
        return new SimNat(this, around, outside, behaviour, Hashes.mix64(world.seed() ^ ++nats));
    }

    /**
     * What hosts added from now on are like.
     *
     * @param newClockSkewMillis by how much their wall clocks are wrong at most, either way; each draws
     * @param newUplinkBytesPerSecond as {@link SimHost#setUplinkBytesPerSecond}
     */
    public void setHostDefaults(long newClockSkewMillis, long newUplinkBytesPerSecond) {
        clockSkewMillis = newClockSkewMillis;
        uplinkBytesPerSecond = newUplinkBytesPerSecond;
    }

    /** The host that has this public address now, or null. */
    public @Nullable SimHost hostAt(Endpoint address) {
        return publicRealm.hostAt(address);
    }

    /** What every way is like for which no link of its own is set; {@link LinkModel#CLEAN} at first. */
    public void setDefaultLink(LinkModel model) {
        links.setPolicy((from, to) -> model);
    }

    /** Like {@link #setDefaultLink}, computed for each way. */
    public void setLinkPolicy(LinkPolicy policy) {
        links.setPolicy(policy);
    }

    /** Sets one direction of one way, whatever the default. */
    public void setLink(SimHost from, SimHost to, LinkModel model) {
        links.setModel(from, to, model);
    }

    /** Lets nothing arrive from one host at another for {@code durationNanos}; then all that waited arrives. */
    public void clog(SimHost from, SimHost to, long durationNanos) {
        links.clog(from, to, SimWorld.saturatedAdd(world.nanoTime(), SimWorld.checkedDelay(durationNanos)));
    }

    /** Cuts two sets of hosts off from each other, in both directions and at once. */
    public Partition partition(Collection<SimHost> one, Collection<SimHost> other) {
        return add(new Partition(one, other, true));
    }

    /** Cuts the one direction only. */
    public Partition partitionOneWay(Collection<SimHost> senders, Collection<SimHost> receivers) {
        return add(new Partition(senders, receivers, false));
    }

    /** Cuts a set of hosts off from all others, those to come included. */
    public Partition isolate(Collection<SimHost> island) {
        return add(new Partition(island, null, true));
    }

    /** Ends one partition. */
    public void heal(Partition partition) {
        links.remove(partition);
    }

    /** Ends all partitions. */
    public void healAll() {
        links.removePartitions();
    }

    /** Lets {@code tap} see every frame sent from now on; taps work in the order in which they were added. */
    public void addTap(Tap tap) {
        taps.add(tap);
    }

    /** Takes a tap away. */
    public void removeTap(Tap tap) {
        taps.remove(tap);
    }

    /**
     * Lets a datagram arrive at once, whoever is said to have sent it: as an attacker's would, untouched by links,
     * partitions and taps.
     */
    public void inject(Endpoint from, Endpoint to, byte[] frame) {
        if (frame.length > Transport.BATCH_BYTES_MAX) {
            throw new IllegalArgumentException("too long for a datagram: " + frame.length);
        }
        world.current().counters().sent.increment();
        SimHost aim = hostAt(to);
        SimDatagram datagram = new SimDatagram(
                SimDatagram.INJECTED, publicRealm, from, to, frame.clone(), Transport.CLASS_DEFAULT, aim);
        world.schedule(aim, world.nanoTime(), datagram);
    }

    /** With true, datagrams of one sender that arrive at one instant are handed over as one batch, as UDP_GRO does. */
    public void setBatchReceiving(boolean newBatchReceiving) {
        isBatchReceiving = newBatchReceiving;
    }

    /** With true, nodes started from now on count into one common {@link Counters}: saves memory in large worlds. */
    public void setSharedCounters(boolean isShared) {
        world.regions().forEach(region -> region.setNodeCounters(isShared ? new Counters() : null));
    }

    LinkTable links() {
        return links;
    }

    boolean hasTaps() {
        return !taps.isEmpty();
    }

    /** How long a frame of a stream takes from one host to another, one retransmission included if it is due. */
    long drawStreamDelayNanos(SimHost from, SimHost to) {
        LinkModel link = links.model(from, to);
        Dice dice = world.current().dice();
        long delayNanos = link.drawDelayNanos(dice);
        return dice.happens(link.lossProbability()) ? delayNanos + STREAM_RETRANSMIT_NANOS : delayNanos;
    }

    /** Whom a stream of {@code from} to that endpoint reaches: streams go out through NAT boxes, and not in. */
    @Nullable
    SimHost streamTarget(SimHost from, Endpoint remote) {
        Realm realm = from.realm();
        SimNat gateway = realm.gateway();
        while (gateway != null && realm.streamHostAt(remote) == null) {
            if (!gateway.passesStreamsTo(remote.port())) {
                return null;
            }
            realm = gateway.around();
            gateway = realm.gateway();
        }
        return realm.streamHostAt(remote);
    }

    /** True while nothing gets from one host to another, however often it is sent. */
    boolean isBlocked(SimHost from, SimHost to) {
        boolean isAnyoneAway = !from.isUp() || from.isAsleep() || !to.isUp() || to.isAsleep();
        return isAnyoneAway
                || links.isPartitioned(from.id(), to.id())
                || links.model(from, to).lossProbability() >= 1;
    }

    List<Endpoint> rebind(SimHost host, List<Endpoint> addresses) {
        if (world.isDivided()) {
            throw new IllegalStateException("datagrams to " + host + " may be on their way to another region");
        }
        host.realm().unbind(host.addresses());
        host.realm().bind(host, addresses);
        return addresses;
    }

    /** The frame as the taps leave it, or null. */
    byte @Nullable [] tapped(Endpoint from, Endpoint to, byte[] frame) {
        byte[] current = frame;
        for (int i = 0; i < taps.size() && current != null; i++) {
            current = taps.get(i).onFrame(world.nanoTime(), from, to, current);
        }
        return current;
    }

    private int tappedClass(Endpoint from, Endpoint to, int trafficClass) {
        int current = trafficClass;
        for (int i = 0; i < taps.size(); i++) {
            current = taps.get(i).onTrafficClass(from, to, current);
        }
        return current;
    }

    /** Sends the frames of a batch as datagrams, from the host's own port or, unless that is 0, from another. */
    void sendDatagrams(SimHost sender, int port, Endpoint to, byte[] buffer, FrameCutter frames, int trafficClass) {
        Endpoint main = sender.sourceFor(to);
        Endpoint own = main == null || port == 0 ? main : Endpoint.of(Endpoint.Kind.UDP, main.address(), port);
        NatWay way = own == null ? null : NatWay.out(sender.realm(), own, to);
        SimHost receiver = way == null ? null : way.guess(to);
        LinkModel link = receiver == null ? LinkModel.CLEAN : links.model(sender, receiver);
        int receiverId = receiver == null ? SimDatagram.INJECTED : receiver.id();
        Region here = sender.region();
        NetworkCounters counters = here.counters();
        long delayNanos = link.drawDelayNanos(here.dice());
        while (frames.hasNext()) {
            byte[] frame = frames.next(buffer);
            counters.sent.increment();
            if (way == null || !sender.isUp()) {
                boolean isSwallowed = own != null && sender.isUp();
                drop(isSwallowed ? counters.dropByNat : counters.dropByDown, sender.id(), receiverId, frame);
                continue;
            }
            Endpoint from = way.source();
            byte[] tapped = !hasTaps() ? frame : tapped(from, to, frame);
            long queuedNanos = tapped == null ? 0 : sender.queueNanos(tapped.length + HEADERS_IPV4_BYTES);
            if (queuedNanos < 0) {
                drop(counters.dropByQueue, sender.id(), receiverId, frame);
            } else if (tapped == null) {
                drop(counters.dropByTap, sender.id(), receiverId, frame);
            } else {
                int tappedClass = tappedClass(from, to, trafficClass);
                transmit(
                        new SimDatagram(sender.id(), way.realm(), from, to, tapped, tappedClass, receiver),
                        link,
                        here,
                        queuedNanos + delayNanos);
            }
        }
    }

    private void transmit(SimDatagram datagram, LinkModel link, Region here, long delayNanos) {
        SimHost aim = datagram.aim();
        int receiverId = aim == null ? SimDatagram.INJECTED : aim.id();
        int headersBytes = datagram.to().isIpv6() ? HEADERS_IPV6_BYTES : HEADERS_IPV4_BYTES;
        NetworkCounters counters = here.counters();
        if (datagram.bytes().length + headersBytes > link.mtuBytes()) {
            drop(counters.dropByMtu, datagram.sender(), receiverId, datagram.bytes());
        } else if (aim != null && links.isPartitioned(datagram.sender(), receiverId)) {
            drop(counters.dropByPartition, datagram.sender(), receiverId, datagram.bytes());
        } else if (here.dice().happens(link.lossProbability())) {
            drop(counters.dropByLoss, datagram.sender(), receiverId, datagram.bytes());
        } else {
            scheduleArrival(datagram, link, here, delayNanos);
            if (here.dice().happens(link.duplicateProbability())) {
                counters.sent.increment();
                scheduleArrival(datagram, link, here, link.drawDelayNanos(here.dice()));
            }
        }
    }

    private void scheduleArrival(SimDatagram datagram, LinkModel link, Region here, long delayNanos) {
        long heldBackNanos = 0;
        if (here.dice().happens(link.reorderProbability())) {
            heldBackNanos = (long) (here.dice().nextUnit() * link.reorderMaxNanos());
        }
        world.schedule(datagram.aim(), here.nowNanos() + delayNanos + heldBackNanos, datagram);
    }

    /** A datagram is due; it is delivered, dropped or put off. */
    void arrive(SimDatagram datagram, long sequence) {
        NatWay.End end = endOf(datagram);
        SimHost receiver = end == null ? null : end.host();
        long arrivalNanos = receiver == null ? world.nanoTime() : arrivalNanos(datagram, receiver);
        if (arrivalNanos > world.nanoTime()) {
            world.putOff(arrivalNanos, sequence, datagram);
            return;
        }
        SimTransport transport = receiverOrDrop(datagram, receiver);
        if (transport == null || end == null) {
            return;
        }
        Region here = world.current();
        ReceiveBuffer buffer = here.receiveBuffer();
        buffer.start(datagram.bytes(), datagram.trafficClass());
        while (isBatchReceiving && hasFollower(datagram, transport, here)) {
            here.takeFirst();
        }
        transport.deliver(datagram.from(), end.local().port(), buffer);
    }

    private NatWay.@Nullable End endOf(SimDatagram datagram) {
        SimHost aim = datagram.aim();
        if (aim != null && aim.realm() == datagram.realm() && aim.address().equals(datagram.to())) {
            return new NatWay.End(aim, datagram.to());
        }
        return NatWay.in(datagram.realm(), datagram.from(), datagram.to());
    }

    /** The earliest time at which this datagram, due now, can be handed over: later in a clog or a pause. */
    private long arrivalNanos(SimDatagram datagram, SimHost receiver) {
        long nowNanos = world.nanoTime();
        return datagram.sender() == SimDatagram.INJECTED
                ? receiver.attentiveNanos()
                : Math.max(links.passableNanos(datagram.sender(), receiver.id(), nowNanos), receiver.attentiveNanos());
    }

    /** Counts a delivery or the reason why there is none. */
    private @Nullable SimTransport receiverOrDrop(SimDatagram datagram, @Nullable SimHost receiver) {
        SimRuntime runtime = receiver == null ? null : receiver.runtime();
        int receiverId = receiver == null ? SimDatagram.INJECTED : receiver.id();
        NetworkCounters counters = world.current().counters();
        if (receiver != null && (!receiver.isUp() || receiver.isAsleep())) {
            drop(counters.dropByDown, datagram.sender(), receiverId, datagram.bytes());
        } else if (receiver != null
                && datagram.sender() != SimDatagram.INJECTED
                && links.isPartitioned(datagram.sender(), receiverId)) {
            drop(counters.dropByPartition, datagram.sender(), receiverId, datagram.bytes());
        } else if (runtime == null || !runtime.transport().hasReceiver()) {
            drop(counters.dropByUnheard, datagram.sender(), receiverId, datagram.bytes());
        } else {
            counters.delivered.increment();
            world.record(History.DELIVERED, datagram.sender(), receiverId, datagram.bytes());
            return runtime.transport();
        }
        return null;
    }

    /** Takes the next datagram into the batch if it arrives with this one. */
    private boolean hasFollower(SimDatagram first, SimTransport transport, Region here) {
        if (here.peekNow() instanceof SimDatagram next
                && next.sender() == first.sender()
                && next.from().equals(first.from())
                && next.to().equals(first.to())
                && here.receiveBuffer().append(next.bytes(), next.trafficClass())) {
            here.counters().delivered.increment();
            world.record(
                    History.DELIVERED, next.sender(), transport.runtime().host().id(), next.bytes());
            return true;
        }
        return false;
    }

    private void drop(Counter reason, int from, int to, byte[] frame) {
        reason.increment();
        world.record(History.LOST, from, to, frame);
    }

    private Partition add(Partition partition) {
        links.add(partition);
        return partition;
    }
}
