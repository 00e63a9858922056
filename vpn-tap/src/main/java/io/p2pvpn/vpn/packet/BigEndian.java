package io.p2pvpn.vpn.packet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Reads and writes network-order fields of a byte array. Offsets out of the array throw. */
public final class BigEndian {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private BigEndian() {}

    /** The unsigned byte at {@code offset}. */
    public static int getByte(byte[] buffer, int offset) {
        return buffer[offset] & 0xff;
    }

    /** The unsigned 16-bit number at {@code offset}. */
    public static int getShort(byte[] buffer, int offset) {
        return (short) SHORT.get(buffer, offset) & 0xffff;
    }

    /** Writes the low 16 bits of {@code value}. */
    public static void putShort(byte[] buffer, int offset, int value) {
        SHORT.set(buffer, offset, (short) value);
    }

    /** The 32-bit number at {@code offset}. */
    public static int getInt(byte[] buffer, int offset) {
        return (int) INT.get(buffer, offset);
    }

    /** Writes 32 bits. */
    public static void putInt(byte[] buffer, int offset, int value) {
        INT.set(buffer, offset, value);
    }

    /** The 64-bit number at {@code offset}. */
    public static long getLong(byte[] buffer, int offset) {
        return (long) LONG.get(buffer, offset);
    }

    /** Writes 64 bits. */
    public static void putLong(byte[] buffer, int offset, long value) {
        LONG.set(buffer, offset, value);
    }
}
