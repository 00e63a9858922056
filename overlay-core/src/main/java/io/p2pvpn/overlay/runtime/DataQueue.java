package io.p2pvpn.overlay.runtime;

/**
 * The world of one more data-plane queue: a thread of its own on a host, a turn of the node's own in a simulation. The
 * node's loop is queue 0 and has none of this. What runs on a queue touches only what belongs to the queue, and what
 * the loop has handed over for good.
 */
public interface DataQueue {
    /** Most queues of a node, the loop included: there are no more lanes. */
    int QUEUES_MAX = 16;

    /** Its number, from 1: also the lane that it sends on. */
    int number();

    /** Tasks that run on the queue. Any thread may call {@link Timers#execute}, only the queue the rest. */
    Timers timers();

    /**
     * Its share of the node's UDP port: frames whose lane is the queue's number modulo the number of queues. Confined
     * to the queue; knows UDP endpoints only.
     */
    FramePort port();

    /** What is counted on the queue. Confined to it. */
    Counters counters();
}
