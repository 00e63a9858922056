package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import io.p2pvpn.dht.Dht;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.rules.Party;
import io.p2pvpn.vpn.rules.RuleSet;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import io.p2pvpn.vpn.trust.Role;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.tun.TunException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One namespace on this node, from its name to packets: {@link NamespaceSearch} finds or founds it, {@link Reunion}
 * finds it again; {@link EnteredNamespace} is what it is once we are let in. Confined to the node's loop.
 */
public final class Membership {
    /** The session call by which a member says that it does not hold an address. */
    public static final String UNMAPPED = EnteredNamespace.UNMAPPED;

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
    private @Nullable OverlayId expectedId;
    private boolean closed;
    private boolean newcomer;
    private @Nullable RuleSet rules;
    private Role role = Role.MEMBER;

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
        NamespaceStore.Kept before = kept;
        NamespaceSecret secret = before == null ? null : before.secret();
        if (before == null || secret == null) {
            NamespaceSearch searching = new NamespaceSearch(node, parts.identity(), doors, options, new SearchResult());
            search = searching;
            searching.start(descriptor());
            return;
        }
        Rendezvous rendezvous = new Rendezvous(
                node, parts.publicDht(), secret, before.descriptor().salt());
        Reunion looking = new Reunion(node, rendezvous, before.descriptor(), members -> enter(before, members));
        reunion = looking;
        looking.start();
    }

    private final class SearchResult implements NamespaceSearch.Listener {
        @Override
        public void onMember(
                NamespaceDescriptor descriptor,
                byte[] certificate,
                @Nullable NamespaceSecret secret,
                List<Contact> members) {
            NamespaceStore.Kept before = kept;
            if (before == null) {
                ByteString ours = ByteString.copyFrom(certificate);
                enter(new NamespaceStore.Kept(descriptor, null, ours, secret, 0), members);
                return;
            }
            ByteString ours = certificate.length == 0 ? before.certificate() : ByteString.copyFrom(certificate);
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
                foundUnlessBeaten(Founding.found(runtime, parts.identity(), options, taken()));
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
            return Founding.taken(
                    parts.devices().localPrefixes(null), node.sessions().sessions());
        } catch (TunException e) {
            throw new ControlException(ControlException.Kind.FAILED, String.valueOf(e.getMessage()), e);
        }
    }

    private void enter(NamespaceStore.Kept let, List<Contact> members) {
        if (closed || entered != null) {
            return;
        }
        kept = let;
        EnteredNamespace entering = new EnteredNamespace(parts, options, doors, let, new Inside());
        entered = entering;
        entering.routes().setRules(rules, self());
        if (state == MembershipState.WAITING_APPROVAL) {
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
                kept = before.withAddress(ipv4);
                var unused = store.write(before.withAddress(ipv4)).exceptionally(failure -> {
                    listener.onNotice("cannot write the state of " + options.name() + ": " + failure.getMessage()
                            + "; free space on the disk, or the address may change at the next start");
                    return null;
                });
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

    // ----------------------------------------------------------------- access rules

    /**
     * Judges packets of other members by these rules from now on, those of flows under way too. To be called anew when
     * names or roles of members have changed.
     *
     * @param newRules null for none: everything passes
     * @param ownRole this node's
     */
    public void setRules(@Nullable RuleSet newRules, Role ownRole) {
        rules = newRules;
        role = ownRole;
        if (entered != null) {
            entered.routes().setRules(rules, self());
        }
    }

    private Party self() {
        return new Party(options.hostName(), role);
    }

    // ----------------------------------------------------------------------- events

    /** A newcomer asks to be let in: what it needs, or that it has to wait. */
    public CompletableFuture<KnockAnswer> onKnock() {
        EnteredNamespace joined = entered;
        NamespaceStore.Kept ours = kept;
        if (joined == null || ours == null || !joined.ring().isJoined()) {
            return CompletableFuture.failedFuture(
                    new ControlException(ControlException.Kind.FAILED, "not a member of that namespace"));
        }
        if (!ours.descriptor().open()) {
            return CompletableFuture.completedFuture(
                    new KnockAnswer(ours.descriptor(), true, List.of(), ByteString.EMPTY));
        }
        NamespaceSecret secret = ours.secret();
        return CompletableFuture.completedFuture(new KnockAnswer(
                ours.descriptor(), false, joined.introductions(), secret == null ? ByteString.EMPTY : secret.encode()));
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
            leaving.closeDevice();
            if (forGood) {
                given = CompletableFuture.allOf(leaving.giveUp(), store.remove().exceptionally(failure -> null));
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
        return entered == null ? expectedId : entered.ring().self();
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
