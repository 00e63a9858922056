package io.p2pvpn.overlay.ring;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.wire.proto.Control;
import io.p2pvpn.overlay.wire.proto.RingMessage;
import io.p2pvpn.overlay.wire.proto.RingMessageOrBuilder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Two-sided greedy routing: each hop is strictly nearer to the position, so that routes cannot circle. Confined to the
 * node's loop.
 */
class RingRouter {
    /** Links that a message may cross. */
    static final int HOPS_MAX = 64;
    /** Edges among which the first hop is drawn where no edge is nearer to the target than we are. */
    static final int DETOURS_MAX = 8;

    /** First hops that the tries of a call take in turn. */
    static final int WAYS_MAX = 4;

    /** Next hops that they take in turn on their way. */
    private static final int TURNS = 2;

    private static final int SIDE_SUCCESSOR = 1;
    private static final int SIDE_PREDECESSOR = 2;

    private final Ring ring;
    private final NeighbourTable table;

    RingRouter(Ring ring, NeighbourTable table) {
        this.ring = ring;
        this.table = table;
    }

    /** Sends a message of ours on its way: false if there is none. */
    final boolean send(RingMessage.Builder message) {
        return send(message, false);
    }

    /**
     * The same. A call that has other ways to try, and the reply to it, take another first hop than the best one: nodes
     * on the way may have crashed a moment ago, or swallow what they should forward.
     *
     * @param again it was sent before and found no answer: the best first hop has to show that it is still there
     */
    final boolean send(RingMessage.Builder message, boolean again) {
        message.setRing(ring.ringIdBytes()).setSource(Contacts.bytes(ring.self()));
        if (!ring.isJoined()) {
            RingPeer introducer = table.nearestEdge(ring.self());
            if (introducer == null) {
                return false;
            }
            message.setSourceVia(Contacts.bytes(introducer.id()));
        }
        OverlayId target = Contacts.id(message.getTarget());
        OverlayId via = Contacts.id(message.getVia());
        if (target != null && message.getExact() && via == null && !isLinked(target) && isDeadEnd(target)) {
            via = detour(target);
        }
        if (via != null && isEdge(via)) {
            // The answer comes back the same way: from the other side, too, there may be no way nearer to us.
            message.setVia(Contacts.bytes(via)).setSourceVia(Contacts.bytes(via));
        }
        int way = tries(message);
        if (way > 0 && via == null && target != null && ring.isJoined() && !isLinked(target)) {
            List<RingPeer> ways = table.edgesTowards(target);
            if (!ways.isEmpty()) {
                if (again) {
                    ways.get(0).session().doubt();
                }
                return forward(ways.get(way % Math.min(ways.size(), WAYS_MAX)), message.build());
            }
        }
        return route(message.build());
    }

    private boolean isLinked(OverlayId id) {
        RingPeer peer = table.peer(id);
        return peer != null && peer.session().isLinked();
    }

    private boolean isEdge(OverlayId id) {
        RingPeer peer = table.peer(id);
        return peer != null && peer.isEdge();
    }

    private boolean isDeadEnd(OverlayId target) {
        RingPeer next = table.nearestEdge(target);
        return next == null || !ring.isJoined() || !Greedy.isNearer(next.id(), ring.self(), target);
    }

    /**
     * We stand beside the target, or have no place yet, and have no link to it: one of the edges that stand beside it
     * too, drawn anew each time, since we do not know which of them is linked to it.
     */
    private @Nullable OverlayId detour(OverlayId target) {
        List<RingPeer> edges = new ArrayList<>(table.peers());
        edges.removeIf(peer -> !peer.isEdge());
        edges.sort(Comparator.comparing(peer -> target.ringDistanceTo(peer.id())));
        int choices = Math.min(edges.size(), DETOURS_MAX);
        return choices == 0
                ? null
                : edges.get(ring.runtime().random().nextInt(choices)).id();
    }

    /** Forwards or delivers a message: false if it was dropped. */
    boolean route(RingMessage message) {
        OverlayId target = Contacts.id(message.getTarget());
        OverlayId source = Contacts.id(message.getSource());
        OverlayId via = message.getVia().isEmpty() ? null : Contacts.id(message.getVia());
        if (target == null || source == null || message.getHops() > HOPS_MAX) {
            ring.drop("malformed");
            return false;
        }
        if (isOwnPlace(message, target, source)) {
            return routeOwnPlace(message, source);
        }
        if (target.equals(ring.self())) {
            ring.deliver(message, source);
            return true;
        }
        // Who names a way in has just come up: our own link to it may be that of its former life.
        if (via != null && !via.equals(ring.self())) {
            return routeTowards(via, true, message, source);
        }
        RingPeer linked = table.peer(target);
        if (linked != null && linked.session().isLinked()) {
            return forward(linked, message);
        }
        if (message.getPast()) {
            return routeAlongSide(target, message, source);
        }
        // It may have become a member since it named its way in.
        RingMessage free =
                via == null ? message : message.toBuilder().clearVia().build();
        return routeTowards(target, message.getExact() || via != null, free, source);
    }

    /** A node that left for a look-up of its own position asks who else is nearest to it. */
    private static boolean isOwnPlace(RingMessage message, OverlayId target, OverlayId source) {
        return message.getHops() > 0 && !message.getExact() && target.equals(source);
    }

    /** The look-up passes its source by, whoever has a link to it: it may be no member, or of another ring. */
    private boolean routeOwnPlace(RingMessage message, OverlayId source) {
        if (source.equals(ring.self())) {
            ring.drop("circled");
            return false;
        }
        RingPeer next = next(source, source, message);
        if (next != null && (!ring.isJoined() || Greedy.isNearer(next.id(), ring.self(), source))) {
            return forward(next, message);
        }
        if (!ring.isJoined()) {
            ring.drop("no-route");
            return false;
        }
        ring.deliver(message, source);
        return true;
    }

    private boolean routeTowards(OverlayId position, boolean exact, RingMessage message, OverlayId source) {
        RingPeer next = next(position, null, message);
        if (next != null && (!ring.isJoined() || Greedy.isNearer(next.id(), ring.self(), position))) {
            return forward(next, message);
        }
        if (exact || !ring.isJoined()) {
            ring.drop("no-route");
            return false;
        }
        return routeAlongSide(position, message, source);
    }

    /**
     * The edge nearest to a position; for every other try of a call the second, so that a hop which swallows the others
     * is passed by.
     */
    private @Nullable RingPeer next(OverlayId position, @Nullable OverlayId except, RingMessage message) {
        if (tries(message) % TURNS != 0) {
            RingPeer second = table.secondTowards(position, except);
            if (second != null) {
                return second;
            }
        }
        return table.nearestEdge(position, except);
    }

    private static int tries(RingMessageOrBuilder message) {
        int tries = message.hasCall()
                ? message.getCall().getTries()
                : message.getReply().getTries();
        return Math.max(0, tries);
    }

    /** Nobody is nearer: the message ends here, or with the first member on the side that it asks for. */
    private boolean routeAlongSide(OverlayId position, RingMessage message, OverlayId source) {
        boolean clockwise = message.getSide() == SIDE_SUCCESSOR;
        if (clockwise || message.getSide() == SIDE_PREDECESSOR) {
            RingPeer next = table.firstEdge(position, clockwise);
            if (next != null) {
                return forward(next, message.toBuilder().setPast(true).build());
            }
        }
        ring.deliver(message, source);
        return true;
    }

    /** How messages name a delivery; EXACT has a field of its own. */
    static int side(RingService.Delivery delivery) {
        return switch (delivery) {
            case NEAREST, EXACT -> 0;
            case SUCCESSOR -> SIDE_SUCCESSOR;
            case PREDECESSOR -> SIDE_PREDECESSOR;
        };
    }

    /** The member that a message to {@code target} goes to next from here; null if it ends here. */
    @Nullable
    final OverlayId nextHop(OverlayId target) {
        if (target.equals(ring.self())) {
            return null;
        }
        RingPeer linked = table.peer(target);
        RingPeer next = linked != null && linked.session().isLinked() ? linked : table.nearestEdge(target);
        return next != null && Greedy.isNearer(next.id(), ring.self(), target) ? next.id() : null;
    }

    private static boolean forward(RingPeer next, RingMessage message) {
        RingMessage hopped = message.toBuilder().setHops(message.getHops() + 1).build();
        return next.session()
                .sendLinked(Control.newBuilder().setRingMessage(hopped).build());
    }

    /** A message to {@code target}, through {@code via} if it is not a member yet. */
    static RingMessage.Builder to(OverlayId target, @Nullable OverlayId via, boolean exact) {
        return RingMessage.newBuilder()
                .setTarget(Contacts.bytes(target))
                .setVia(via == null ? ByteString.EMPTY : Contacts.bytes(via))
                .setExact(exact);
    }
}
