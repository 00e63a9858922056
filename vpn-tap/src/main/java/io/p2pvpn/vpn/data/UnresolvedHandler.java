package io.p2pvpn.vpn.data;

/** Takes packets to members whose route is not known yet, and finds it. Called on the loop. */
public interface UnresolvedHandler {
    /**
     * A packet for a member without an open tunnel. The handler looks the member up; {@link PendingPackets} is where
     * packets wait meanwhile.
     *
     * @param destination the member's virtual IPv4 address, also for an IPv6 packet
     * @param packet virtio header and packet, the handler's to keep
     */
    void onUnresolved(int destination, byte[] packet);
}
