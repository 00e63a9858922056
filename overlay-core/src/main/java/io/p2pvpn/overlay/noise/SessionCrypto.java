package io.p2pvpn.overlay.noise;

import org.jspecify.annotations.Nullable;

/**
 * What sessions are made of that costs most of a processor's time: key agreement and the sealing of frames. A node has
 * the {@link #PLATFORM}'s; a simulation of very many nodes may have a model of it.
 */
public interface SessionCrypto {
    /** X25519 (RFC 7748) and the ciphers of {@link CipherSuite}. */
    SessionCrypto PLATFORM = new SessionCrypto() {
        @Override
        public byte[] publicKey(byte[] secret) {
            return X25519Keys.publicKey(secret);
        }

        @Override
        public byte @Nullable [] agree(byte[] secret, byte[] publicKey, byte[] theirs) {
            return X25519Keys.agree(secret, theirs);
        }

        @Override
        public FrameCipher newCipher(CipherSuite suite, byte[] key, boolean sealing) {
            return FrameCipher.of(suite, key, sealing);
        }
    };

    /** The public key of an ephemeral secret of {@link X25519Keys#KEY_BYTES} bytes. */
    byte[] publicKey(byte[] secret);

    /**
     * What both parties get from a pair of keys of their own and the other's public key, or null if the other's is not
     * acceptable.
     */
    byte @Nullable [] agree(byte[] secret, byte[] publicKey, byte[] theirs);

    /** As {@link FrameCipher#of}. */
    FrameCipher newCipher(CipherSuite suite, byte[] key, boolean sealing);
}
