package io.p2pvpn.overlay.posix;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * A block of zeroed memory at a fixed address, for the kernel to read and write. Numbers are in the machine's byte
 * order unless a method says otherwise. Offsets out of range throw {@link IndexOutOfBoundsException}.
 *
 * <p>The memory lives as long as this object is reachable: keep it in a field while the kernel, or another block, holds
 * its address. Not thread-safe.
 */
public final class NativeBuffer {
    private final ByteBuffer bytes;
    private final long address;

    private NativeBuffer(ByteBuffer bytes) {
        this.bytes = bytes;
        this.address = Pointer.wrap(Runtime.getSystemRuntime(), bytes).address();
    }

    /** A block of {@code size} bytes, aligned to 8. */
    public static NativeBuffer allocate(int size) {
        return new NativeBuffer(ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder()));
    }

    /** A block that holds {@code text} in UTF-8 and a zero byte. */
    public static NativeBuffer ofText(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        NativeBuffer buffer = allocate(encoded.length + 1);
        buffer.put(0, encoded, 0, encoded.length);
        return buffer;
    }

    /** Where the block begins. */
    public long address() {
        return address;
    }

    /** The address of the byte at {@code offset}. */
    public long address(int offset) {
        return address + offset;
    }

    /** The size in bytes. */
    public int size() {
        return bytes.capacity();
    }

    /** The same memory as a buffer of the JDK, in the machine's byte order; its position is the caller's to use. */
    public ByteBuffer asByteBuffer() {
        return bytes;
    }

    /** Copies {@code length} bytes out of the block. */
    public void get(int offset, byte[] target, int targetOffset, int length) {
        bytes.get(offset, target, targetOffset, length);
    }

    /** Copies {@code length} bytes into the block. */
    public void put(int offset, byte[] source, int sourceOffset, int length) {
        bytes.put(offset, source, sourceOffset, length);
    }

    /** The byte at {@code offset}. */
    public byte getByte(int offset) {
        return bytes.get(offset);
    }

    /** Sets the byte at {@code offset}. */
    public void putByte(int offset, int value) {
        bytes.put(offset, (byte) value);
    }

    /** The 16-bit number at {@code offset}. */
    public short getShort(int offset) {
        return bytes.getShort(offset);
    }

    /** Sets the 16-bit number at {@code offset}. */
    public void putShort(int offset, int value) {
        bytes.putShort(offset, (short) value);
    }

    /** The 32-bit number at {@code offset}. */
    public int getInt(int offset) {
        return bytes.getInt(offset);
    }

    /** Sets the 32-bit number at {@code offset}. */
    public void putInt(int offset, int value) {
        bytes.putInt(offset, value);
    }

    /** The 64-bit number at {@code offset}. */
    public long getLong(int offset) {
        return bytes.getLong(offset);
    }

    /** Sets the 64-bit number at {@code offset}. */
    public void putLong(int offset, long value) {
        bytes.putLong(offset, value);
    }

    /** Sets {@code length} bytes from {@code offset} to zero. */
    public void clear(int offset, int length) {
        for (int i = 0; i < length; i++) {
            bytes.put(offset + i, (byte) 0);
        }
    }
}
