package io.p2pvpn.overlay.runtime;

/** The part of a {@link Transport} that a data-plane queue has of its own: one UDP port, shared between the queues. */
public interface FramePort {
    /** Sets the one receiver, before any frame is handed over. */
    void setReceiver(Transport.Receiver receiver);

    /**
     * Queues a batch for sending; the bytes are copied or sent before the call returns. A TCP or TLS
     * endpoint without a stream gets one opened, by a transport that has streams.
     *
     * @param trafficClass what the IP header of each frame is to have: DSCP (RFC 2474) times 4 plus ECN (RFC 3168), 0
     *     to 255; lost on streams, and where the system does not let it be set
     * @return false when the batch was dropped because the (bounded) queue is full; {@link
     *     Transport.Receiver#onWritable} follows when there is room again
     */
    boolean send(Endpoint to, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass);

    /** Hands queued batches to the operating system; called at the end of a turn by whoever sent. */
    void flush();

    /** False while the queue is full: whoever can wait (the device reader) should. */
    boolean isWritable();
}
