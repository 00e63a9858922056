package io.p2pvpn.overlay.noise;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Objects;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/** {@link FrameCipher} with a cipher of the Java platform, or of one of its providers. */
final class PlatformFrameCipher extends FrameCipher {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final CipherSuite suite;
    private final Cipher cipher;
    private final SecretKeySpec key;
    private final boolean sealing;
    private final byte[] nonce = new byte[CipherSuite.NONCE_BYTES];
    private boolean used;
    private int lastLane;
    private long lastCounter;

    PlatformFrameCipher(CipherProvider provider, CipherSuite suite, byte[] key, boolean sealing) {
        this.suite = suite;
        this.cipher = provider.newCipher(suite);
        this.key = suite.newKey(key);
        this.sealing = sealing;
    }

    @Override
    public int seal(
            int lane,
            long counter,
            byte[] aad,
            int aadOffset,
            int aadLength,
            byte[] in,
            int inOffset,
            int inLength,
            byte[] out,
            int outOffset) {
        if (!sealing || isRepeated(lane, counter)) {
            throw new IllegalStateException(sealing ? "the nonce was used before" : "this cipher only opens");
        }
        checkRanges(aad, aadOffset, aadLength, in, inOffset, inLength);
        checkOutput(in, inOffset, inLength, out, outOffset, inLength + TAG_BYTES);
        try {
            start(Cipher.ENCRYPT_MODE, lane, counter);
            bind(aad, aadOffset, aadLength);
            return cipher.doFinal(in, inOffset, inLength, out, outOffset);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the platform's cipher refuses to seal", e);
        }
    }

    @Override
    public int open(
            int lane,
            long counter,
            byte[] aad,
            int aadOffset,
            int aadLength,
            byte[] in,
            int inOffset,
            int inLength,
            byte[] out,
            int outOffset) {
        if (sealing) {
            throw new IllegalStateException("this cipher only seals");
        }
        checkRanges(aad, aadOffset, aadLength, in, inOffset, inLength);
        if (inLength < TAG_BYTES) {
            return NOT_AUTHENTIC;
        }
        checkOutput(in, inOffset, inLength, out, outOffset, inLength - TAG_BYTES);
        try {
            if (isRepeated(lane, counter)) {
                // The ChaCha20 of JDK 17 refuses the preceding nonce in decryption too. A forger could use that to have
                // the authentic frame refused, hence the detour over another nonce.
                start(Cipher.DECRYPT_MODE, ~lane, ~counter);
            }
            start(Cipher.DECRYPT_MODE, lane, counter);
            bind(aad, aadOffset, aadLength);
            return cipher.doFinal(in, inOffset, inLength, out, outOffset);
        } catch (AEADBadTagException e) {
            return NOT_AUTHENTIC;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the platform's cipher refuses to open", e);
        }
    }

    private boolean isRepeated(int lane, long counter) {
        return used && lane == lastLane && counter == lastCounter;
    }

    private void start(int mode, int lane, long counter) throws GeneralSecurityException {
        used = true;
        lastLane = lane;
        lastCounter = counter;
        INT.set(nonce, 0, lane);
        LONG.set(nonce, Integer.BYTES, counter);
        cipher.init(mode, key, suite.newParameters(nonce));
    }

    private void bind(byte[] aad, int offset, int length) {
        // To bind nothing costs the platform's cipher as much as 20 bytes do: up to a third of a small frame's time.
        if (length > 0) {
            cipher.updateAAD(aad, offset, length);
        }
    }

    private static void checkRanges(byte[] aad, int aadOffset, int aadLength, byte[] in, int inOffset, int inLength) {
        Objects.checkFromIndexSize(aadOffset, aadLength, aad.length);
        Objects.checkFromIndexSize(inOffset, inLength, in.length);
    }

    private static void checkOutput(byte[] in, int inOffset, int inLength, byte[] out, int outOffset, int outLength) {
        Objects.checkFromIndexSize(outOffset, outLength, out.length);
        if (in == out && inOffset < outOffset + outLength && outOffset < inOffset + inLength) {
            throw new IllegalArgumentException("input and output overlap");
        }
    }
}
