package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Transport;
import java.util.Arrays;

/** Cuts a batch into copies of its frames, and checks that it is one. */
final class FrameCutter {
    private final int end;
    private final int segmentBytes;
    private int position;

    FrameCutter(byte[] buffer, int offset, int length, int segmentBytes) {
        boolean isInside = offset >= 0 && length >= 0 && length <= buffer.length - offset;
        boolean isCuttable = segmentBytes > 0 && length <= (long) segmentBytes * Transport.BATCH_SEGMENTS_MAX;
        if (!isInside || !isCuttable || length > Transport.BATCH_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "not a batch: " + length + " bytes at " + offset + " in segments of " + segmentBytes);
        }
        this.position = offset;
        this.end = offset + length;
        this.segmentBytes = segmentBytes;
    }

    boolean hasNext() {
        return position < end;
    }

    byte[] next(byte[] buffer) {
        int frameEnd = Math.min(end, position + segmentBytes);
        byte[] frame = Arrays.copyOfRange(buffer, position, frameEnd);
        position = frameEnd;
        return frame;
    }
}
