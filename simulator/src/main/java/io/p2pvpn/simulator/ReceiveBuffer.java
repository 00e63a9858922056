package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.overlay.wire.Frame;
import java.util.Arrays;

/**
 * The array that nodes receive in. As strict as the contract of {@link Transport.Receiver#onFrames}: frames do not
 * start at index 0, and nothing is left of them after the call.
 */
final class ReceiveBuffer {
    private static final int OFFSET_BYTES = 13;
    private static final byte STALE = (byte) 0xA5;

    private final byte[] bytes = new byte[OFFSET_BYTES + Transport.BATCH_BYTES_MAX];
    private int end;
    private int segmentBytes;
    private int segments;
    private int trafficClass;
    private boolean isClosed;

    void start(byte[] frame, int itsTrafficClass) {
        trafficClass = itsTrafficClass;
        end = OFFSET_BYTES;
        segmentBytes = frame.length;
        segments = 0;
        isClosed = false;
        put(frame);
    }

    /** Adds a frame if the batch can take it: of its class, not longer than the first, and only the last shorter. */
    boolean append(byte[] frame, int itsTrafficClass) {
        boolean isRoom = itsTrafficClass == trafficClass
                && segments < Transport.BATCH_SEGMENTS_MAX
                && frame.length <= bytes.length - end;
        if (isClosed || !isRoom || frame.length == 0 || frame.length > segmentBytes) {
            return false;
        }
        put(frame);
        return true;
    }

    /** The queue of {@code queues} that the first frame belongs to. */
    int queueOf(int queues) {
        return Frame.queueOf(bytes, OFFSET_BYTES, Math.min(segmentBytes, end - OFFSET_BYTES), queues);
    }

    void handOver(Transport.Receiver receiver, Endpoint from) {
        try {
            receiver.onFrames(from, bytes, OFFSET_BYTES, end - OFFSET_BYTES, segmentBytes, trafficClass);
        } finally {
            Arrays.fill(bytes, OFFSET_BYTES, end, STALE);
        }
        receiver.onBatchEnd();
    }

    private void put(byte[] frame) {
        System.arraycopy(frame, 0, bytes, end, frame.length);
        end += frame.length;
        segments++;
        isClosed = frame.length < segmentBytes;
    }
}
