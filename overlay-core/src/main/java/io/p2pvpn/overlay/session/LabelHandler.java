package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.runtime.Endpoint;

/** Takes the frames that carry a relay label (docs/protocol.md section 5.6). */
@FunctionalInterface
public interface LabelHandler {
    /**
     * Frames of one label arrived. The array is valid, and may be written to, during the call only.
     *
     * @param label what all of them carry, not 0
     * @param from where they came from; nothing about them is proven
     * @param buffer holds {@code length} bytes of frames from {@code offset}
     * @param segmentBytes size of each frame but the last
     * @param trafficClass with which they arrived
     */
    void onLabelled(
            int label, Endpoint from, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass);
}
