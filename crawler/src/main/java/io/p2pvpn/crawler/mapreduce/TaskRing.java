package io.p2pvpn.crawler.mapreduce;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.ring.Arc;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingService;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a run, a task or a crawl sees of a ring, as one of its members does. A seam: real nodes have {@link #of}, and
 * simulations of more members than fit into a machine have one without sessions.
 */
public interface TaskRing {
    /** A node's ring. */
    static TaskRing of(OverlayNode node, Ring ring) {
        return new NodeRing(node, ring);
    }

    /** Calls by position, our own position and the size. */
    RingService service();

    /** Our position. */
    default OverlayId self() {
        return service().self();
    }

    /** True once we are a member. */
    default boolean isJoined() {
        return service().isJoined();
    }

    /** The ring's name, in messages. */
    ByteString ringIdBytes();

    /** Everybody that we have a link to. */
    List<TaskPeer> peers();

    /** The neighbours that we are linked to on one side, nearest first. */
    List<TaskPeer> near(boolean clockwise);

    /** The peer with this ID, or null. */
    @Nullable
    TaskPeer peer(OverlayId id);

    /** The peer at the other end of a link, or null if that is of no member. */
    @Nullable
    TaskPeer peer(TaskLink link);

    /**
     * Whom arcs are shared out among.
     *
     * @param passed members that are left out
     */
    List<OverlayId> links(Set<OverlayId> passed);

    /**
     * The peer nearest to the middle of an arc, or null.
     *
     * @param passed members that are left out
     * @param onlyNearer only those that are nearer than we are
     */
    @Nullable
    OverlayId nearest(Arc arc, Set<OverlayId> passed, boolean onlyNearer);

    /** Whom a message to a position goes to next, or null if we are the nearest. */
    @Nullable
    OverlayId nextHop(OverlayId position);
}
