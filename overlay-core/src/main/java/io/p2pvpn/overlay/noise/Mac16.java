package io.p2pvpn.overlay.noise;

import java.security.MessageDigest;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;

/** HMAC-SHA256 cut to 16 bytes (RFC 2104, section 5) under one key, for many messages. It belongs to one thread. */
public final class Mac16 {

    /** Length of the result, in bytes. */
    public static final int MAC_BYTES = 16;

    private final Mac mac;
    private final byte[] full = new byte[Digests.HASH_BYTES];
    private final byte[] expected = new byte[MAC_BYTES];
    private final byte[] actual = new byte[MAC_BYTES];

    /** A function for one key of at least one byte. */
    public Mac16(byte[] key) {
        this.mac = Digests.newHmac(key);
    }

    /**
     * Writes the {@link #MAC_BYTES} bytes of the given range's code.
     *
     * @throws IndexOutOfBoundsException if a range is not within its array
     */
    public void write(byte[] buffer, int offset, int length, byte[] out, int outOffset) {
        Objects.checkFromIndexSize(outOffset, MAC_BYTES, out.length);
        compute(buffer, offset, length);
        System.arraycopy(full, 0, out, outOffset, MAC_BYTES);
    }

    /**
     * Whether the {@link #MAC_BYTES} bytes at {@code macOffset} are the given range's code, in a time that does not
     * depend on where they differ.
     *
     * @throws IndexOutOfBoundsException if a range is not within its array
     */
    public boolean matches(byte[] buffer, int offset, int length, byte[] received, int macOffset) {
        Objects.checkFromIndexSize(macOffset, MAC_BYTES, received.length);
        compute(buffer, offset, length);
        System.arraycopy(full, 0, expected, 0, MAC_BYTES);
        System.arraycopy(received, macOffset, actual, 0, MAC_BYTES);
        return MessageDigest.isEqual(expected, actual);
    }

    private void compute(byte[] buffer, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        mac.update(buffer, offset, length);
        try {
            mac.doFinal(full, 0);
        } catch (ShortBufferException e) {
            throw new IllegalStateException("the code is longer than SHA-256 is", e);
        }
    }
}
