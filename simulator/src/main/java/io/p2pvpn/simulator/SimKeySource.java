package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.KeySource;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * Keys that are new for every host and every life of a node, and the same in every run of one seed: SHA-256 over
 * (seed, host, life, block number).
 */
final class SimKeySource implements KeySource {
    private static final int INPUT_BYTES = 3 * Long.BYTES;

    /** Shared by all nodes of a region, which run on one thread. */
    private final MessageDigest sha256;

    private final long seed;
    private final long hostAndLife;
    private long block;

    SimKeySource(MessageDigest sha256, long seed, int host, int life) {
        this.sha256 = sha256;
        this.seed = seed;
        this.hostAndLife = ((long) host << 32) | life;
    }

    @Override
    public void fill(byte[] bytes) {
        int filled = 0;
        while (filled < bytes.length) {
            ByteBuffer input = ByteBuffer.allocate(INPUT_BYTES)
                    .putLong(seed)
                    .putLong(hostAndLife)
                    .putLong(block++);
            byte[] output = sha256.digest(input.array());
            int count = Math.min(output.length, bytes.length - filled);
            System.arraycopy(output, 0, bytes, filled, count);
            filled += count;
        }
    }
}
