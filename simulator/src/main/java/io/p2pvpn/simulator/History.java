package io.p2pvpn.simulator;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Digest of everything that happened, in order: equal digests mean equal runs.
 *
 * <p>Each event goes into a 64-bit running mix, and the mix goes into SHA-256 every {@value #EVENTS_PER_FOLD} events:
 * fast, and equal on every JDK and processor. It finds accidents, it does not withstand forgers. Confined to the
 * world's thread.
 */
final class History {
    /** A timer or task of a node ran. */
    static final int TASK = 1;
    /** A datagram reached a node. */
    static final int DELIVERED = 2;
    /** A datagram was lost, on the link or at its destination. */
    static final int LOST = 3;
    /** A frame reached a node over a stream. */
    static final int STREAM_FRAME = 4;
    /** A stream opened or ended. */
    static final int STREAM_STATE = 5;
    /** An action of the scenario ran. */
    static final int ACTION = 6;
    /** A node started or stopped, or a host changed. */
    static final int LIFE = 7;

    private static final int EVENTS_PER_FOLD = 1024;
    private static final long MULTIPLIER_A = 0x9E3779B97F4A7C15L;
    private static final long MULTIPLIER_B = 0xD6E8FEB86659FD93L;
    private static final byte[] NO_BYTES = new byte[0];
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final MessageDigest sha256 = Hashes.newSha256();
    private final ByteBuffer fold = ByteBuffer.allocate(2 * Long.BYTES);
    private boolean shapeOnly;
    private long mix;
    private long events;

    void record(long nanos, int kind, int from, int to) {
        record(nanos, kind, from, to, NO_BYTES);
    }

    /** From now on, of messages only the length goes into the digest. */
    void setShapeOnly(boolean newShapeOnly) {
        shapeOnly = newShapeOnly;
    }

    void record(long nanos, int kind, int from, int to, byte[] bytes) {
        absorb(nanos);
        absorb(((long) kind << 32) | bytes.length);
        absorb(((long) from << 32) | (to & 0xFFFFFFFFL));
        if (bytes.length > 0 && !shapeOnly) {
            absorb(bytes);
        }
        events++;
        if (events % EVENTS_PER_FOLD == 0) {
            sha256.update(foldedState());
        }
    }

    /** Number of events so far. */
    long events() {
        return events;
    }

    /** The digest so far, in hexadecimal; recording goes on undisturbed. */
    String digest() {
        MessageDigest copy = Hashes.copy(sha256);
        copy.update(foldedState());
        return HexFormat.of().formatHex(copy.digest());
    }

    private void absorb(long value) {
        long mixed = (mix ^ value) * MULTIPLIER_A;
        mix = (mixed ^ (mixed >>> 32)) * MULTIPLIER_B;
    }

    /** Two lanes, so that the processor multiplies one word while it waits for the other. */
    private void absorb(byte[] bytes) {
        long even = MULTIPLIER_A;
        long odd = MULTIPLIER_B;
        int i = 0;
        for (; i + 2 * Long.BYTES <= bytes.length; i += 2 * Long.BYTES) {
            even = Long.rotateLeft(even ^ (long) LONGS.get(bytes, i), 29) * MULTIPLIER_A;
            odd = Long.rotateLeft(odd ^ (long) LONGS.get(bytes, i + Long.BYTES), 31) * MULTIPLIER_B;
        }
        for (; i < bytes.length; i += Long.BYTES) {
            even = Long.rotateLeft(even ^ tail(bytes, i), 29) * MULTIPLIER_A;
        }
        absorb(even);
        absorb(odd);
    }

    /** Up to eight bytes from {@code start}, little endian, zeros beyond the end. */
    private static long tail(byte[] bytes, int start) {
        long value = 0;
        for (int i = Math.min(bytes.length, start + Long.BYTES) - 1; i >= start; i--) {
            value = (value << 8) | (bytes[i] & 0xFF);
        }
        return value;
    }

    private ByteBuffer foldedState() {
        return fold.clear().putLong(mix).putLong(events).flip();
    }
}
