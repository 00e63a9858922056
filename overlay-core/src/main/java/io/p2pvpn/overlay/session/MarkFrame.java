package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.wire.Frame;
import java.util.Arrays;

/**
 * A frame that says nothing but that it came: an index and a nonce, both drawn by whoever expects it. Found to come
 * from somewhere else than sessions' frames do, it tells how NAT boxes map and filter (docs/protocol.md section 7).
 */
public final class MarkFrame {
    /** Length of the nonce. */
    public static final int NONCE_BYTES = Frame.TAG_BYTES;

    /** Length of the frame: that of the shortest sealed one. */
    public static final int BYTES = Frame.HEADER_BYTES + NONCE_BYTES;

    /** Hears of a mark. */
    public interface Listener {
        /** It came to the node's own socket from there. */
        void onMark(Endpoint from);
    }

    private MarkFrame() {}

    /** The frame of that index and nonce. */
    public static byte[] of(int index, byte[] nonce) {
        byte[] frame = new byte[BYTES];
        Frame.putHeader(frame, 0, Frame.TYPE_DATA, 0, index, 0);
        System.arraycopy(nonce, 0, frame, Frame.HEADER_BYTES, NONCE_BYTES);
        return frame;
    }

    /** True if the frame has this nonce. */
    public static boolean holds(byte[] nonce, byte[] in, int offset, int length) {
        return length == BYTES
                && Digests.constantTimeEquals(
                        nonce, Arrays.copyOfRange(in, offset + Frame.HEADER_BYTES, offset + BYTES));
    }
}
