package io.p2pvpn.overlay.host;

import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.overlay.noise.SealedValue;
import io.p2pvpn.overlay.runtime.KeySource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The file beside sealed ones: what else than the passphrase their key is made of, and a proof of the key, by which a
 * wrong passphrase is told from a damaged file. Nothing in it is secret; without it nothing can be opened.
 *
 * <pre>
 *   0         7         8      24                           52                              56
 *   +---------+---------+------+----------------------------+--------------------------------+
 *   | p2psalt | version | salt | SealedValue of nothing,    | first 4 bytes of SHA-256 of all |
 *   |         |         |      | bound to it: bytes 0 to 24 |                                |
 *   +---------+---------+------+----------------------------+--------------------------------+
 * </pre>
 *
 * <p>The version says how the key is made. Immutable.
 */
final class SaltFile {
    /** Its name, which no file of the store can have. */
    static final String NAME = StateSealing.FILE;

    private static final byte VERSION = 1;
    private static final byte[] MAGIC = "p2psalt".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NOTHING = {};
    private static final int SALT_BYTES = 16;
    private static final int SALT_OFFSET = MAGIC.length + 1;
    private static final int PROOF_OFFSET = SALT_OFFSET + SALT_BYTES;
    private static final int CHECKSUM_OFFSET = PROOF_OFFSET + SealedValue.OVERHEAD_BYTES;
    private static final int CHECKSUM_BYTES = 4;
    private static final int BYTES = CHECKSUM_OFFSET + CHECKSUM_BYTES;

    private final byte[] content;

    private SaltFile(byte[] content) {
        this.content = content;
    }

    /** One with a new salt. */
    static SaltFile make(StateSealing sealing, KeySource keys) {
        byte[] salt = new byte[SALT_BYTES];
        keys.fill(salt);
        ByteBuffer content = ByteBuffer.allocate(BYTES).put(MAGIC).put(VERSION).put(salt);
        content.put(sealing.key(salt, keys).seal(Arrays.copyOf(content.array(), PROOF_OFFSET), NOTHING));
        content.put(checksum(content.array()));
        return new SaltFile(content.array());
    }

    /** Decodes what {@link #encode} made; null if it is damaged or of another version. */
    static @Nullable SaltFile parse(byte[] bytes) {
        boolean sound = bytes.length == BYTES
                && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
                && bytes[MAGIC.length] == VERSION
                && Arrays.equals(checksum(bytes), Arrays.copyOfRange(bytes, CHECKSUM_OFFSET, BYTES));
        return sound ? new SaltFile(bytes.clone()) : null;
    }

    /** True if this looks like one of a later version of the program. */
    static boolean isOfLaterVersion(byte[] bytes) {
        return bytes.length > MAGIC.length
                && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
                && bytes[MAGIC.length] > VERSION;
    }

    byte[] encode() {
        return content.clone();
    }

    /** The key, or null if the passphrase is not the one that the directory was sealed under. */
    @Nullable
    StateKey key(StateSealing sealing, KeySource keys) {
        StateKey key = sealing.key(Arrays.copyOfRange(content, SALT_OFFSET, PROOF_OFFSET), keys);
        byte[] proof = Arrays.copyOfRange(content, PROOF_OFFSET, CHECKSUM_OFFSET);
        return key.open(Arrays.copyOf(content, PROOF_OFFSET), proof) == null ? null : key;
    }

    private static byte[] checksum(byte[] content) {
        return Arrays.copyOf(Digests.sha256(Arrays.copyOf(content, CHECKSUM_OFFSET)), CHECKSUM_BYTES);
    }
}
