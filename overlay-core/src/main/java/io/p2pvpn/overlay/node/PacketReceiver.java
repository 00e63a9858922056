package io.p2pvpn.overlay.node;

import io.p2pvpn.overlay.session.Session;

/** Takes the IP packets that peers send. */
public interface PacketReceiver {
    /**
     * A packet of {@code kind} (see Frame) for the ring with this channel; the array is valid, and may be written to,
     * during the call.
     *
     * @param trafficClass of the frame that it came in
     */
    void onPacket(Session from, int kind, int channel, byte[] buffer, int offset, int length, int trafficClass);

    /** Everything that was waiting has been handed over. */
    void onBatchEnd();

    /** The transport takes frames again. */
    void onWritable();
}
