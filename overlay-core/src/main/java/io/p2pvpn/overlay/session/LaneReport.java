package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.runtime.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * What a queue did for a session since its last report. Immutable.
 *
 * @param heardEpoch the keys of the newest packet that was delivered, or null if none was
 * @param heardFrom where that came from
 * @param heardNanos when the last one came
 * @param heardBytes bytes of all frames delivered
 * @param pathBytes those that came from {@code heardFrom}
 * @param sentEpoch the keys of the last frames sent, or null if none were
 * @param firstSentNanos when the first of them left
 * @param sentBytes their bytes
 * @param sentFrameBytes the largest of them
 */
record LaneReport(
        SessionLane lane,
        @Nullable Epoch heardEpoch,
        @Nullable Endpoint heardFrom,
        long heardNanos,
        long heardBytes,
        long pathBytes,
        @Nullable Epoch sentEpoch,
        long firstSentNanos,
        long sentBytes,
        int sentFrameBytes) {}
