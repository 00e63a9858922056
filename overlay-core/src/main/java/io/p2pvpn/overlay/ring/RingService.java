package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What a ring offers to the floors above it. Confined to the node's loop. */
public interface RingService {
    /** How the last hop decides whether a message has arrived. */
    enum Delivery {
        /** The member nearest to the position takes it. */
        NEAREST,
        /** Only the member with exactly this ID takes it; it is dropped elsewhere. */
        EXACT,
        /** The first member at or after the position, clockwise, takes it. */
        SUCCESSOR,
        /** The first member at or after the position, counter-clockwise, takes it. */
        PREDECESSOR
    }

    /** Our position in this ring. */
    OverlayId self();

    /** True once the join transaction is complete and both neighbours are linked (or we founded the ring). */
    boolean isJoined();

    /** Estimated number of members, ourselves included. */
    int sizeEstimate();

    /** Live members clockwise from us, nearest first, at most four. */
    List<Contact> successors();

    /** Live members counter-clockwise from us, nearest first, at most four. */
    List<Contact> predecessors();

    /**
     * Asks the member at, nearest to, or beside {@code target}; retried on loss, so handlers must be idempotent.
     *
     * @param method names the handler
     * @param request at most {@link #BODY_BYTES_MAX} bytes
     * @return completes on the loop; exceptionally with {@link RingCallException} when no answer came
     */
    CompletableFuture<RingReply> call(OverlayId target, Delivery delivery, String method, byte[] request);

    /**
     * The same by another way: what the ways have in common is the end, as far as possible nothing else.
     *
     * @param way 0 for the best, others for worse ones
     */
    default CompletableFuture<RingReply> call(
            OverlayId target, Delivery delivery, String method, byte[] request, int way) {
        return call(target, delivery, method, request);
    }

    /** Registers the one handler of {@code method}. */
    void handle(String method, RingHandler handler);

    /** Runs {@code listener} after the near neighbours changed. */
    void onNeighboursChanged(Runnable listener);

    /** Runs {@code listener} each time the ring becomes joined; at once if it is. */
    void onJoined(Runnable listener);

    /** The most bytes of a request or a reply. */
    int BODY_BYTES_MAX = 16 * 1024;
}
