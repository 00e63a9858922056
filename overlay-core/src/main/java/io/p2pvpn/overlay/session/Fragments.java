package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.wire.Frame;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Cuts control messages that do not fit one frame, and puts them together again. A piece is kind (1), channel (1),
 * message number (2), index (1), count (1), bytes. Confined to the node's loop.
 */
final class Fragments {
    /** Bytes of a control message in one frame: with all headers it passes any IPv6 link (1280 bytes). */
    static final int PIECE_BYTES = 1150;

    static final int PIECE_HEADER_BYTES = Frame.PREFIX_BYTES + 4;
    /** Pieces of one message. */
    static final int COUNT_MAX = 20;
    /** The longest control message. */
    static final int MESSAGE_BYTES_MAX = PIECE_BYTES * COUNT_MAX;
    /** Messages of one session being put together at a time; the oldest gives way. */
    static final int PARTIAL_MAX = 8;

    private static final byte[] NOT_YET = new byte[0];

    private static final class Partial {
        private final List<byte[]> pieces = new ArrayList<>();
        private int missing;

        Partial(int count) {
            for (int i = 0; i < count; i++) {
                pieces.add(NOT_YET);
            }
            missing = count;
        }
    }

    /** The oldest first; null while there is none: few sessions have any at a time. */
    private @Nullable Map<Integer, Partial> partials;

    private int nextNumber;

    /** The number of the next message that is cut. */
    int nextNumber() {
        nextNumber = (nextNumber + 1) & 0xffff;
        return nextNumber;
    }

    /** Writes piece {@code index} of {@code message} as a frame's plaintext; its length. */
    static int cut(byte[] message, int number, int index, byte[] out) {
        int count = count(message.length);
        int from = index * PIECE_BYTES;
        int bytes = Math.min(PIECE_BYTES, message.length - from);
        out[0] = Frame.KIND_FRAGMENT;
        out[1] = 0;
        out[2] = (byte) (number >> 8);
        out[3] = (byte) number;
        out[4] = (byte) index;
        out[5] = (byte) count;
        System.arraycopy(message, from, out, PIECE_HEADER_BYTES, bytes);
        return PIECE_HEADER_BYTES + bytes;
    }

    /** Pieces that a message of this length needs. */
    static int count(int messageBytes) {
        return (messageBytes + PIECE_BYTES - 1) / PIECE_BYTES;
    }

    /** Takes a piece: the whole message once it is complete, else null. */
    byte @Nullable [] onPiece(byte[] plain, int length) {
        if (!isPiece(plain, length)) {
            return null;
        }
        int number = (plain[2] & 0xff) << 8 | (plain[3] & 0xff);
        int index = plain[4] & 0xff;
        int count = plain[5] & 0xff;
        Map<Integer, Partial> all = partials;
        if (all == null) {
            all = new LinkedHashMap<>();
            partials = all;
        }
        Partial partial = all.get(number);
        if (partial == null || partial.pieces.size() != count) {
            all.remove(number);
            evict(all);
            partial = new Partial(count);
            all.put(number, partial);
        }
        if (partial.pieces.get(index) == NOT_YET) {
            byte[] piece = new byte[length - PIECE_HEADER_BYTES];
            System.arraycopy(plain, PIECE_HEADER_BYTES, piece, 0, piece.length);
            partial.pieces.set(index, piece);
            partial.missing--;
        }
        if (partial.missing > 0) {
            return null;
        }
        all.remove(number);
        if (all.isEmpty()) {
            partials = null;
        }
        return join(partial);
    }

    /** True if this can be a piece of a message. */
    static boolean isPiece(byte[] plain, int length) {
        if (length <= PIECE_HEADER_BYTES || length - PIECE_HEADER_BYTES > PIECE_BYTES) {
            return false;
        }
        int index = plain[4] & 0xff;
        int count = plain[5] & 0xff;
        return count >= 2 && count <= COUNT_MAX && index < count;
    }

    private static void evict(Map<Integer, Partial> all) {
        if (all.size() >= PARTIAL_MAX) {
            Iterator<Integer> oldest = all.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    private static byte[] join(Partial partial) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (byte[] piece : partial.pieces) {
            whole.writeBytes(piece);
        }
        return whole.toByteArray();
    }
}
