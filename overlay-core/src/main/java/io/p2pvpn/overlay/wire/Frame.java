package io.p2pvpn.overlay.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Layout of the frame header (docs/protocol.md section 2) and access to its fields, big endian. */
public final class Frame {
    /** Version of the wire format. */
    public static final int VERSION = 1;

    /** First message of a handshake. */
    public static final int TYPE_INIT = 1;
    /** Second message of a handshake. */
    public static final int TYPE_RESPONSE = 2;
    /** Third message of an XX handshake. */
    public static final int TYPE_FINISH = 3;
    /** "Prove your address first": an encrypted cookie. */
    public static final int TYPE_COOKIE = 4;
    /** A sealed frame. */
    public static final int TYPE_DATA = 5;

    /** Offset of the lane byte; in handshake messages the pattern and suite byte. */
    public static final int LANE_OFFSET = 1;
    /** Offset of the receiver index. */
    public static final int RECEIVER_OFFSET = 4;
    /** Offset of the relay label. */
    public static final int LABEL_OFFSET = 8;
    /** Offset of the counter; in handshake messages the sender index. */
    public static final int COUNTER_OFFSET = 12;
    /** Length of the header. */
    public static final int HEADER_BYTES = 20;
    /** Length of the authentication tag. */
    public static final int TAG_BYTES = 16;
    /** What sealing adds to a plaintext. */
    public static final int OVERHEAD_BYTES = HEADER_BYTES + TAG_BYTES;

    /** Plaintext starts with kind and channel. */
    public static final int PREFIX_BYTES = 2;
    /** Kind: a control message. */
    public static final int KIND_CONTROL = 0;
    /** Kind: an IP packet whose checksums are complete. */
    public static final int KIND_PACKET = 1;
    /** Kind: an IP packet whose TCP or UDP checksum field holds the pseudo-header's sum only. */
    public static final int KIND_PACKET_PARTIAL_CHECKSUM = 2;
    /** Kind: a piece of a control message. */
    public static final int KIND_FRAGMENT = 3;
    /** Kind: a packet of streams. 4 to 7 are left for packets of other protocols. */
    public static final int KIND_STREAM = 8;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Frame() {}

    /** Writes a header with label 0. */
    public static void putHeader(byte[] out, int offset, int type, int lane, int receiver, long counter) {
        out[offset] = (byte) ((VERSION << 4) | type);
        out[offset + LANE_OFFSET] = (byte) lane;
        out[offset + 2] = 0;
        out[offset + 3] = 0;
        INT.set(out, offset + RECEIVER_OFFSET, receiver);
        INT.set(out, offset + LABEL_OFFSET, 0);
        LONG.set(out, offset + COUNTER_OFFSET, counter);
    }

    /** The frame's type, or 0 when the bytes cannot be a frame of this version. */
    public static int type(byte[] in, int offset, int length) {
        boolean plausible = length >= OVERHEAD_BYTES
                && (in[offset] & 0xf0) == VERSION << 4
                && in[offset + 2] == 0
                && in[offset + 3] == 0;
        return plausible ? in[offset] & 0x0f : 0;
    }

    /** The lane of a sealed frame, 0 to 255. */
    public static int lane(byte[] in, int offset) {
        return in[offset + LANE_OFFSET] & 0xff;
    }

    /** The receiver index. */
    public static int receiver(byte[] in, int offset) {
        return (int) INT.get(in, offset + RECEIVER_OFFSET);
    }

    /** The relay label. */
    public static int label(byte[] in, int offset) {
        return (int) INT.get(in, offset + LABEL_OFFSET);
    }

    /** Sets the relay label. */
    public static void putLabel(byte[] out, int offset, int label) {
        INT.set(out, offset + LABEL_OFFSET, label);
    }

    /** The counter. */
    public static long counter(byte[] in, int offset) {
        return (long) LONG.get(in, offset + COUNTER_OFFSET);
    }

    /** Sets the sender index of a handshake message (the upper half of the counter field). */
    public static void putSender(byte[] out, int offset, int sender) {
        INT.set(out, offset + COUNTER_OFFSET, sender);
    }

    /** The sender index of a handshake message. */
    public static int sender(byte[] in, int offset) {
        return (int) INT.get(in, offset + COUNTER_OFFSET);
    }

    /**
     * The queue of {@code queues} that a datagram belongs to: that of its lane for a sealed frame without a label, else
     * 0. What the kernel runs where sockets share a port says the same (docs/protocol.md section 2).
     */
    public static int queueOf(byte[] in, int offset, int length, int queues) {
        boolean sealed = length >= COUNTER_OFFSET
                && in[offset] == (VERSION << 4 | TYPE_DATA)
                && (int) INT.get(in, offset + LABEL_OFFSET) == 0;
        return sealed ? lane(in, offset) % queues : 0;
    }
}
