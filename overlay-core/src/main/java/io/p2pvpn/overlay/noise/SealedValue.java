package io.p2pvpn.overlay.noise;

import io.p2pvpn.overlay.runtime.KeySource;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that lie where not everybody is to read them, a record's value or a file: AES-256-GCM (NIST SP 800-38D) with a
 * random nonce, under a key that its readers share.
 *
 * <pre>
 *   0            12                             n
 *   +------------+------------------------------+----------+
 *   | nonce (12) | ciphertext                   | tag (16) |
 *   +------------+------------------------------+----------+
 * </pre>
 */
public final class SealedValue {
    private static final int NONCE_BYTES = 12;

    /** What sealing adds. */
    public static final int OVERHEAD_BYTES = NONCE_BYTES + FrameCipher.TAG_BYTES;

    private SealedValue() {}

    /**
     * Seals {@code plain}.
     *
     * @param key 32 bytes
     * @param bound not in the value, but must be the same when it is opened
     */
    public static byte[] seal(KeySource keys, byte[] key, byte[] bound, byte[] plain) {
        byte[] sealed = new byte[plain.length + OVERHEAD_BYTES];
        byte[] nonce = new byte[NONCE_BYTES];
        keys.fill(nonce);
        System.arraycopy(nonce, 0, sealed, 0, NONCE_BYTES);
        ByteBuffer parts = ByteBuffer.wrap(nonce);
        FrameCipher cipher = FrameCipher.of(CipherSuite.AES_256_GCM, key, true);
        int bytes = cipher.seal(
                parts.getInt(), parts.getLong(), bound, 0, bound.length, plain, 0, plain.length, sealed, NONCE_BYTES);
        if (bytes != plain.length + FrameCipher.TAG_BYTES) {
            throw new IllegalStateException("sealed " + bytes);
        }
        return sealed;
    }

    /** What was sealed, or null if it was not sealed with this key and this bound part. */
    public static byte @Nullable [] open(byte[] key, byte[] bound, byte[] sealed) {
        int plainBytes = sealed.length - OVERHEAD_BYTES;
        if (plainBytes < 0) {
            return null;
        }
        ByteBuffer nonce = ByteBuffer.wrap(sealed);
        byte[] plain = new byte[plainBytes];
        FrameCipher cipher = FrameCipher.of(CipherSuite.AES_256_GCM, key, false);
        int opened = cipher.open(
                nonce.getInt(),
                nonce.getLong(),
                bound,
                0,
                bound.length,
                sealed,
                NONCE_BYTES,
                sealed.length - NONCE_BYTES,
                plain,
                0);
        return opened == plainBytes ? plain : null;
    }
}
