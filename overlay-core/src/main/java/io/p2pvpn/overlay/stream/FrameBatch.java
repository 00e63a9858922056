package io.p2pvpn.overlay.stream;

import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.Frame;

/** Sealed packets of one session for one send: of one size, but the last. Used by one connection at a time. */
final class FrameBatch {
    private final byte[] frames = new byte[Transport.BATCH_BYTES_MAX];
    private int used;
    private int count;
    private int segmentBytes;
    private boolean ended;

    /** Seals a packet into the batch, after sending what it does not go together with; false if that fails. */
    boolean add(Session session, PacketWriter packet) {
        int frameBytes = packet.length() + Frame.OVERHEAD_BYTES;
        if (ended
                || frameBytes > segmentBytes
                || count == Transport.BATCH_SEGMENTS_MAX
                || used + frameBytes > frames.length) {
            flush(session);
            segmentBytes = frameBytes;
        }
        if (frameBytes > frames.length
                || session.sealForLoop(packet.bytes(), 0, packet.length(), frames, used) != frameBytes) {
            return false;
        }
        used += frameBytes;
        count++;
        ended = frameBytes < segmentBytes;
        return true;
    }

    /** Sends what was gathered; false if it was dropped here. */
    boolean flush(Session session) {
        boolean sent = count == 0 || session.sendFrames(frames, 0, used, segmentBytes, Transport.CLASS_DEFAULT);
        used = 0;
        count = 0;
        segmentBytes = 0;
        ended = false;
        return sent;
    }
}
