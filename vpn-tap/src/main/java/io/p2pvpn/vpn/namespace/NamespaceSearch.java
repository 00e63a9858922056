package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Contacts;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import io.p2pvpn.vpn.wire.proto.KnockReply;
import io.p2pvpn.vpn.wire.proto.KnockRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
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
    private static final long WAITING_NANOS = 15_000_000_000L;
    /** A member that is there has answered by then, as a rule. */
    private static final long STAGGER_NANOS = 500_000_000L;

    /** Hears what was found. */
    interface Listener {
        /**
         * A door let us in.
         *
         * @param certificate ours, empty if we need none or have one
         * @param secret what the members share, null if the door knows none
         */
        void onMember(
                NamespaceDescriptor descriptor,
                byte[] certificate,
                @Nullable NamespaceSecret secret,
                List<Contact> members);

        /** Nobody else stands for the namespace. */
        void onAlone();

        /** A door noted our request. */
        void onWaiting(OverlayId overlayId);

        /** It can never be. */
        void onFailed(ControlException reason);
    }

    private final OverlayNode node;
    private final Identity identity;
    private final Doors doors;
    private final MembershipOptions options;
    private final Listener listener;
    private @Nullable NamespaceDescriptor known;
    private long againNanos = AGAIN_NANOS;
    private long unsettledSinceNanos;
    private boolean started;
    private boolean stopped;

    NamespaceSearch(OverlayNode node, Identity identity, Doors doors, MembershipOptions options, Listener listener) {
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
        Completions.whenDone(node.runtime().timers(), doors.find(), (found, failure) -> {
            if (failure != null) {
                again();
            } else {
                onDoors(found);
            }
        });
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
        } else if (((found.absent() || ownDoor) && wanted == null) || (known != null && found.conclusive())) {
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
            this.doors = doors;
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
            Contact contact = new Contact(door.identity().nodeId(), door.identity(), door.endpoints());
            byte[] request = KnockRequest.newBuilder()
                    .setNamespaceId(ByteString.copyFrom(door.namespaceId().toByteArray()))
                    .setHostName(options.hostName())
                    .build()
                    .toByteArray();
            Completions.whenDone(
                    node.runtime().timers(),
                    node.connect(node.publicRing(), contact, Purpose.BOOTSTRAP)
                            .thenCompose(session -> node.calls().call(session, KNOCK, request)),
                    (reply, failure) -> {
                        open--;
                        if (!stopped && !settled) {
                            settled = failure == null && onReply(door, reply);
                            knock();
                        }
                    });
        }
    }

    private void onNobody() {
        if (known != null) {
            // Doors of members that are gone: we come back first.
            stop();
            listener.onAlone();
        } else {
            again();
        }
    }

    /** False if that was no answer to us. */
    private boolean onReply(Door door, byte[] encoded) {
        KnockReply reply;
        try {
            reply = KnockReply.parseFrom(encoded);
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
        NamespaceDescriptor descriptor =
                NamespaceDescriptor.parse(reply.getSignedDescriptor().toByteArray());
        boolean asked = descriptor != null
                && descriptor.id().equals(door.namespaceId())
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
        } else if (reply.getWaiting()) {
            listener.onWaiting(identity.publicIdentity().privateId(descriptor.salt()));
            again(WAITING_NANOS);
        } else {
            stop();
            List<Contact> members = new ArrayList<>();
            for (Contact member : Contacts.decode(reply.getMembers().toByteArray(), node.identities())) {
                if (member.ringId().equals(member.identity().privateId(descriptor.salt()))
                        && !member.identity().equals(identity.publicIdentity())) {
                    members.add(member);
                }
            }
            listener.onMember(
                    descriptor, reply.getCertificate().toByteArray(), NamespaceSecret.of(reply.getSecret()), members);
        }
        return true;
    }
}
