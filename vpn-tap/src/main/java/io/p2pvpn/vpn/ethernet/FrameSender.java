package io.p2pvpn.vpn.ethernet;

/** Sends a frame of ours. Called on the loop. */
interface FrameSender {
    /**
     * Sends it from our own hardware address.
     *
     * @param buffer virtio header and content, valid during the call
     */
    void send(long destination, int type, byte[] buffer, int length);
}
