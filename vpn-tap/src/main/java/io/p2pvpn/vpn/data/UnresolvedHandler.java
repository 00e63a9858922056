package io.p2pvpn.vpn.data;

/** Takes packets to members whose route is not known yet, and finds it. Called where the device is read. */
public interface UnresolvedHandler {
    /**
     * A packet for a member without an open tunnel. The handler looks the member up; {@link PendingPackets} is where
     * packets wait meanwhile.
     *
     * @param destination the member's virtual IPv4 address, also for an IPv6 packet
     * @param buffer virtio header and packet in its first {@code length} bytes, valid during the call
     */
    void onUnresolved(int destination, byte[] buffer, int length);

    /** False while it can take no packet: then the device is not read. */
    default boolean hasRoom() {
        return true;
    }
}
