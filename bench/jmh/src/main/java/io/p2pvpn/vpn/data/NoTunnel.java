package io.p2pvpn.vpn.data;

/** A way that leads nowhere. */
final class NoTunnel implements PeerTunnel {
    @Override
    public int channel() {
        return 1;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public int packetBytes() {
        return 9000;
    }

    @Override
    public boolean isPacketBytesKnown() {
        return false;
    }

    @Override
    public int seal(byte[] plain, int offset, int length, byte[] out, int outOffset) {
        return length + FRAME_OVERHEAD_BYTES;
    }

    @Override
    public boolean send(byte[] frames, int offset, int length, int segmentBytes, int trafficClass) {
        return false;
    }
}
