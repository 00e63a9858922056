package io.p2pvpn.simulator;

import io.p2pvpn.overlay.noise.CipherSuite;
import io.p2pvpn.overlay.noise.FrameCipher;
import io.p2pvpn.overlay.noise.SessionCrypto;
import io.p2pvpn.overlay.noise.X25519Keys;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Key agreement and sealing as seen from outside, for worlds of very many nodes: every message has the length that it
 * has with the true ones, both parties agree on keys that no other two have, and what was not sealed with the right
 * key, lane and counter does not open. It hides nothing.
 *
 * <p>That nodes behave the same is shown by the digests of small worlds, which leave out what is in the messages (see
 * {@link SimWorld#setShapeOnly}). Nothing but a simulated node can have it.
 */
public final class ModelCrypto implements SessionCrypto {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;
    private static final int ROTATION = 29;

    /** Made of constants only: one is as good as another. */
    public ModelCrypto() {}

    @Override
    public byte[] publicKey(byte[] secret) {
        byte[] key = new byte[X25519Keys.KEY_BYTES];
        long hash = hash(MULTIPLIER, secret, 0, secret.length);
        spread(hash, key);
        return key;
    }

    @Override
    public byte @Nullable [] agree(byte[] secret, byte[] publicKey, byte[] theirs) {
        byte[] shared = new byte[X25519Keys.KEY_BYTES];
        boolean isFirst = Arrays.compareUnsigned(publicKey, theirs) < 0;
        long hash = hash(MULTIPLIER, isFirst ? publicKey : theirs, 0, X25519Keys.KEY_BYTES);
        spread(hash(hash, isFirst ? theirs : publicKey, 0, X25519Keys.KEY_BYTES), shared);
        return shared;
    }

    @Override
    public FrameCipher newCipher(CipherSuite suite, byte[] key, boolean sealing) {
        return new ModelCipher(hash(suite.wireId(), key, 0, key.length), sealing);
    }

    private static void spread(long hash, byte[] out) {
        for (int i = 0; i < out.length; i += Long.BYTES) {
            LONGS.set(out, i, Hashes.mix64(hash + i));
        }
    }

    private static long hash(long start, byte[] bytes, int offset, int length) {
        long hash = start ^ length;
        int end = offset + length;
        int i = offset;
        if (length >= 4 * Long.BYTES) {
            long two = MULTIPLIER;
            long three = ~MULTIPLIER;
            long four = length;
            // Four chains at a time, so that the processor multiplies one while it waits for the others.
            for (; i + 4 * Long.BYTES <= end; i += 4 * Long.BYTES) {
                hash = Long.rotateLeft((hash ^ (long) LONGS.get(bytes, i)) * MULTIPLIER, ROTATION);
                two = Long.rotateLeft((two ^ (long) LONGS.get(bytes, i + Long.BYTES)) * MULTIPLIER, ROTATION);
                three = Long.rotateLeft((three ^ (long) LONGS.get(bytes, i + 2 * Long.BYTES)) * MULTIPLIER, ROTATION);
                four = Long.rotateLeft((four ^ (long) LONGS.get(bytes, i + 3 * Long.BYTES)) * MULTIPLIER, ROTATION);
            }
            hash ^= Hashes.mix64(two ^ Hashes.mix64(three ^ Hashes.mix64(four)));
        }
        for (; i + Long.BYTES <= end; i += Long.BYTES) {
            hash = Long.rotateLeft((hash ^ (long) LONGS.get(bytes, i)) * MULTIPLIER, ROTATION);
        }
        for (; i < end; i++) {
            hash = Long.rotateLeft((hash ^ bytes[i]) * MULTIPLIER, ROTATION);
        }
        return Hashes.mix64(hash);
    }

    /** The text itself, followed by a hash of it, the key and the nonce. */
    private static final class ModelCipher extends FrameCipher {
        private final long key;
        private final boolean sealing;

        ModelCipher(long key, boolean sealing) {
            this.key = key;
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
            if (!sealing) {
                throw new IllegalStateException("this cipher only opens");
            }
            Objects.checkFromIndexSize(outOffset, inLength + TAG_BYTES, out.length);
            long tag = tag(lane, counter, aad, aadOffset, aadLength, in, inOffset, inLength);
            System.arraycopy(in, inOffset, out, outOffset, inLength);
            LONGS.set(out, outOffset + inLength, tag);
            LONGS.set(out, outOffset + inLength + Long.BYTES, ~tag);
            return inLength + TAG_BYTES;
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
            int length = inLength - TAG_BYTES;
            if (length < 0) {
                return NOT_AUTHENTIC;
            }
            long tag = tag(lane, counter, aad, aadOffset, aadLength, in, inOffset, length);
            boolean isAuthentic = (long) LONGS.get(in, inOffset + length) == tag
                    && (long) LONGS.get(in, inOffset + length + Long.BYTES) == ~tag;
            if (!isAuthentic) {
                return NOT_AUTHENTIC;
            }
            System.arraycopy(in, inOffset, out, outOffset, length);
            return length;
        }

        private long tag(
                int lane,
                long counter,
                byte[] aad,
                int aadOffset,
                int aadLength,
                byte[] text,
                int textOffset,
                int textLength) {
            long nonce = Hashes.mix64(key ^ lane) ^ counter;
            return hash(hash(nonce, aad, aadOffset, aadLength), text, textOffset, textLength);
        }
    }
}
