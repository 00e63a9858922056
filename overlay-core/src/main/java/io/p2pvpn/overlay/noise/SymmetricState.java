package io.p2pvpn.overlay.noise;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/** The SymmetricState and CipherState objects of Noise, sections 5.1 and 5.2, with SHA-256. */
final class SymmetricState {

    private static final byte[] ONE = {1};
    private static final byte[] TWO = {2};
    private static final byte[] EMPTY = {};

    private final CipherSuite suite;
    private byte[] chainingKey;
    private byte[] hash;
    private byte @Nullable [] key;
    private long counter;

    SymmetricState(CipherSuite suite, String patternName) {
        this.suite = suite;
        byte[] name = ("Noise_" + patternName + "_25519_" + suite.noiseName() + "_SHA256")
                .getBytes(StandardCharsets.US_ASCII);
        if (name.length > Digests.HASH_BYTES) {
            throw new IllegalArgumentException("a longer protocol name would have to be hashed");
        }
        this.hash = Arrays.copyOf(name, Digests.HASH_BYTES);
        this.chainingKey = hash;
    }

    /** A copy; the arrays in here are replaced and never written, so they can be shared. */
    SymmetricState(SymmetricState other) {
        this.suite = other.suite;
        this.chainingKey = other.chainingKey;
        this.hash = other.hash;
        this.key = other.key;
        this.counter = other.counter;
    }

    void mixHash(byte[] data) {
        hash = Digests.sha256(hash, data);
    }

    void mixKey(byte[] inputKeyMaterial) {
        byte[] temporaryKey = Digests.hmac(chainingKey, inputKeyMaterial);
        chainingKey = Digests.hmac(temporaryKey, ONE);
        key = Digests.hmac(temporaryKey, chainingKey, TWO);
        counter = 0;
    }

    byte[] encryptAndHash(byte[] plaintext) {
        byte[] currentKey = key;
        byte[] result = plaintext;
        if (currentKey != null) {
            try {
                Cipher cipher = start(Cipher.ENCRYPT_MODE, currentKey);
                result = cipher.doFinal(plaintext);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("the platform's cipher refuses to encrypt", e);
            }
            counter++;
        }
        mixHash(result);
        return result;
    }

    /** The plaintext, or null if it is not authentic. */
    byte @Nullable [] decryptAndHash(byte[] ciphertext) {
        byte[] currentKey = key;
        byte[] result = ciphertext;
        if (currentKey != null) {
            if (ciphertext.length < CipherSuite.TAG_BYTES) {
                return null;
            }
            try {
                Cipher cipher = start(Cipher.DECRYPT_MODE, currentKey);
                result = cipher.doFinal(ciphertext);
            } catch (AEADBadTagException e) {
                return null;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("the platform's cipher refuses to decrypt", e);
            }
            counter++;
        }
        mixHash(ciphertext);
        return result;
    }

    /** How many bytes encryption adds at this point: none before the first key. */
    int overheadBytes() {
        return key == null ? 0 : CipherSuite.TAG_BYTES;
    }

    byte[] handshakeHash() {
        return hash.clone();
    }

    TransportKeys split() {
        byte[] temporaryKey = Digests.hmac(chainingKey, EMPTY);
        byte[] first = Digests.hmac(temporaryKey, ONE);
        byte[] second = Digests.hmac(temporaryKey, first, TWO);
        return new TransportKeys(first, second);
    }

    private Cipher start(int mode, byte[] currentKey) throws GeneralSecurityException {
        Cipher cipher = suite.newCipher();
        cipher.init(mode, suite.newKey(currentKey), suite.newParameters(suite.noiseNonce(counter)));
        cipher.updateAAD(hash);
        return cipher;
    }
}
