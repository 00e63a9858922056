package io.p2pvpn.crawler.mapreduce;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.link.Purpose;
import java.util.Set;

/** Another member of a ring that a node has a link to. */
public interface TaskPeer {
    /** Round trips that were not measured yet. */
    long RTT_UNKNOWN_NANOS = -1;

    /** Its position. */
    OverlayId id();

    /** The way to it. */
    TaskLink link();

    /** True if messages for others may be sent over it. */
    boolean isEdge();

    /** True if its traffic goes through a relay. */
    boolean isRelayed();

    /** How long an answer takes; {@link #RTT_UNKNOWN_NANOS} if not known. */
    long rttNanos();

    /** What we want it for. */
    Set<Purpose> purposes();
}
