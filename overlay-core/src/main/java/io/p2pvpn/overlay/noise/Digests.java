package io.p2pvpn.overlay.noise;

import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** One-shot SHA-256 and HMAC-SHA256 over concatenated parts. The parts are not delimited: the caller sees to that. */
public final class Digests {

    /** Length of a SHA-256 or HMAC-SHA256 value, in bytes. */
    public static final int HASH_BYTES = 32;

    private static final String HMAC = "HmacSHA256";

    private Digests() {}

    /** The SHA-256 value (FIPS 180-4) of the concatenated parts. */
    public static byte[] sha256(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform must have SHA-256", e);
        }
    }

    /** The HMAC-SHA256 value (RFC 2104) of the concatenated parts under a key of at least one byte. */
    public static byte[] hmac(byte[] key, byte[]... parts) {
        Mac mac = newHmac(key);
        for (byte[] part : parts) {
            mac.update(part);
        }
        return mac.doFinal();
    }

    /** Whether both arrays hold the same bytes, in a time that does not depend on where they differ. */
    public static boolean constantTimeEquals(byte[] a, byte[] b) {
        return MessageDigest.isEqual(a, b);
    }

    static Mac newHmac(byte[] key) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            return mac;
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every Java platform must have " + HMAC, e);
        }
    }
}
