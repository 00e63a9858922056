package io.p2pvpn.vpn.namespace;

import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.vpn.data.PeerTunnel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;

/**
 * Packets of one namespace over one session. The first packets into a session that has been silent are kept until
 * something is heard: if the peer is gone (it restarted somewhere else) they are not lost with the session. Confined to
 * the node's loop, except where a method says otherwise.
 */
final class SessionTunnel implements PeerTunnel {
    /** Packets that are kept. */
    static final int UNHEARD_MAX = 8;

    private final Session session;
    private final int channel;
    private final ArrayDeque<byte[]> unheard = new ArrayDeque<>();
    private long receivedBytes;
    /** Read by queues. */
    private volatile boolean silent;
    /** Set by queues too; each is taken back by another who asks. */
    private volatile boolean used;

    private volatile boolean carried;
    private boolean carriedSinceCheck;
    private long checkedNanos;

    /** @param nowNanos when the lease of the member's address was looked up */
    SessionTunnel(Session session, int channel, long nowNanos) {
        this.session = session;
        this.channel = channel;
        this.checkedNanos = nowNanos;
        session.watchFrameBytes();
    }

    Session session() {
        return session;
    }

    /** Any queue may call this. */
    void markUsed() {
        if (!used || !carried) {
            used = true;
            carried = true;
        }
    }

    /** True if nothing was heard for a while. Any queue may call this. */
    boolean isSilent() {
        return silent;
    }

    /** Keeps a packet that left while the session was silent, unless it has been heard since. */
    void keepUnheard(byte[] plain) {
        if (silent && unheard.size() < UNHEARD_MAX) {
            unheard.add(plain);
        }
    }

    /** True if packets flowed since the last time that was asked. */
    boolean wasUsed() {
        boolean was = used;
        used = false;
        return was;
    }

    /** To be called about once a second: whether the session was silent since the last time. */
    void lookForSilence() {
        long received = session.receivedBytes();
        silent = received == receivedBytes;
        receivedBytes = received;
        if (!silent) {
            unheard.clear();
        }
    }

    /**
     * To be called about once a second: whether the member's lease is to be looked up again, as it was not for so long
     * and packets flowed meanwhile.
     */
    boolean isCheckDue(long nowNanos, long afterNanos) {
        if (carried) {
            carried = false;
            carriedSinceCheck = true;
        }
        boolean due = carriedSinceCheck && nowNanos - checkedNanos >= afterNanos;
        if (due) {
            carriedSinceCheck = false;
            checkedNanos = nowNanos;
        }
        return due;
    }

    /** The first packets since the session fell silent, each with kind and channel in front; taken by this call. */
    List<byte[]> takeUnheard() {
        List<byte[]> packets = List.copyOf(unheard);
        unheard.clear();
        return packets;
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
    public int packetBytes() {
        return session.packetBytes();
    }

    @Override
    public boolean isPacketBytesKnown() {
        return session.isPacketBytesKnown();
    }

    @Override
    public int seal(byte[] plain, int offset, int length, byte[] out, int outOffset) {
        if (silent && unheard.size() < UNHEARD_MAX) {
            keepUnheard(Arrays.copyOfRange(plain, offset, offset + length));
        }
        return session.seal(plain, offset, length, out, outOffset);
    }

    @Override
    public boolean send(byte[] frames, int offset, int length, int segmentBytes, int trafficClass) {
        markUsed();
        return session.sendFrames(frames, offset, length, segmentBytes, trafficClass);
    }
}
