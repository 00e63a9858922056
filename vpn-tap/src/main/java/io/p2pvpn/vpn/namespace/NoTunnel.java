package io.p2pvpn.vpn.namespace;

import io.p2pvpn.vpn.data.PeerTunnel;

/** The way to a member that there is no session with. */
enum NoTunnel implements PeerTunnel {
    /** The only one. */
    NONE;

    @Override
    public int channel() {
        return 0;
    }

    @Override
    public boolean isOpen() {
        return false;
    }

    @Override
    public int packetBytes() {
        return 0;
    }

    @Override
    public boolean isPacketBytesKnown() {
        return false;
    }

    @Override
    public int seal(byte[] plain, int offset, int length, byte[] out, int outOffset) {
        return -1;
    }

    @Override
    public boolean send(byte[] frames, int offset, int length, int segmentBytes, int trafficClass) {
        return false;
    }
}
