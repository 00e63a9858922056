package io.p2pvpn.overlay.noise;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** The two authenticated ciphers a session can use; each also names the Noise protocol of its handshake. */
public enum CipherSuite {
    /** AES-256 in Galois/counter mode (NIST SP 800-38D): the choice of processors with AES instructions. */
    AES_256_GCM(1, "AESGCM", "AES/GCM/NoPadding", "AES"),

    /** ChaCha20-Poly1305 (RFC 8439): the choice of processors without them. */
    CHACHA20_POLY1305(2, "ChaChaPoly", "ChaCha20-Poly1305", "ChaCha20");

    /** Length of a key of either suite, in bytes. */
    public static final int KEY_BYTES = 32;

    /** Length of the authentication tag of either suite, in bytes. */
    public static final int TAG_BYTES = 16;

    static final int NONCE_BYTES = 12;

    private final int wireId;
    private final String noiseName;
    private final String transformation;
    private final String keyAlgorithm;

    CipherSuite(int wireId, String noiseName, String transformation, String keyAlgorithm) {
        this.wireId = wireId;
        this.noiseName = noiseName;
        this.transformation = transformation;
        this.keyAlgorithm = keyAlgorithm;
    }

    /** The number that names this suite on the wire. */
    public int wireId() {
        return wireId;
    }

    /** The suite with that number, or null if this version knows none. */
    public static @Nullable CipherSuite ofWireId(int wireId) {
        for (CipherSuite suite : values()) {
            if (suite.wireId == wireId) {
                return suite;
            }
        }
        return null;
    }

    /** The name of the cipher within a Noise protocol name. */
    String noiseName() {
        return noiseName;
    }

    /** What the Java platform calls it. */
    String transformation() {
        return transformation;
    }

    /** A cipher object of the platform's first provider that has this suite. */
    Cipher newCipher() {
        try {
            return Cipher.getInstance(transformation);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform has no " + transformation, e);
        }
    }

    SecretKeySpec newKey(byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("a key has " + KEY_BYTES + " bytes, not " + key.length);
        }
        return new SecretKeySpec(key, keyAlgorithm);
    }

    /** The parameters for one operation; the nonce is copied. */
    AlgorithmParameterSpec newParameters(byte[] nonce) {
        return this == AES_256_GCM ? new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce) : new IvParameterSpec(nonce);
    }

    /** The nonce of Noise, section 12: 32 zero bits, then the counter, whose byte order depends on the cipher. */
    byte[] noiseNonce(long counter) {
        ByteOrder order = this == AES_256_GCM ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        return ByteBuffer.allocate(NONCE_BYTES)
                .order(order)
                .putLong(NONCE_BYTES - Long.BYTES, counter)
                .array();
    }
}
