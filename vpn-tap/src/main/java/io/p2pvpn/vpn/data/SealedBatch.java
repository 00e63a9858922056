package io.p2pvpn.vpn.data;

import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.Counters.Counter;
import io.p2pvpn.overlay.runtime.Transport;
import org.jspecify.annotations.Nullable;

/**
 * Frames for one tunnel, gathered for one send: of one traffic class, and of one size but the last. Confined to one
 * queue.
 */
final class SealedBatch {
    /** Bytes in front of each packet: kind and channel. */
    static final int PREFIX_BYTES = 2;

    private final byte[] frames = new byte[Transport.BATCH_BYTES_MAX];
    private final Counter sentPackets;
    private final Counter sentBytes;
    private final Counter dropSeal;
    private final Counter dropSend;
    private @Nullable PeerTunnel tunnel;
    private int used;
    private int count;
    private int packetBytes;
    private int segmentBytes;
    private int trafficClass;
    private boolean ended;

    SealedBatch(Counters counters) {
        sentPackets = counters.counter("data.sent.packets");
        sentBytes = counters.counter("data.sent.bytes");
        dropSeal = counters.counter("data.drop.seal");
        dropSend = counters.counter("data.drop.send");
    }

    /** Seals kind, channel and packet into the batch, after sending what it does not go together with. */
    void add(PeerTunnel to, byte[] plain, int offset, int length, int packetClass) {
        int frameBytes = length + PeerTunnel.FRAME_OVERHEAD_BYTES;
        if (to != tunnel
                || packetClass != trafficClass
                || ended
                || frameBytes > segmentBytes
                || count == Transport.BATCH_SEGMENTS_MAX
                || used + frameBytes > frames.length) {
            flush();
            tunnel = to;
            segmentBytes = frameBytes;
            trafficClass = packetClass;
        }
        if (frameBytes > frames.length || to.seal(plain, offset, length, frames, used) != frameBytes) {
            dropSeal.increment();
            return;
        }
        used += frameBytes;
        count++;
        packetBytes += length - PREFIX_BYTES;
        ended = frameBytes < segmentBytes;
    }

    /** Sends what was gathered. */
    void flush() {
        PeerTunnel to = tunnel;
        if (to != null && count > 0) {
            if (to.send(frames, 0, used, segmentBytes, trafficClass)) {
                sentPackets.add(count);
                sentBytes.add(packetBytes);
            } else {
                dropSend.add(count);
            }
        }
        tunnel = null;
        used = 0;
        count = 0;
        packetBytes = 0;
        ended = false;
    }
}
