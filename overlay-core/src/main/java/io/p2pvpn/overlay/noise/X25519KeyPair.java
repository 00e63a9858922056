package io.p2pvpn.overlay.noise;

/** An X25519 secret with its public key, computed once. Immutable; may be used by any thread. */
public final class X25519KeyPair {
    private final byte[] secret;
    private final byte[] publicKey;

    private X25519KeyPair(byte[] secret, byte[] publicKey) {
        this.secret = secret;
        this.publicKey = publicKey;
    }

    /**
     * The pair of a secret key.
     *
     * @throws IllegalArgumentException if the secret does not have {@link X25519Keys#KEY_BYTES} bytes
     */
    public static X25519KeyPair of(byte[] secret) {
        return new X25519KeyPair(secret.clone(), X25519Keys.publicKey(secret));
    }

    /** The secret itself: it stays within this package. */
    byte[] secret() {
        return secret;
    }

    /** The public key, a copy. */
    public byte[] publicKey() {
        return publicKey.clone();
    }
}
