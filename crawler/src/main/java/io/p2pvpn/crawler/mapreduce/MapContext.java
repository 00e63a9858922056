package io.p2pvpn.crawler.mapreduce;

/**
 * Where a map runs. Confined to the node's loop.
 *
 * @param node this node
 * @param ring the ring that the run goes over
 * @param facts what the node says of itself
 * @param leftNanos how long the answer is of use
 * @param traffic counts what the map sends
 */
public record MapContext(TaskNode node, TaskRing ring, NodeFacts facts, long leftNanos, Traffic traffic) {
    /** Counts messages. */
    public interface Traffic {
        /** A request and its reply, bodies in bytes. */
        void onCall(int requestBytes, int replyBytes);
    }
}
