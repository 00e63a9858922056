package io.p2pvpn.overlay.noise;

import io.p2pvpn.overlay.runtime.KeySource;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.jspecify.annotations.Nullable;

/** X25519 (RFC 7748) on raw keys of 32 bytes. */
public final class X25519Keys {

    /** Length of a secret key, of a public key and of a shared secret, in bytes. */
    public static final int KEY_BYTES = 32;

    /**
     * Every encoding of a point of small order with the unused top bit cleared: 0, 1, the two of order 8, p-1, p, p+1.
     * With such a peer the shared secret is zero whatever one's own key is (RFC 7748, section 6.1).
     */
    private static final byte[][] SMALL_ORDER = {
        parse("0000000000000000000000000000000000000000000000000000000000000000"),
        parse("0100000000000000000000000000000000000000000000000000000000000000"),
        parse("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        parse("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
        parse("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        parse("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        parse("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")
    };

    private X25519Keys() {}

    /** A new secret key. */
    public static byte[] generateSecret(KeySource keys) {
        byte[] secret = new byte[KEY_BYTES];
        keys.fill(secret);
        return secret;
    }

    /**
     * The public key of a secret key.
     *
     * @throws IllegalArgumentException if the secret does not have {@link #KEY_BYTES} bytes
     */
    public static byte[] publicKey(byte[] secret) {
        requireKey(secret);
        byte[] publicKey = new byte[KEY_BYTES];
        X25519.scalarMultBase(secret, 0, publicKey, 0);
        return publicKey;
    }

    /**
     * The shared secret, or null if it would be all zeros because the public key is of small order.
     *
     * @throws IllegalArgumentException if a key does not have {@link #KEY_BYTES} bytes
     */
    public static byte @Nullable [] agree(byte[] secret, byte[] publicKey) {
        requireKey(secret);
        requireKey(publicKey);
        byte[] shared = new byte[KEY_BYTES];
        return X25519.calculateAgreement(secret, 0, publicKey, 0, shared, 0) ? shared : null;
    }

    /** Whether a public key has the right length and is not of small order. */
    public static boolean isAcceptable(byte[] publicKey) {
        if (publicKey.length != KEY_BYTES) {
            return false;
        }
        byte[] masked = publicKey.clone();
        masked[KEY_BYTES - 1] &= 0x7f;
        for (byte[] bad : SMALL_ORDER) {
            if (Arrays.equals(masked, bad)) {
                return false;
            }
        }
        return true;
    }

    private static void requireKey(byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("an X25519 key has " + KEY_BYTES + " bytes, not " + key.length);
        }
    }

    private static byte[] parse(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
