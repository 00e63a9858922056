package io.p2pvpn.vpn.data;

import io.p2pvpn.overlay.runtime.Transport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A tunnel that seals by a copy between 20 and 16 zero bytes, keeps its sends, and hands them to a peer. */
final class FakeTunnel implements PeerTunnel {
    /** One call of send. */
    record Send(int bytes, int segmentBytes, int segments, int trafficClass) {}

    static final int CHANNEL = 200;
    private static final int HEADER = 20;

    final List<Send> sends = new ArrayList<>();
    boolean open = true;
    int packetBytes = 9000;
    boolean packetBytesKnown = true;
    boolean refusing;
    boolean keyless;
    boolean keeping = true;
    /** What routers on the way set in the traffic class. */
    int marks;

    @Nullable
    DataPlane peer;

    @Nullable
    MemberRoute peersRouteToUs;

    @Override
    public int channel() {
        return CHANNEL;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public int packetBytes() {
        return packetBytes;
    }

    @Override
    public boolean isPacketBytesKnown() {
        return packetBytesKnown;
    }

    @Override
    public int seal(byte[] plain, int offset, int length, byte[] out, int outOffset) {
        if (keyless) {
            return -1;
        }
        Arrays.fill(out, outOffset, outOffset + HEADER, (byte) 0);
        System.arraycopy(plain, offset, out, outOffset + HEADER, length);
        return length + FRAME_OVERHEAD_BYTES;
    }

    @Override
    public boolean send(byte[] frames, int offset, int length, int segmentBytes, int trafficClass) {
        int segments = (length + segmentBytes - 1) / segmentBytes;
        if (length > Transport.BATCH_BYTES_MAX || segments > Transport.BATCH_SEGMENTS_MAX) {
            throw new AssertionError(length + " bytes, " + segments + " segments");
        }
        if (refusing) {
            return false;
        }
        if (keeping) {
            sends.add(new Send(length, segmentBytes, segments, trafficClass));
        }
        if (peer != null && peersRouteToUs != null) {
            for (int at = offset; at < offset + length; at += segmentBytes) {
                int bytes = Math.min(segmentBytes, offset + length - at) - FRAME_OVERHEAD_BYTES - 2;
                int plain = at + HEADER;
                if ((frames[plain + 1] & 0xff) != CHANNEL) {
                    throw new AssertionError("channel " + frames[plain + 1]);
                }
                peer.onPacket(peersRouteToUs, frames[plain], frames, plain + 2, bytes, trafficClass | marks);
            }
            peer.onBatchEnd();
        }
        return true;
    }
}
