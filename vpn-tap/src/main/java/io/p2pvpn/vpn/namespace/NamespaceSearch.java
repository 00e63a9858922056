package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.dht.GetOptions;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Contacts;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingService;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.trust.InviteToken;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import io.p2pvpn.vpn.trust.Places;
import io.p2pvpn.vpn.wire.proto.KnockRefusal;
import io.p2pvpn.vpn.wire.proto.KnockReply;
import io.p2pvpn.vpn.wire.proto.KnockRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * From a namespace's name to its members: reads the doors in the public DHT, knocks at one after another, and reports
 * what it was told; or that a majority of replicas has signed that nobody holds the name. Goes on until it is stopped.
 * Confined to the node's loop.
 */
final class NamespaceSearch {
    /** The method that doors answer. */
    static final String KNOCK = "namespace.knock";

    private static final long AGAIN_NANOS = 300_000_000L;
    private static final long AGAIN_NANOS_MAX = 5_000_000_000L;
    private static final long SETTLE_NANOS = 10_000_000_000L;
    /** Whoever waits for approval asks so often at first, while somebody sits at the other screen ... */
    private static final long WAITING_NANOS = 2_000_000_000L;
    /** ... and so often after this time. */
    private static final long WAITING_NANOS_MAX = 15_000_000_000L;

    private static final long IMPATIENT_NANOS = 300_000_000_000L;
    /** A member that is there has answered by then, as a rule. */
    private static final long STAGGER_NANOS = 500_000_000L;

    /** Hears what was found. */
    interface Listener {
        /**
         * A door let us in.
         *
         * @param credential what we show from now on, empty in an open namespace
         * @param secret what the members share, null if the door knows none
         * @param authorities decisions by which other keys speak for the namespace
         */
        void onMember(
                NamespaceDescriptor descriptor,
                ByteString credential,
                @Nullable NamespaceSecret secret,
                List<Contact> members,
                List<ByteString> authorities);

        /** Nobody else stands for the namespace. */
        void onAlone();

        /** A door noted our request. */
        void onWaiting(NamespaceDescriptor descriptor);

        /** It can never be. */
        void onFailed(ControlException reason);
    }

    private final OverlayNode node;
    private final Identity identity;
    private final Doors doors;
    private final MembershipOptions options;
    private final Listener listener;
    private final boolean mustAsk;
    private @Nullable NamespaceDescriptor known;
    private long waitingSinceNanos;
    private long againNanos = AGAIN_NANOS;
    private long unsettledSinceNanos;
    private boolean started;
    private boolean stopped;

    /** @param mustAsk only somebody else can make us a member: there is no founding, and no coming back first */
    NamespaceSearch(
            OverlayNode node,
            Identity identity,
            Doors doors,
            MembershipOptions options,
            boolean mustAsk,
            Listener listener) {
        this.mustAsk = mustAsk;
        this.node = node;
        this.identity = identity;
        this.doors = doors;
        this.options = options;
        this.listener = listener;
    }

    /** @param descriptor of an earlier run, or null */
    void start(@Nullable NamespaceDescriptor descriptor) {
        if (!started) {
            started = true;
            known = descriptor;
            look();
        }
    }

    void stop() {
        stopped = true;
    }

    private void look() {
        if (stopped) {
            return;
        }
        InviteToken invite = options.invite();
        if (invite != null && !mustAsk) {
            redeem(invite);
            return;
        }
        Completions.whenDone(node.runtime().timers(), doors.find(GetOptions.SIGNED, this::meet), (found, failure) -> {
            if (failure != null) {
                again();
            } else {
                onDoors(found);
            }
        });
    }

    /** A door that a majority will most likely name too: the session will stand by then. */
    private void meet(Door door) {
        if (!stopped && !door.identity().equals(identity.publicIdentity())) {
            var unused = connect(door);
        }
    }

    private CompletableFuture<Session> connect(Door door) {
        Contact contact = new Contact(door.identity().nodeId(), door.identity(), door.endpoints());
        return node.connect(node.publicRing(), contact, Purpose.BOOTSTRAP);
    }

    private boolean isMet(Door door) {
        return node.sessions().session(door.identity().nodeId()) != null;
    }

    /** Looks again, the longer it takes the less often. */
    private void again() {
        again(againNanos);
        againNanos = Math.min(AGAIN_NANOS_MAX, againNanos + againNanos / 4);
    }

    private void again(long nanos) {
        node.runtime().timers().schedule(nanos, this::look);
    }

    private void onDoors(Doors.Found found) {
        List<Door> fitting = new ArrayList<>();
        TreeSet<OverlayId> ids = new TreeSet<>();
        OverlayId wanted = known != null ? known.id() : options.pinned();
        boolean ownDoor = false;
        for (Door door : found.doors()) {
            boolean own = door.identity().equals(identity.publicIdentity());
            ownDoor |= own;
            if (!own && (wanted == null || wanted.equals(door.namespaceId()))) {
                fitting.add(door);
                ids.add(door.namespaceId());
            }
        }
        if (ids.size() > 1) {
            onUnsettled("several namespaces are called " + options.name() + ": say which, as " + options.name() + "@"
                    + ids.first() + " or " + options.name() + "@" + ids.last());
        } else if (!fitting.isEmpty()) {
            new Round(fitting).knock();
        } else if (!mustAsk
                && (((found.absent() || ownDoor) && wanted == null) || (known != null && found.conclusive()))) {
            stop();
            listener.onAlone();
        } else if (known == null && wanted != null && !found.doors().isEmpty()) {
            onUnsettled("the namespace called " + options.name() + " here is " + options.name() + "@"
                    + found.doors().get(0).namespaceId() + ", and nobody of " + options.name() + "@" + wanted
                    + " is to be found: check the hash, or start a member of yours first");
        } else {
            again();
        }
    }

    /** Founded at the same moment, or just starting, most likely: that settles by itself, else somebody must say. */
    private void onUnsettled(String reason) {
        long now = node.runtime().clock().nanoTime();
        if (unsettledSinceNanos == 0) {
            unsettledSinceNanos = now;
        }
        if (now - unsettledSinceNanos < SETTLE_NANOS) {
            again(AGAIN_NANOS);
            return;
        }
        stop();
        listener.onFailed(new ControlException(ControlException.Kind.FAILED, reason));
    }

    /** Knocks at doors, a little after each other: those of members that are gone stay shut, and hold nobody up. */
    private final class Round {
        private final List<Door> doors;
        private int next;
        private int open;
        private boolean settled;

        Round(List<Door> doors) {
            this.doors = new ArrayList<>(doors);
            this.doors.sort(Comparator.comparing(door -> !isMet(door)));
        }

        void knock() {
            if (stopped || settled) {
                return;
            }
            if (next < doors.size()) {
                open++;
                knockAt(doors.get(next++));
                node.runtime().timers().schedule(STAGGER_NANOS, this::knock);
            } else if (open == 0) {
                settled = true;
                onNobody();
            }
        }

        private void knockAt(Door door) {
            byte[] request = KnockRequest.newBuilder()
                    .setNamespaceId(ByteString.copyFrom(door.namespaceId().toByteArray()))
                    .setHostName(options.hostName())
                    .build()
                    .toByteArray();
            Completions.whenDone(
                    node.runtime().timers(),
                    connect(door).thenCompose(session -> node.calls().call(session, KNOCK, request)),
                    (reply, failure) -> {
                        open--;
                        if (!stopped && !settled) {
                            settled = failure == null && onReply(door.namespaceId(), reply);
                            knock();
                        }
                    });
        }
    }

    // --------------------------------------------------------------------- invites

    /** Only the node that made the invite can say what it is worth. */
    private void redeem(InviteToken invite) {
        Completions.whenDone(
                node.runtime().timers(),
                node.publicRing()
                        .call(invite.issuer(), RingService.Delivery.EXACT, Ring.CONTACT_METHOD, new byte[0])
                        .thenCompose(reply -> connect(invite, reply.body()))
                        .thenCompose(session -> node.calls().call(session, KNOCK, request(invite))),
                (reply, failure) -> {
                    if (!stopped && (failure != null || !onReply(invite.namespaceId(), reply))) {
                        again();
                    }
                });
    }

    private CompletableFuture<Session> connect(InviteToken invite, byte[] contacts) {
        for (Contact contact : Contacts.decode(contacts, node.identities())) {
            if (contact.identity().nodeId().equals(invite.issuer())) {
                List<Endpoint> endpoints = new ArrayList<>(contact.endpoints());
                endpoints.addAll(invite.endpoints());
                Contact issuer = new Contact(invite.issuer(), contact.identity(), endpoints);
                return node.connect(node.publicRing(), issuer, Purpose.BOOTSTRAP);
            }
        }
        return CompletableFuture.failedFuture(new CallException("its maker is not to be found"));
    }

    private byte[] request(InviteToken invite) {
        return KnockRequest.newBuilder()
                .setNamespaceId(ByteString.copyFrom(invite.namespaceId().toByteArray()))
                .setHostName(options.hostName())
                .setInvite(invite.secret())
                .build()
                .toByteArray();
    }

    private static String text(KnockRefusal refusal, MembershipOptions options) {
        return switch (refusal) {
            case KNOCK_REFUSAL_DENIED -> "an administrator of " + options.name() + " has denied the request";
            case KNOCK_REFUSAL_INVITE_UNKNOWN ->
                "the invite is not known to the node that it names: it was altered, or withdrawn; ask for a new one";
            case KNOCK_REFUSAL_INVITE_USED_UP -> "the invite has been used as often as it may be: ask for a new one";
            case KNOCK_REFUSAL_INVITE_EXPIRED -> "the invite has expired: ask for a new one";
            case KNOCK_REFUSAL_NAME_TAKEN ->
                "another member of " + options.name() + " is called " + options.hostName()
                        + ": choose another name with --name";
            case KNOCK_REFUSAL_REVOKED ->
                "this node's membership of " + options.name() + " was revoked: ask an administrator to let it in again";
            default -> options.name() + " does not let this node in";
        };
    }

    private void onNobody() {
        if (known != null && !mustAsk) {
            // Doors of members that are gone: we come back first.
            stop();
            listener.onAlone();
        } else {
            again();
        }
    }

    /** False if that was no answer to us. */
    private boolean onReply(OverlayId namespaceId, byte[] encoded) {
        KnockReply reply;
        try {
            reply = KnockReply.parseFrom(encoded);
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
        NamespaceDescriptor descriptor =
                NamespaceDescriptor.parse(reply.getSignedDescriptor().toByteArray());
        boolean asked = descriptor != null
                && descriptor.id().equals(namespaceId)
                && descriptor.name().equalsIgnoreCase(options.name());
        if (descriptor == null || !asked) {
            return false;
        }
        if (options.open() && !descriptor.open()) {
            stop();
            listener.onFailed(new ControlException(
                    ControlException.Kind.NOT_PERMITTED,
                    options.name()
                            + " is not an open namespace: join it without --open, and have the request approved"));
        } else if (reply.getRefusal() != KnockRefusal.KNOCK_REFUSAL_NONE) {
            stop();
            listener.onFailed(
                    new ControlException(ControlException.Kind.NOT_PERMITTED, text(reply.getRefusal(), options)));
        } else if (reply.getWaiting()) {
            listener.onWaiting(descriptor);
            waitOn();
        } else {
            stop();
            Places places = new Places(descriptor);
            List<Contact> members = new ArrayList<>();
            for (Contact member : Contacts.decode(reply.getMembers().toByteArray(), node.identities())) {
                if (places.mayBe(member.ringId(), member.identity())
                        && !member.identity().equals(identity.publicIdentity())) {
                    members.add(member);
                }
            }
            listener.onMember(
                    descriptor,
                    reply.getCredential(),
                    NamespaceSecret.of(reply.getSecret()),
                    members,
                    reply.getAuthoritiesList());
        }
        return true;
    }

    private void waitOn() {
        long now = node.runtime().clock().nanoTime();
        waitingSinceNanos = waitingSinceNanos == 0 ? now : waitingSinceNanos;
        again(now - waitingSinceNanos < IMPATIENT_NANOS ? WAITING_NANOS : WAITING_NANOS_MAX);
    }
}
