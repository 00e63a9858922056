package io.p2pvpn.simulator;

import java.security.AlgorithmParameters;
import java.security.Key;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.CipherSpi;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * A provider whose AES-GCM neither encrypts nor allocates: what is left is the garbage of our own code. It puts 16
 * bytes behind the text, which need not be right.
 */
final class FreeCiphers extends Provider {
    private static final int TAG_BYTES = 16;

    FreeCiphers() {
        super("FreeCiphers", "1", "for tests of allocation");
        put("Cipher.AES/GCM/NoPadding", AesGcm.class.getName());
    }

    /** Made by name. */
    public static final class AesGcm extends CipherSpi {
        private boolean sealing;
        /** Held, or else the JIT might spare making them, and the test could not say what is left without them. */
        private @Nullable AlgorithmParameterSpec held;

        @Override
        protected void engineInit(int mode, Key key, AlgorithmParameterSpec parameters, SecureRandom random) {
            sealing = mode == Cipher.ENCRYPT_MODE;
            held = parameters;
        }

        @Override
        protected void engineUpdateAAD(byte[] aad, int offset, int length) {
            // Nothing is authenticated.
        }

        @Override
        protected int engineDoFinal(byte[] in, int offset, int length, byte[] out, int outOffset)
                throws ShortBufferException {
            int plainBytes = sealing ? length : length - TAG_BYTES;
            if (plainBytes < 0 || out.length - outOffset < engineGetOutputSize(length)) {
                throw new ShortBufferException();
            }
            System.arraycopy(in, offset, out, outOffset, plainBytes);
            return sealing ? length + TAG_BYTES : plainBytes;
        }

        @Override
        protected byte[] engineDoFinal(byte[] in, int offset, int length) {
            return Arrays.copyOfRange(in, offset, offset + engineGetOutputSize(length));
        }

        @Override
        protected int engineGetOutputSize(int inputLength) {
            return sealing ? inputLength + TAG_BYTES : inputLength - TAG_BYTES;
        }

        @Override
        protected void engineSetMode(String mode) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void engineSetPadding(String padding) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected int engineGetBlockSize() {
            return TAG_BYTES;
        }

        @Override
        protected byte @Nullable [] engineGetIV() {
            return held instanceof GCMParameterSpec gcm ? gcm.getIV() : null;
        }

        @Override
        protected @Nullable AlgorithmParameters engineGetParameters() {
            return null;
        }

        @Override
        protected void engineInit(int mode, Key key, SecureRandom random) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void engineInit(int mode, Key key, AlgorithmParameters parameters, SecureRandom random) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected byte[] engineUpdate(byte[] in, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected int engineUpdate(byte[] in, int offset, int length, byte[] out, int outOffset) {
            throw new UnsupportedOperationException();
        }
    }
}
