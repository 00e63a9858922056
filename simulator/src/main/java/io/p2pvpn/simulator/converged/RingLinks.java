package io.p2pvpn.simulator.converged;

import io.p2pvpn.overlay.id.OverlayId;

/** Who stands where in a ring, who is linked to whom, and how far away. Members have numbers from 0 on. */
public interface RingLinks {
    /** How many members there are. */
    int size();

    /** A member's position. */
    OverlayId id(int member);

    /** Who stands at a position, or -1. */
    int member(OverlayId position);

    /** The linked neighbours on one side, nearest first. */
    int[] near(int member, boolean clockwise);

    /** The links across the ring that a member wants itself. */
    int[] far(int member);

    /** The links across the ring that are wanted by their other ends. */
    int[] linkedBy(int member);

    /** How long a message takes between two different members. */
    long oneWayNanos(int from, int to);
}
