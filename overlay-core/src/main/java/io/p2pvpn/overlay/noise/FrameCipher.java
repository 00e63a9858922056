package io.p2pvpn.overlay.noise;

/**
 * Seals or opens frames with one key in one direction. It belongs to one thread.
 *
 * <p>The nonce of 96 bits is made of the lane and the counter, both big-endian:
 *
 * <pre>
 *   0         4                       12
 *   +---------+-----------------------+
 *   |  lane   |        counter        |
 *   +---------+-----------------------+
 * </pre>
 *
 * <p>The caller must never seal twice with the same lane and counter under one key. Input and output must not overlap.
 */
public abstract class FrameCipher {

    /** How much longer a sealed frame is than its content, in bytes. */
    public static final int TAG_BYTES = CipherSuite.TAG_BYTES;

    /** What {@link #open} returns for a frame that is not authentic. */
    public static final int NOT_AUTHENTIC = -1;

    /** For those that seal otherwise than {@link #of}: a simulation that models it. */
    protected FrameCipher() {}

    /**
     * A cipher for one direction, from the best provider there is.
     *
     * @param key {@link CipherSuite#KEY_BYTES} bytes
     * @param sealing whether it seals (or else opens)
     * @throws IllegalArgumentException if the key has another length
     */
    public static FrameCipher of(CipherSuite suite, byte[] key, boolean sealing) {
        return new PlatformFrameCipher(CipherProvider.best(), suite, key, sealing);
    }

    /**
     * Encrypts and authenticates.
     *
     * @param aad the array with the data that is authenticated but not encrypted; {@code aadLength} may be 0
     * @return the bytes written: the length of the input and {@link #TAG_BYTES}
     * @throws IllegalStateException if this object opens, or if lane and counter are those of the preceding call
     * @throws IndexOutOfBoundsException if a range is not within its array
     */
    public abstract int seal(
            int lane,
            long counter,
            byte[] aad,
            int aadOffset,
            int aadLength,
            byte[] in,
            int inOffset,
            int inLength,
            byte[] out,
            int outOffset);

    /**
     * Verifies and decrypts. After a failure the output range must not be looked at.
     *
     * @return the bytes written, the length of the input less {@link #TAG_BYTES}, or {@link #NOT_AUTHENTIC}
     * @throws IllegalStateException if this object seals
     * @throws IndexOutOfBoundsException if a range is not within its array
     */
    public abstract int open(
            int lane,
            long counter,
            byte[] aad,
            int aadOffset,
            int aadLength,
            byte[] in,
            int inOffset,
            int inLength,
            byte[] out,
            int outOffset);
}
