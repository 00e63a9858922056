package io.p2pvpn.overlay.session;

/** Where packets go that a queue has no way for: back to the loop, in turn. Called on the loop. */
public interface QueuePackets {
    /** A packet that {@link SessionQueue#handOver} was given; the array is valid during the call. */
    void onPacket(byte[] buffer, int offset, int length);
}
