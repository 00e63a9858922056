package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import io.p2pvpn.dht.Dht;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingConfig;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.Endpoints;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.trust.NamespaceAuthority;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.tun.TunException;
import io.p2pvpn.vpn.wire.proto.MemberValue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One namespace on this node, from its name to packets: {@link NamespaceSearch} finds or founds it, the private ring is
 * joined, an address taken, the device opened. Confined to the node's loop.
 */
public final class Membership {
    private static final int MEMBER_TTL_SECONDS = 3600;
    private static final long REFRESH_NANOS = 30_000_000_000L;
    private static final long CONFIRM_NANOS = 1_500_000_000L;

    private final OverlayNode node;
    private final NodeRuntime runtime;
    private final Identity identity;
    private final MembershipOptions options;
    private final MembershipListener listener;
    private final DeviceProvider devices;
    private final int channel;
    private final NamespaceStore store;
    private final Doors doors;
    private NamespaceSearch search;
    private MembershipState state = MembershipState.JOINING;
    private NamespaceStore.@Nullable Kept kept;
    private @Nullable Ring ring;
    private @Nullable Dht dht;
    private @Nullable Directory directory;
    private @Nullable DoorKeeper doorKeeper;
    private @Nullable PacketRoutes routes;
    private @Nullable Leases leases;
    private @Nullable VirtualDevice device;
    private @Nullable OverlayId expectedId;
    private int ipv4;
    private List<Endpoint> publishedEndpoints = List.of();
    private boolean upkeep;
    private boolean closed;

    /**
     * A membership that has not begun.
     *
     * @param channel the number under which peers send us this namespace's packets
     */
    public Membership(
            OverlayNode node,
            Dht publicDht,
            Identity identity,
            MembershipOptions options,
            DeviceProvider devices,
            int channel,
            MembershipListener listener) {
        this.node = node;
        this.runtime = node.runtime();
        this.identity = identity;
        this.options = options;
        this.devices = devices;
        this.channel = channel;
        this.listener = listener;
        this.store = new NamespaceStore(runtime.store(), options.name());
        this.doors = new Doors(runtime, publicDht, options.name());
        this.search = new NamespaceSearch(node, identity, doors, options, new SearchResult());
    }

    // -------------------------------------------------------------------- beginning

    /** Begins: what the state directory knows of the namespace counts. */
    public void start() {
        try {
            kept = store.read();
        } catch (ControlException damaged) {
            fail(damaged);
            return;
        }
        NamespaceDescriptor known = kept == null ? null : kept.descriptor();
        node.publicRing().onJoined(() -> {
            if (ring == null && !closed) {
                search.start(known);
            }
        });
    }

    private final class SearchResult implements NamespaceSearch.Listener {
        @Override
        public void onMember(NamespaceDescriptor descriptor, byte[] certificate, List<Contact> members) {
            NamespaceStore.Kept before = kept;
            NamespaceAuthority authority = before == null ? null : before.authority();
            ByteString ours =
                    before != null && certificate.length == 0 ? before.certificate() : ByteString.copyFrom(certificate);
            enter(new NamespaceStore.Kept(descriptor, authority, ours, before == null ? 0 : before.ipv4()), members);
        }

        @Override
        public void onAlone() {
            NamespaceStore.Kept before = kept;
            if (before != null) {
                enter(before, List.of());
                return;
            }
            change(MembershipState.FOUNDING);
            try {
                foundUnlessBeaten(Founding.found(runtime, identity, options, taken()));
            } catch (ControlException reason) {
                fail(reason);
            }
        }

        @Override
        public void onWaiting(OverlayId overlayId) {
            expectedId = overlayId;
            change(MembershipState.WAITING_APPROVAL);
        }

        @Override
        public void onFailed(ControlException reason) {
            fail(reason);
        }
    }

    /**
     * Shows our door, and looks again when everybody who came at the same moment has had time to show theirs: of two
     * founders the smaller ID stays. Nobody is admitted before that.
     */
    private void foundUnlessBeaten(NamespaceStore.Kept founded) {
        Completions.whenDone(
                runtime.timers(), doors.publish(founded.descriptor().id(), node.candidates()), (published, failure) -> {
                    if (failure != null) {
                        searchAnew();
                    } else {
                        runtime.timers().schedule(CONFIRM_NANOS, () -> confirm(founded));
                    }
                });
    }

    private void confirm(NamespaceStore.Kept founded) {
        OverlayId id = founded.descriptor().id();
        Completions.whenDone(runtime.timers(), doors.find(), (found, failure) -> {
            if (closed) {
                return;
            }
            if (failure != null || !found.conclusive()) {
                runtime.timers().schedule(CONFIRM_NANOS, () -> confirm(founded));
            } else if (found.beats(id)) {
                searchAnew();
            } else {
                listener.onNotice("founded " + options.name() + "@" + id + " ("
                        + (options.open() ? "open to everybody" : "by approval") + "), addresses from "
                        + founded.descriptor().prefix());
                enter(founded, List.of());
            }
        });
    }

    /** Prefixes that a namespace of ours must not meet: those of this host, and those that our peers are in. */
    private List<Cidr> taken() throws ControlException {
        try {
            return Founding.taken(devices.localPrefixes(), node.sessions().sessions());
        } catch (TunException e) {
            throw new ControlException(ControlException.Kind.FAILED, String.valueOf(e.getMessage()), e);
        }
    }

    private void enter(NamespaceStore.Kept entered, List<Contact> members) {
        kept = entered;
        NamespaceDescriptor descriptor = entered.descriptor();
        byte[] id = descriptor.id().toByteArray();
        byte[] salt = descriptor.salt();
        NamespaceAdmission admission = new NamespaceAdmission(
                descriptor,
                identity,
                entered.certificate().toByteArray(),
                runtime.clock(),
                () -> MemberNotes.encode(ipv4, options.hostName()));
        OverlayId self = identity.publicIdentity().privateId(salt);
        Ring entering = node.addRing(new RingConfig(id, self, admission, channel));
        Dht namespaceDht = new Dht(
                runtime, entering, id, identity, entry -> admission.entitles(entry.credential(), entry.owner()));
        namespaceDht.setCredential(entered.certificate().toByteArray());
        Directory names = new Directory(runtime, namespaceDht);
        ring = entering;
        dht = namespaceDht;
        directory = names;
        routes = new PacketRoutes(runtime, entering, node.links(), names, salt, descriptor.ulaHigh());
        doorKeeper = new DoorKeeper(node, doors, entering, descriptor, entered.authority() != null, this::searchAnew);
        leases = new Leases(
                runtime,
                namespaceDht,
                descriptor.prefix(),
                identity.publicIdentity(),
                options.hostName(),
                this::onLeaseLost);
        if (state == MembershipState.WAITING_APPROVAL) {
            change(MembershipState.JOINING);
        }
        entering.onJoined(this::takeAddress);
        if (members.isEmpty()) {
            entering.found();
        } else {
            entering.join(members);
        }
        listener.onChange(this);
    }

    // ---------------------------------------------------------------------- address

    private void takeAddress() {
        Leases claims = leases;
        NamespaceStore.Kept entered = kept;
        if (claims == null || entered == null || closed) {
            return;
        }
        Completions.whenDone(runtime.timers(), claims.take(options.ipv4(), entered.ipv4()), (address, failure) -> {
            if (closed) {
                return;
            }
            if (failure == null) {
                onAddress(address);
            } else {
                Throwable cause = failure.getCause() == null ? failure : failure.getCause();
                fail(
                        cause instanceof ControlException known
                                ? known
                                : new ControlException(
                                        ControlException.Kind.FAILED, String.valueOf(cause.getMessage())));
            }
        });
    }

    private void onAddress(int address) {
        NamespaceStore.Kept entered = kept;
        PacketRoutes packetRoutes = routes;
        if (entered == null || packetRoutes == null) {
            return;
        }
        ipv4 = address;
        kept = new NamespaceStore.Kept(entered.descriptor(), entered.authority(), entered.certificate(), address);
        store.write(kept).exceptionally(failure -> {
            listener.onNotice("cannot write the state of " + options.name() + ": " + failure.getMessage()
                    + "; free space on the disk, or the address may change at the next start");
            return null;
        });
        try {
            if (options.withDevice()) {
                device = VirtualDevice.open(
                        runtime, devices, options, entered.descriptor(), address, packetRoutes, this::onDeviceGone);
            }
        } catch (TunException e) {
            fail(new ControlException(
                    e.isNotPermitted() ? ControlException.Kind.NOT_PERMITTED : ControlException.Kind.FAILED,
                    String.valueOf(e.getMessage()),
                    e));
            return;
        }
        change(MembershipState.JOINED);
        publish();
        Leases claims = leases;
        if (claims != null) {
            claims.takeName(address).exceptionally(failure -> {
                listener.onNotice("the name " + options.hostName() + " is taken in " + options.name()
                        + ": this node is reachable by its address only; choose another with --name");
                return null;
            });
        }
        if (doorKeeper != null) {
            doorKeeper.start();
        }
        if (!upkeep) {
            upkeep = true;
            runtime.timers().schedule(REFRESH_NANOS, this::refresh);
        }
    }

    private void onDeviceGone(String name) {
        fail(new ControlException(
                ControlException.Kind.FAILED,
                "the device " + name + " was removed by somebody else: start the node again"));
    }

    private void onLeaseLost() {
        if (closed) {
            return;
        }
        listener.onNotice("another member of " + options.name() + " holds " + Addresses.text4(ipv4)
                + " by an older right: taking another address");
        closeDevice();
        change(MembershipState.JOINING);
        takeAddress();
    }

    // ------------------------------------------------------------------- publishing

    private void publish() {
        Ring joined = ring;
        Dht namespaceDht = dht;
        if (joined == null || namespaceDht == null || closed) {
            return;
        }
        List<Endpoint> endpoints = node.candidates();
        publishedEndpoints = endpoints;
        byte[] member = MemberValue.newBuilder()
                .setIpv4(ipv4)
                .setHostName(options.hostName())
                .setEndpoints(Endpoints.encode(endpoints))
                .build()
                .toByteArray();
        namespaceDht
                .put(Directory.memberKey(joined.self()), member, MEMBER_TTL_SECONDS)
                .exceptionally(failure -> {
                    publishedEndpoints = List.of();
                    return null;
                });
    }

    private void refresh() {
        if (!closed) {
            if (!node.candidates().equals(publishedEndpoints)) {
                publish();
            }
            runtime.timers().schedule(REFRESH_NANOS, this::refresh);
        }
    }

    private void searchAnew() {
        closeDevice();
        closeRing();
        kept = null;
        ipv4 = 0;
        change(MembershipState.JOINING);
        CompletableFuture<?> cleared = CompletableFuture.allOf(
                store.remove().exceptionally(failure -> null), doors.remove().exceptionally(failure -> null));
        Completions.whenDone(runtime.timers(), cleared, (done, failure) -> {
            search = new NamespaceSearch(node, identity, doors, options, new SearchResult());
            search.start(null);
        });
    }

    // ----------------------------------------------------------------------- events

    /** A newcomer asks to be let in: what it needs, or that it has to wait. */
    public CompletableFuture<KnockAnswer> onKnock() {
        Ring joined = ring;
        NamespaceStore.Kept entered = kept;
        if (joined == null || entered == null || !joined.isJoined()) {
            return CompletableFuture.failedFuture(
                    new ControlException(ControlException.Kind.FAILED, "not a member of that namespace"));
        }
        if (!entered.descriptor().open()) {
            return CompletableFuture.completedFuture(new KnockAnswer(entered.descriptor(), true, List.of()));
        }
        List<Contact> members = new ArrayList<>();
        members.add(new Contact(joined.self(), identity.publicIdentity(), node.candidates()));
        joined.successors().forEach(members::add);
        return CompletableFuture.completedFuture(new KnockAnswer(entered.descriptor(), false, members));
    }

    /** A packet for this namespace's channel. */
    public void onPacket(Session from, int kind, byte[] buffer, int offset, int length) {
        if (routes != null) {
            routes.onPacket(from, kind, buffer, offset, length);
        }
    }

    /** Everything that was waiting has been handed over. */
    public void onBatchEnd() {
        if (device != null) {
            device.onBatchEnd();
        }
    }

    /** The transport takes frames again. */
    public void onWritable() {
        if (device != null) {
            device.onWritable();
        }
    }

    /** A session is over. */
    public void onDown(Session session) {
        if (routes != null) {
            routes.onDown(session);
        }
    }

    /** Nobody answered there. */
    public void onLinkFailed(OverlayId nodeId) {
        if (routes != null) {
            routes.onLinkFailed(nodeId);
        }
    }

    // ----------------------------------------------------------------------- ending

    private void fail(ControlException reason) {
        if (!closed) {
            listener.onFailed(this, reason);
        }
    }

    private void change(MembershipState next) {
        if (state != next) {
            state = next;
            listener.onChange(this);
        }
    }

    private void closeDevice() {
        if (device != null) {
            device.close();
            device = null;
        }
    }

    /**
     * Ends the membership on this node.
     *
     * @param forGood gives up lease, name, door and stored state too, instead of keeping them for the next start
     */
    public CompletableFuture<Void> close(boolean forGood) {
        if (closed) {
            return CompletableFuture.completedFuture(null);
        }
        closed = true;
        search.stop();
        closeDevice();
        CompletableFuture<?> given = CompletableFuture.completedFuture(null);
        Ring joined = ring;
        if (forGood && leases != null && dht != null && joined != null) {
            given = CompletableFuture.allOf(
                    leases.release(ipv4).exceptionally(failure -> null),
                    dht.remove(Directory.memberKey(joined.self())).exceptionally(failure -> null),
                    doors.remove().exceptionally(failure -> null),
                    store.remove().exceptionally(failure -> null));
        }
        return given.handle((done, failure) -> {
            closeRing();
            return null;
        });
    }

    private void closeRing() {
        if (doorKeeper != null) {
            doorKeeper.close();
            doorKeeper = null;
        }
        if (routes != null) {
            routes.close();
            routes = null;
        }
        if (dht != null) {
            dht.close();
            dht = null;
        }
        if (kept != null) {
            node.removeRing(kept.descriptor().id().toByteArray());
        }
        ring = null;
        directory = null;
        leases = null;
    }

    // ------------------------------------------------------------------------ facts

    /** What was asked for. */
    public MembershipOptions options() {
        return options;
    }

    /** How far it has come. */
    public MembershipState state() {
        return state;
    }

    /** What defines the namespace, once it is known. */
    public @Nullable NamespaceDescriptor descriptor() {
        return kept == null ? null : kept.descriptor();
    }

    /** True if this node founded it. */
    public boolean isFounder() {
        return kept != null && kept.authority() != null;
    }

    /** Our ID in its ring, once it is known. */
    public @Nullable OverlayId overlayId() {
        return ring == null ? expectedId : ring.self();
    }

    /** Its ring, once it is entered. */
    public @Nullable Ring ring() {
        return ring;
    }

    /** Its DHT, once it is entered. */
    public @Nullable Dht dht() {
        return dht;
    }

    /** Its look-ups, once it is entered. */
    public @Nullable Directory directory() {
        return directory;
    }

    /** Our virtual address, 0 while there is none. */
    public int ipv4() {
        return ipv4;
    }

    /** Its device's name, or null without one. */
    public @Nullable String deviceName() {
        return device == null ? null : device.name();
    }

    /** The number under which peers send its packets. */
    public int channel() {
        return channel;
    }

    /** The virtual address of the member behind this session, null while it is not known. */
    public @Nullable Integer addressOf(OverlayId nodeId) {
        return routes == null ? null : routes.addressOf(nodeId);
    }

    /** Makes, and waits for, a session with the holder of an address. */
    public CompletableFuture<Session> connect(int address) {
        return holder(address).thenCompose(contact -> {
            Ring joined = ring;
            return joined == null
                    ? CompletableFuture.failedFuture(notYet())
                    : node.connect(joined, contact, Purpose.CHOTA);
        });
    }

    /** The ID, in this namespace's ring, of the holder of an address; fails with NOT_FOUND if there is none. */
    public CompletableFuture<OverlayId> ringIdOf(int address) {
        return holder(address).thenApply(Contact::ringId);
    }

    private CompletableFuture<Contact> holder(int address) {
        Directory names = directory;
        NamespaceDescriptor descriptor = descriptor();
        if (names == null || descriptor == null) {
            return CompletableFuture.failedFuture(notYet());
        }
        return names.lease(address).thenCompose(lease -> {
            if (lease.isEmpty()) {
                return CompletableFuture.failedFuture(new ControlException(
                        ControlException.Kind.NOT_FOUND, "nobody holds " + Addresses.text4(address)));
            }
            OverlayId ringId = lease.get().holder().privateId(descriptor.salt());
            return CompletableFuture.completedFuture(
                    new Contact(ringId, lease.get().holder(), List.of()));
        });
    }

    private static ControlException notYet() {
        return new ControlException(ControlException.Kind.FAILED, "not a member yet");
    }
}
