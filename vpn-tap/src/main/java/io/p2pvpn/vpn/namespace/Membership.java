package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import io.p2pvpn.dht.Dht;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.trust.ApprovalCode;
import io.p2pvpn.vpn.trust.MemberCredential;
import io.p2pvpn.vpn.trust.NamespaceAuthority;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import io.p2pvpn.vpn.trust.Places;
import io.p2pvpn.vpn.trust.Role;
import io.p2pvpn.vpn.wire.proto.KnockRequest;
import io.p2pvpn.vpn.wire.proto.TrustPut;
import io.p2pvpn.vpn.wire.proto.TrustSync;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One namespace on this node, from its name to packets: {@link NamespaceSearch} finds or founds it, {@link Reunion}
 * finds it again; {@link EnteredNamespace} is what it is once we are let in. Confined to the node's loop.
 */
public final class Membership {
    /** How long the records that we keep for others may take to their new keepers when we stop. */
    public static final long HAND_OVER_NANOS = 2_000_000_000L;

    private static final long CONFIRM_NANOS = 1_500_000_000L;
    /** Whoever was to let us in may be gone by then. */
    private static final long ENTER_NANOS = 30_000_000_000L;

    private final MembershipHost parts;
    private final OverlayNode node;
    private final NodeRuntime runtime;
    private final MembershipOptions options;
    private final MembershipListener listener;
    private final NamespaceStore store;
    private final Doors doors;
    private @Nullable NamespaceSearch search;
    private @Nullable Reunion reunion;
    private MembershipState state = MembershipState.JOINING;
    private NamespaceStore.@Nullable Kept kept;
    private @Nullable EnteredNamespace entered;
    private @Nullable NamespaceDescriptor waitingFor;
    private List<ByteString> toldAuthorities = List.of();
    private boolean closed;
    private boolean newcomer;
    /** Once: a certificate of our own making that does not help will not help the next time. */
    private boolean selfCertified;

    /** A membership that has not begun. */
    public Membership(MembershipHost parts, MembershipOptions options, MembershipListener listener) {
        this.parts = parts;
        this.node = parts.node();
        this.runtime = node.runtime();
        this.options = options;
        this.listener = listener;
        this.store = new NamespaceStore(runtime.store(), options.name());
        this.doors = new Doors(runtime, parts.publicDht(), options.name());
    }

    // -------------------------------------------------------------------- beginning

    /** Begins: what the state directory knows of the namespace counts. */
    public void start() {
        try {
            kept = store.read();
            newcomer = kept == null;
        } catch (ControlException damaged) {
            fail(damaged);
            return;
        }
        NamespaceDescriptor known = descriptor();
        OverlayId pinned = options.pinned();
        if (known != null && pinned != null && !pinned.equals(known.id())) {
            fail(new ControlException(
                    ControlException.Kind.FAILED,
                    "this node is a member of " + options.name() + "@" + known.id() + ", not of " + options.name() + "@"
                            + pinned + ": leave that first, or name another --state directory"));
            return;
        }
        node.publicRing().onJoined(() -> {
            if (entered == null && search == null && reunion == null) {
                look();
            }
        });
    }

    /** A member looks where members meet; who is none, or knows no secret yet, looks for doors. */
    private void look() {
        if (closed) {
            return;
        }
        certifyOurselves();
        NamespaceStore.Kept before = kept;
        NamespaceSecret secret = before == null ? null : before.secret();
        boolean mustAsk = before != null && before.lacksCredential();
        if (before == null || secret == null || mustAsk) {
            NamespaceSearch searching =
                    new NamespaceSearch(node, parts.identity(), doors, options, mustAsk, new SearchResult());
            search = searching;
            searching.start(descriptor());
            return;
        }
        Rendezvous rendezvous = new Rendezvous(node, parts.publicDht(), secret, new Places(before.descriptor()));
        Reunion looking = new Reunion(node, rendezvous, before.descriptor(), members -> enter(before, members));
        reunion = looking;
        looking.start();
    }

    /** The node that has the authority's key needs nobody: it may have been away for longer than certificates last. */
    private void certifyOurselves() {
        NamespaceStore.Kept before = kept;
        NamespaceAuthority authority = before == null ? null : before.authority();
        if (before != null && authority != null && before.lacksCredential() && !selfCertified) {
            selfCertified = true;
            kept = before.withCredential(Founding.certify(runtime, parts.identity(), authority, options.hostName()));
        }
    }

    private final class SearchResult implements NamespaceSearch.Listener {
        @Override
        public void onMember(
                NamespaceDescriptor descriptor,
                ByteString credential,
                @Nullable NamespaceSecret secret,
                List<Contact> members,
                List<ByteString> authorities) {
            NamespaceStore.Kept before = kept;
            search = null;
            toldAuthorities = authorities;
            if (before == null) {
                enter(new NamespaceStore.Kept(descriptor, null, credential, secret, 0), members);
                return;
            }
            ByteString ours = credential.isEmpty() ? before.credential() : credential;
            enter(new NamespaceStore.Kept(descriptor, before.authority(), ours, secret, before.ipv4()), members);
        }

        @Override
        public void onAlone() {
            NamespaceStore.Kept before = kept;
            if (before != null) {
                enter(before.withSecret(runtime.keys()), List.of());
                return;
            }
            change(MembershipState.FOUNDING);
            try {
                foundUnlessBeaten(Founding.found(runtime, parts.identity(), options, Founding.taken(parts)));
            } catch (ControlException reason) {
                fail(reason);
            }
        }

        @Override
        public void onWaiting(NamespaceDescriptor descriptor) {
            waitingFor = descriptor;
            if (state != MembershipState.EXPIRED) {
                change(MembershipState.WAITING_APPROVAL);
            }
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

    private void enter(NamespaceStore.Kept let, List<Contact> members) {
        if (closed || entered != null) {
            return;
        }
        kept = let;
        EnteredNamespace entering;
        try {
            NamespaceTrust trust = new NamespaceTrust(runtime, parts.identity(), options.name(), let);
            var unused = trust.learn(toldAuthorities);
            NamespaceTrust.Standing standing = trust.standing();
            if (standing != NamespaceTrust.Standing.MEMBER) {
                onOut(standing);
                return;
            }
            IssuerBook book = new IssuerBook(runtime, trust, options.name());
            entering = new EnteredNamespace(parts, options, doors, let, trust, book, new Inside());
        } catch (ControlException damaged) {
            fail(damaged);
            return;
        }
        entered = entering;
        waitingFor = null;
        if (state == MembershipState.WAITING_APPROVAL || state == MembershipState.EXPIRED) {
            change(MembershipState.JOINING);
        }
        entering.join(members);
        if (!members.isEmpty()) {
            runtime.timers().schedule(ENTER_NANOS, () -> enterAgain(entering));
        }
        listener.onChange(this);
    }

    /** Those whom we met may have gone before we were in. */
    private void enterAgain(EnteredNamespace entering) {
        if (entering.equals(entered) && !entering.ring().isJoined() && !closed) {
            leaveRing();
            look();
        }
    }

    private final class Inside implements EnteredNamespace.Listener {
        @Override
        public void onAddress(int ipv4) {
            NamespaceStore.Kept before = kept;
            if (before != null) {
                keep(before.withAddress(ipv4));
            }
        }

        @Override
        public void onMember() {
            newcomer = false;
            change(MembershipState.JOINED);
        }

        @Override
        public void onAddressLost() {
            change(MembershipState.JOINING);
        }

        @Override
        public void onNotice(String line) {
            listener.onNotice(line);
        }

        @Override
        public void onFailed(ControlException reason) {
            fail(reason);
        }

        @Override
        public void onBeaten() {
            searchAnew();
        }

        @Override
        public void onCredential(ByteString credential) {
            NamespaceStore.Kept before = kept;
            if (before != null) {
                keep(before.withCredential(credential));
            }
        }

        @Override
        public void onAuthority(@Nullable NamespaceAuthority authority) {
            NamespaceStore.Kept before = kept;
            if (before != null) {
                keep(before.withAuthority(authority));
            }
        }

        @Override
        public void onOut(NamespaceTrust.Standing standing) {
            Membership.this.onOut(standing);
        }
    }

    private void keep(NamespaceStore.Kept changed) {
        kept = changed;
        var unused = store.write(changed).exceptionally(failure -> {
            listener.onNotice("cannot write the state of " + options.name() + ": " + failure.getMessage()
                    + "; free space on the disk, or the next start will know less");
            return null;
        });
    }

    /** We are no member any more. Who was put out stays so; whose certificate has run out asks for a new one. */
    private void onOut(NamespaceTrust.Standing standing) {
        leaveRing();
        if (standing == NamespaceTrust.Standing.REVOKED) {
            change(MembershipState.REVOKED);
            listener.onOut(new ControlException(
                    ControlException.Kind.NOT_PERMITTED,
                    "the membership of " + options.name() + " was revoked: ask its administrators; once they agree,"
                            + " p2pvpn leave and join again"));
            return;
        }
        NamespaceStore.Kept before = kept;
        change(MembershipState.EXPIRED);
        if (before != null) {
            kept = before.withCredential(ByteString.EMPTY);
            look();
        }
    }

    /** Gives way: what we founded never was. */
    private void searchAnew() {
        leaveRing();
        kept = null;
        change(MembershipState.JOINING);
        CompletableFuture<?> cleared = CompletableFuture.allOf(
                store.remove().exceptionally(failure -> null), doors.remove().exceptionally(failure -> null));
        Completions.whenDone(runtime.timers(), cleared, (done, failure) -> look());
    }

    // ----------------------------------------------------------------------- events

    /** A newcomer asks to be let in: what it needs, or that it has to wait. */
    public CompletableFuture<KnockAnswer> onKnock(Session from, KnockRequest asked) {
        EnteredNamespace joined = entered;
        NamespaceStore.Kept ours = kept;
        if (joined == null || ours == null || !joined.isCurrent()) {
            return CompletableFuture.failedFuture(
                    new ControlException(ControlException.Kind.FAILED, "not a member of that namespace"));
        }
        return OwnDoor.onKnock(joined, ours, from, asked);
    }

    /** Somebody asks over a session what is decided. */
    public CompletableFuture<byte[]> onTrustSync(Session from, TrustSync asked) {
        return entered == null ? gone() : entered.exchange().onSync(from, asked);
    }

    /** A peer tells what is decided. */
    public CompletableFuture<byte[]> onTrustPut(Session from, TrustPut told) {
        return entered == null ? gone() : entered.exchange().onPut(from, told);
    }

    private static CompletableFuture<byte[]> gone() {
        return CompletableFuture.failedFuture(new CallException("not a member of that namespace"));
    }

    /** A packet for this namespace's channel. */
    public void onPacket(Session from, int kind, byte[] buffer, int offset, int length, int trafficClass) {
        if (entered != null) {
            entered.routes().onPacket(from, kind, buffer, offset, length, trafficClass);
        }
    }

    /** Everything that was waiting has been handed over. */
    public void onBatchEnd() {
        if (entered != null) {
            entered.onBatchEnd();
        }
    }

    /** The transport takes frames again. */
    public void onWritable() {
        if (entered != null) {
            entered.onWritable();
        }
    }

    /** A session is over. */
    public void onDown(Session session) {
        if (entered != null) {
            entered.routes().onDown(session);
        }
    }

    /** Nobody answered there. */
    public void onLinkFailed(OverlayId nodeId) {
        if (entered != null) {
            entered.routes().onLinkFailed(nodeId);
        }
    }

    /** A member says that it does not hold an address that we send it packets for. */
    public void onUnmapped(Session from, int address) {
        if (entered != null) {
            entered.routes().onUnmapped(from, address);
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
        if (search != null) {
            search.stop();
        }
        if (reunion != null) {
            reunion.stop();
        }
        CompletableFuture<?> given = CompletableFuture.completedFuture(null);
        EnteredNamespace leaving = entered;
        if (leaving != null) {
            given = leaving.closeDevice();
            if (forGood) {
                given = CompletableFuture.allOf(
                        given, leaving.giveUp(), store.remove().exceptionally(failure -> null));
            }
        }
        return given.handle((done, failure) -> leaving)
                .thenCompose(left -> left == null
                        ? CompletableFuture.completedFuture(null)
                        : Completions.atMost(
                                runtime.timers(), HAND_OVER_NANOS, left.dht().leave()))
                .thenAccept(done -> leaveRing());
    }

    private void leaveRing() {
        if (entered != null) {
            entered.close();
            entered = null;
        }
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

    /** True if this state directory has never been a member: what is there of it is half-made. */
    public boolean isNewcomer() {
        return newcomer;
    }

    /** True if this node founded it. */
    public boolean isFounder() {
        return kept != null && kept.authority() != null;
    }

    /** Our ID in its ring, once it is known. */
    public @Nullable OverlayId overlayId() {
        return entered == null ? null : entered.ring().self();
    }

    /** What an administrator compares before approving us; null unless we wait for that. */
    public @Nullable String approvalCode() {
        NamespaceDescriptor waiting = waitingFor;
        return waiting == null
                ? null
                : ApprovalCode.of(waiting.id(), node.identity().signingKey());
    }

    /** What we may do in it. */
    public Role role() {
        MemberCredential own = credential();
        return own != null ? own.member().role() : isFounder() ? Role.ADMIN : Role.MEMBER;
    }

    /** What makes us a member of a closed namespace; null in others, and while we are none. */
    public @Nullable MemberCredential credential() {
        return entered == null ? null : entered.trust().own();
    }

    /**
     * What people can ask and decide here.
     *
     * @throws ControlException while we are no member
     */
    public Administration administration() throws ControlException {
        EnteredNamespace joined = entered;
        if (joined == null || !joined.isCurrent()) {
            throw new ControlException(
                    ControlException.Kind.NOT_PERMITTED,
                    "this node is not a member of " + options.name() + " yet: see p2pvpn status");
        }
        return new Administration(node, joined);
    }

    /** Its ring, once it is entered. */
    public @Nullable Ring ring() {
        return entered == null ? null : entered.ring();
    }

    /** Its DHT, once it is entered. */
    public @Nullable Dht dht() {
        return entered == null ? null : entered.dht();
    }

    /** Its look-ups, once it is entered. */
    public @Nullable Directory directory() {
        return entered == null ? null : entered.directory();
    }

    /** How it is found there, once it is entered. */
    public @Nullable Presence presence() {
        return entered == null ? null : entered.presence();
    }

    /** Our virtual address, 0 while there is none. */
    public int ipv4() {
        return entered == null ? 0 : entered.ipv4();
    }

    /** Its device's name, or null without one. */
    public @Nullable String deviceName() {
        return entered == null ? null : entered.deviceName();
    }

    /** Its device's MTU, or 0 without one. */
    public int mtuBytes() {
        return entered == null ? 0 : entered.mtuBytes();
    }

    /** The number under which peers send its packets. */
    public int channel() {
        return parts.channel();
    }

    /** The virtual address of the member behind this session, null while it is not known. */
    public @Nullable Integer addressOf(OverlayId nodeId) {
        return entered == null ? null : entered.routes().addressOf(nodeId);
    }

    /** Makes, and waits for, a session with the holder of an address. */
    public CompletableFuture<Session> connect(int address) {
        return entered == null ? CompletableFuture.failedFuture(notYet()) : entered.connect(address);
    }

    /** The ID, in this namespace's ring, of the holder of an address; fails with NOT_FOUND if there is none. */
    public CompletableFuture<OverlayId> ringIdOf(int address) {
        return entered == null
                ? CompletableFuture.failedFuture(notYet())
                : entered.holder(address).thenApply(Contact::ringId);
    }

    private static ControlException notYet() {
        return new ControlException(ControlException.Kind.FAILED, "not a member yet");
    }
}
