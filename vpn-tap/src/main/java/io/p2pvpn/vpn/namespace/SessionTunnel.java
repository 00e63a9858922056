package io.p2pvpn.vpn.namespace;

import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.vpn.data.PeerTunnel;

/** Packets of one namespace over one session. Confined to the node's loop. */
final class SessionTunnel implements PeerTunnel {
    private final Session session;
    private final int channel;
    private boolean used;

    SessionTunnel(Session session, int channel) {
        this.session = session;
        this.channel = channel;
    }

    Session session() {
        return session;
    }

    void markUsed() {
        used = true;
    }

    /** True if packets flowed since the last time that was asked. */
    boolean wasUsed() {
        boolean was = used;
        used = false;
        return was;
    }

    @Override
    public int channel() {
        return channel;
    }

    @Override
    public boolean isOpen() {
        return session.isOpen();
    }

    @Override
    public int seal(byte[] plain, int offset, int length, byte[] out, int outOffset) {
        return session.seal(plain, offset, length, out, outOffset);
    }

    @Override
    public boolean send(byte[] frames, int offset, int length, int segmentBytes) {
        used = true;
        return session.sendFrames(frames, offset, length, segmentBytes);
    }
}
