package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.dht.Dht;
import io.p2pvpn.dht.DhtRecord;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingCall;
import io.p2pvpn.overlay.ring.RingConfig;
import io.p2pvpn.overlay.ring.RingService;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.shortcuts.far.FarLinkKeeper;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.rules.Party;
import io.p2pvpn.vpn.rules.RuleSet;
import io.p2pvpn.vpn.trust.AuthorityKey;
import io.p2pvpn.vpn.trust.MemberCredential;
import io.p2pvpn.vpn.trust.NamespaceAuthority;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import io.p2pvpn.vpn.trust.Role;
import io.p2pvpn.vpn.trust.TrustEntry;
import io.p2pvpn.vpn.tun.TunException;
import io.p2pvpn.vpn.wire.proto.LeaseNotice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A namespace that this node is let into: its ring, its DHT, our address in it, its device. Lives from the moment we
 * enter until we leave, or enter anew. Confined to the node's loop.
 */
final class EnteredNamespace {
    /** The session call by which a member says that it does not hold an address. */
    static final String UNMAPPED = "lease.unmapped";

    private static final String CONFLICT = "lease.conflict";
    /** People are told of conflicts this often at most. */
    private static final long CONFLICT_NANOS = 10_000_000_000L;
    /** How often it is looked who is a member still, and whether our certificate is to be renewed. */
    private static final long REVIEW_NANOS = 10_000_000_000L;

    /** Hears how it goes. */
    interface Listener {
        /** We hold an address now; the device follows. */
        void onAddress(int ipv4);

        /** We are a member with an address and, if there is to be one, a device. */
        void onMember();

        /** Our address went to another member; another is being taken. */
        void onAddressLost();

        /** A line for people. */
        void onNotice(String line);

        /** It can never be. */
        void onFailed(ControlException reason);

        /** We are alone in it, and another namespace of this name has the better right. */
        void onBeaten();

        /** What we show is another than before. */
        void onCredential(ByteString credential);

        /** The key that speaks for the namespace is another, or is here no more. */
        void onAuthority(@Nullable NamespaceAuthority authority);

        /** We are no member any more. */
        void onOut(NamespaceTrust.Standing standing);
    }

    private final MembershipHost parts;
    private final OverlayNode node;
    private final NodeRuntime runtime;
    private final MembershipOptions options;
    private final NamespaceStore.Kept kept;
    private final NamespaceDescriptor descriptor;
    private final String hostName;
    private final NamespaceTrust trust;
    private final TrustExchange exchange;
    private final Registrar registrar;
    private final CertificateKeeper certificates;
    private final MemberWalk walk;
    private final Listener listener;
    private final Doors doors;
    private final Ring ring;
    private final Dht dht;
    private final FarLinkKeeper farLinks;
    private final Directory directory;
    private final PacketRoutes routes;
    private final Leases leases;
    private final Presence presence;
    private final DoorKeeper doorKeeper;
    private final @Nullable Rendezvous rendezvous;
    private final @Nullable RendezvousKeeper rendezvousKeeper;
    private @Nullable VirtualDevice device;
    private int ipv4;
    private long conflictToldNanos;
    private Timers.@Nullable Timer reviewTimer;
    private boolean current;
    private boolean closed;

    /**
     * Enters: the ring is there, but not joined yet.
     *
     * @param trust who is a member, ourselves included
     */
    EnteredNamespace(
            MembershipHost parts,
            MembershipOptions options,
            Doors doors,
            NamespaceStore.Kept kept,
            NamespaceTrust trust,
            IssuerBook book,
            Listener listener) {
        this.parts = parts;
        this.node = parts.node();
        this.runtime = node.runtime();
        this.options = options;
        this.kept = kept;
        this.descriptor = kept.descriptor();
        this.listener = listener;
        this.doors = doors;
        this.conflictToldNanos = runtime.clock().nanoTime() - CONFLICT_NANOS;
        Identity identity = parts.identity();
        this.trust = trust;
        MemberCredential own = trust.own();
        this.hostName = own == null ? options.hostName() : own.member().name();
        byte[] id = descriptor.id().toByteArray();
        exchange = new TrustExchange(node, trust, news -> onDecided());
        NamespaceAdmission admission =
                new NamespaceAdmission(trust, identity, () -> MemberNotes.encode(ipv4, hostName), exchange::learnFrom);
        OverlayId self = trust.ownPlace();
        ring = node.addRing(new RingConfig(id, self, admission, parts.channel()));
        exchange.start(ring, admission);
        dht = new Dht(runtime, ring, id, identity, node.identities(), new MemberRecords(trust));
        dht.setCredential(trust.credential());
        registrar = new Registrar(runtime, identity, dht, ring, trust, book, this::decide);
        certificates = new CertificateKeeper(runtime, identity, dht, ring, trust, registrar, this::onRenewed);
        walk = new MemberWalk(node, ring, trust, hostName, () -> ipv4);
        farLinks = new FarLinkKeeper(node, ring);
        directory = new Directory(runtime, dht, trust);
        routes = new PacketRoutes(node, ring, directory, descriptor, this::tellUnmapped, this::party);
        leases = new Leases(runtime, dht, descriptor.prefix(), identity.publicIdentity(), hostName, this::onLeaseLost);
        presence =
                new Presence(parts, options, trust, ring, dht, directory, walk, leases, hostName, listener::onNotice);
        doorKeeper = new DoorKeeper(node, doors, ring, descriptor, kept.authority() != null, listener::onBeaten);
        NamespaceSecret secret = kept.secret();
        rendezvous = secret == null ? null : new Rendezvous(node, parts.publicDht(), secret, trust.places());
        rendezvousKeeper = rendezvous == null ? null : new RendezvousKeeper(node, rendezvous, ring);
        ring.handle(CONFLICT, this::onConflict);
        ring.onPutOut(peer -> routes.onPutOut(peer.session()));
        applyRules();
    }

    /** @param members to join through; none for the first member */
    void join(List<Contact> members) {
        ring.onJoined(this::catchUp);
        if (members.isEmpty()) {
            ring.found();
        } else {
            ring.join(members);
        }
    }

    // ------------------------------------------------------------------------ trust

    /** Nobody gets a packet from us or to us before we know what was decided while we were away. */
    private void catchUp() {
        Completions.whenDone(runtime.timers(), exchange.catchUp(), (done, failure) -> {
            current = true;
            review();
            if (!closed) {
                registrar.start();
                takeAddress();
            }
        });
    }

    /** For access rules: what is certified counts, and in an open namespace what a member says. */
    private Party party(OverlayId nodeId, Lease lease) {
        MemberCredential last = trust.shownBy(nodeId);
        MemberCredential shown = last == null ? lease.credential() : last;
        return shown == null ? new Party(lease.hostName(), Role.MEMBER) : party(shown);
    }

    private static Party party(MemberCredential credential) {
        return new Party(credential.member().name(), credential.member().role());
    }

    private void applyRules() {
        String text = trust.state().rulesText();
        MemberCredential own = trust.own();
        Party self = own == null ? new Party(hostName, Role.MEMBER) : party(own);
        if (text == null) {
            routes.setRules(null, self);
            return;
        }
        RuleSet rules;
        try {
            rules = RuleSet.parse(text);
        } catch (IllegalArgumentException unknown) {
            listener.onNotice("the access rules of " + options.name() + " are of a later version ("
                    + unknown.getMessage() + "): nothing is let in; install that version");
            rules = RuleSet.parse("default deny");
        }
        routes.setRules(rules, self);
    }

    /** Takes a decision of ours, and tells everybody, whether our own disk has room for it or not: done when it has. */
    private CompletableFuture<Void> decide(TrustEntry entry) {
        CompletableFuture<Void> kept = trust.decide(entry);
        exchange.spread(List.of(entry), null);
        onDecided();
        return kept;
    }

    /** Somebody may be no member any more. */
    private void onDecided() {
        if (closed) {
            return;
        }
        ring.reviewMembers();
        dht.review();
        directory.forgetAll();
        applyRules();
        ring.onEpochChanged();
        checkStanding();
    }

    private void checkStanding() {
        NamespaceTrust.Standing standing = trust.standing();
        if (standing != NamespaceTrust.Standing.MEMBER && !closed) {
            listener.onOut(standing);
        }
    }

    private void review() {
        if (closed) {
            return;
        }
        trust.prune();
        if (!descriptor.open()) {
            ring.reviewMembers();
            certificates.look();
            checkStanding();
        }
        if (!closed) {
            reviewTimer = runtime.timers().schedule(REVIEW_NANOS, this::review);
        }
    }

    private void onRenewed(ByteString credential) {
        trust.setCredential(credential.toByteArray());
        dht.setCredential(credential.toByteArray());
        ring.showAdmission();
        listener.onCredential(credential);
    }

    // --------------------------------------------------------------------- authority

    private NamespaceAuthority authority() throws ControlException {
        NamespaceAuthority authority = trust.authority();
        if (authority == null) {
            throw new ControlException(
                    ControlException.Kind.NOT_PERMITTED,
                    "the key of " + options.name() + " is not on this node: run it where it was founded or imported");
        }
        return authority;
    }

    /** The key that speaks for the namespace, as a word; it stays here or not. */
    String exportAuthority(boolean keep) throws ControlException {
        String text = new AuthorityKey(descriptor, authority()).encode();
        if (!keep) {
            setAuthority(null);
        }
        return text;
    }

    private void setAuthority(@Nullable NamespaceAuthority authority) {
        trust.setAuthority(authority);
        listener.onAuthority(authority);
    }

    /** Brings the key that speaks for the namespace (back) to this node. */
    void importAuthority(String text) throws ControlException {
        AuthorityKey key = AuthorityKey.parse(text);
        if (key == null || !speaksForUs(key)) {
            throw new ControlException(
                    ControlException.Kind.NOT_PERMITTED,
                    "that is no key of " + options.name() + "@" + descriptor.id() + ", or it was altered");
        }
        setAuthority(key.authority());
    }

    private boolean speaksForUs(AuthorityKey key) {
        byte[] publicKey = key.authority().publicKey();
        return key.descriptor().id().equals(descriptor.id())
                && trust.state().authorities().stream().anyMatch(each -> Arrays.equals(each, publicKey));
    }

    /** Another key speaks for the namespace from now on, and after that time instead of the present one. */
    CompletableFuture<Void> rotateAuthority(long overlapMillis) {
        NamespaceAuthority present;
        try {
            present = authority();
        } catch (ControlException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        NamespaceAuthority next = NamespaceAuthority.generate(runtime.keys());
        long now = runtime.clock().epochMillis();
        TrustEntry entry = TrustEntry.authority(present, descriptor.id(), next, now + overlapMillis, now);
        return decide(entry).thenAccept(told -> {
            setAuthority(next);
            certificates.hurry();
        });
    }

    /** A request for a new certificate, for where the key that speaks for the namespace is kept without a network. */
    String certificateRequest() {
        return AuthorityKey.wrapRequest(registrar.renewRequest());
    }

    /** Takes what was certified there. */
    void installCertificate(String text) throws ControlException {
        byte[] credential = AuthorityKey.unwrapCredential(text);
        if (credential == null || !certificates.install(credential)) {
            throw new ControlException(
                    ControlException.Kind.NOT_PERMITTED,
                    "that is no certificate of this node for " + options.name() + ", or it was altered");
        }
    }

    // ---------------------------------------------------------------------- address

    private void takeAddress() {
        if (closed) {
            return;
        }
        int last = ipv4 != 0 ? ipv4 : kept.ipv4();
        Completions.whenDone(runtime.timers(), leases.take(options.ipv4(), last), (address, failure) -> {
            if (closed) {
                return;
            }
            if (failure == null) {
                onAddress(address);
            } else {
                Throwable cause = failure.getCause() == null ? failure : failure.getCause();
                listener.onFailed(
                        cause instanceof ControlException known
                                ? known
                                : new ControlException(
                                        ControlException.Kind.FAILED, String.valueOf(cause.getMessage())));
            }
        });
    }

    private void onAddress(int address) {
        ipv4 = address;
        listener.onAddress(address);
        try {
            if (options.withDevice()) {
                device = VirtualDevice.open(
                        parts, options, descriptor, address, routes, presence.tapSide(), this::onDeviceGone);
            }
        } catch (TunException e) {
            listener.onFailed(new ControlException(
                    e.isNotPermitted() ? ControlException.Kind.NOT_PERMITTED : ControlException.Kind.FAILED,
                    String.valueOf(e.getMessage()),
                    e));
            return;
        }
        listener.onMember();
        presence.begin(address, deviceName());
        doorKeeper.start();
        if (rendezvousKeeper != null) {
            rendezvousKeeper.start();
        }
    }

    private void onDeviceGone(String name) {
        listener.onFailed(new ControlException(
                ControlException.Kind.FAILED,
                "the device " + name + " was removed by somebody else: start the node again"));
    }

    // ------------------------------------------------------------ conflicts of leases

    private void onLeaseLost(DhtRecord winner) {
        if (closed) {
            return;
        }
        OverlayId holder = trust.placeOf(winner.owner(), winner.credential());
        listener.onNotice("another member of " + options.name() + " ("
                + (holder == null ? winner.owner().toString() : holder.toShortString()) + ") holds "
                + Addresses.text4(ipv4) + " by an older right: taking another address");
        if (holder != null) {
            var unused = ring.call(holder, RingService.Delivery.EXACT, CONFLICT, notice(ipv4))
                    .exceptionally(failure -> null);
        }
        var unusedEnd = closeDevice();
        listener.onAddressLost();
        takeAddress();
    }

    /** A member gives up the address that it held beside us: said to people, not more often than they can read. */
    private CompletableFuture<byte[]> onConflict(RingCall call) {
        long now = runtime.clock().nanoTime();
        try {
            boolean ours = LeaseNotice.parseFrom(call.request()).getIpv4() == ipv4 && ipv4 != 0;
            if (ours && now - conflictToldNanos >= CONFLICT_NANOS) {
                conflictToldNanos = now;
                listener.onNotice("another member of " + options.name() + " ("
                        + call.source().toShortString() + ") held " + Addresses.text4(ipv4)
                        + " too: it takes another address, ours stays");
            }
            return CompletableFuture.completedFuture(new byte[0]);
        } catch (InvalidProtocolBufferException e) {
            runtime.counters().counter("call.drop.malformed").increment();
            return CompletableFuture.failedFuture(e);
        }
    }

    private void tellUnmapped(Session member, int address) {
        var unused = node.calls().call(member, UNMAPPED, notice(address)).exceptionally(failure -> null);
    }

    private byte[] notice(int address) {
        return LeaseNotice.newBuilder()
                .setNamespaceId(ByteString.copyFrom(descriptor.id().toByteArray()))
                .setIpv4(address)
                .setHostName(hostName)
                .build()
                .toByteArray();
    }

    // ----------------------------------------------------------------------- events

    /** Whom a newcomer is told to join through; none while we are no member ourselves. */
    List<Contact> introductions() {
        List<Contact> members = new ArrayList<>();
        if (isCurrent()) {
            members.add(new Contact(ring.self(), node.identity(), node.candidates()));
            members.addAll(ring.successors());
            for (Contact predecessor : ring.predecessors()) {
                if (!members.contains(predecessor)) {
                    members.add(predecessor);
                }
            }
        }
        return members;
    }

    void onBatchEnd() {
        if (device != null) {
            device.onBatchEnd();
        }
    }

    void onWritable() {
        if (device != null) {
            device.onWritable();
        }
    }

    // ----------------------------------------------------------------------- ending

    /** Gives up what we hold in the DHTs, so that nobody waits for its end. */
    CompletableFuture<?> giveUp() {
        return CompletableFuture.allOf(
                leases.release(ipv4).exceptionally(failure -> null),
                dht.remove(Directory.memberKey(ring.self())).exceptionally(failure -> null),
                doors.remove().exceptionally(failure -> null),
                presence.giveUp(),
                rendezvous == null ? CompletableFuture.completedFuture(null) : rendezvous.withdraw());
    }

    /** Removes the device; done when nobody looks our names up there any more. */
    CompletableFuture<?> closeDevice() {
        if (device != null) {
            device.close();
            device = null;
        }
        return presence.endHere();
    }

    void close() {
        closed = true;
        if (reviewTimer != null) {
            reviewTimer.cancel();
        }
        var unused = closeDevice();
        registrar.close();
        exchange.close();
        doorKeeper.close();
        if (rendezvousKeeper != null) {
            rendezvousKeeper.close();
        }
        presence.close();
        routes.close();
        farLinks.close();
        dht.close();
        node.removeRing(descriptor.id().toByteArray());
    }

    // ------------------------------------------------------------------------ facts

    Ring ring() {
        return ring;
    }

    Dht dht() {
        return dht;
    }

    /** True once we know what was decided while we were away. */
    boolean isCurrent() {
        return current && ring.isJoined();
    }

    NamespaceTrust trust() {
        return trust;
    }

    TrustExchange exchange() {
        return exchange;
    }

    Registrar registrar() {
        return registrar;
    }

    Presence presence() {
        return presence;
    }

    @Nullable
    Rendezvous rendezvous() {
        return rendezvous;
    }

    /** All members that answer. */
    CompletableFuture<List<MemberWalk.Member>> members() {
        return walk.walk();
    }

    Directory directory() {
        return directory;
    }

    PacketRoutes routes() {
        return routes;
    }

    /** Our virtual address, 0 while there is none. */
    int ipv4() {
        return ipv4;
    }

    /** Its device's name, or null without one. */
    @Nullable
    String deviceName() {
        return device == null ? null : device.name();
    }

    /** Its device's MTU, or 0 without one. */
    int mtuBytes() {
        return device == null ? 0 : device.mtuBytes();
    }

    /** Makes, and waits for, a session with the holder of an address. */
    CompletableFuture<Session> connect(int address) {
        return holder(address).thenCompose(contact -> node.connect(ring, contact, Purpose.CHOTA));
    }

    /** Who holds an address; fails with NOT_FOUND if nobody does. */
    CompletableFuture<Contact> holder(int address) {
        return directory.lease(address).thenCompose(lease -> {
            if (lease.isEmpty()) {
                return CompletableFuture.failedFuture(new ControlException(
                        ControlException.Kind.NOT_FOUND, "nobody holds " + Addresses.text4(address)));
            }
            return CompletableFuture.completedFuture(
                    new Contact(lease.get().place(), lease.get().holder(), List.of()));
        });
    }
}
