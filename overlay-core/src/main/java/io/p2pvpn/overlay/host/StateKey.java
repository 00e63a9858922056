package io.p2pvpn.overlay.host;

import io.p2pvpn.overlay.noise.SealedValue;
import io.p2pvpn.overlay.runtime.KeySource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The key of a state directory, and the form of the files under it.
 *
 * <pre>
 *   0         7         8                                             n
 *   +---------+---------+---------------------------------------------+
 *   | p2pseal | version | SealedValue; bound to it: bytes 0 to 8, name|
 *   +---------+---------+---------------------------------------------+
 * </pre>
 *
 * <p>No plain file of the state begins so. The first byte tells a program that knows no sealed files that the identity
 * is of a later version. Immutable, but for what the source of randomness does.
 */
final class StateKey {
    private static final byte VERSION = 1;
    private static final byte[] MAGIC = "p2pseal".getBytes(StandardCharsets.US_ASCII);

    /** What tells a sealed file from others, its version included. */
    static final int HEADER_BYTES = MAGIC.length + 1;

    private final byte[] key;
    private final KeySource keys;

    /** @param key 32 bytes, which nobody changes any more */
    StateKey(byte[] key, KeySource keys) {
        this.key = key;
        this.keys = keys;
    }

    /** Whether a file that begins so is a sealed one, of whatever version. */
    static boolean isSealed(byte[] content) {
        return content.length >= HEADER_BYTES && Arrays.equals(content, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    /** Whether a file that begins so was sealed by a later version of the program. */
    static boolean isOfLaterVersion(byte[] content) {
        return isSealed(content) && content[MAGIC.length] > VERSION;
    }

    /** The content of the file of that name, for the disk. */
    byte[] seal(String name, byte[] plain) {
        byte[] header =
                ByteBuffer.allocate(HEADER_BYTES).put(MAGIC).put(VERSION).array();
        return join(header, seal(bound(header, name), plain));
    }

    /** What {@link #seal(String, byte[])} was given; null if the file was altered, or is another one's. */
    byte @Nullable [] open(String name, byte[] content) {
        if (!isSealed(content) || content[MAGIC.length] != VERSION) {
            return null;
        }
        byte[] header = Arrays.copyOf(content, HEADER_BYTES);
        return open(bound(header, name), Arrays.copyOfRange(content, HEADER_BYTES, content.length));
    }

    /** Seals something that is no file of its own. */
    byte[] seal(byte[] bound, byte[] plain) {
        return SealedValue.seal(keys, key, bound, plain);
    }

    /** What {@link #seal(byte[], byte[])} was given; null if it was altered, or is under another key. */
    byte @Nullable [] open(byte[] bound, byte[] sealed) {
        return SealedValue.open(key, bound, sealed);
    }

    private static byte[] bound(byte[] header, String name) {
        return join(header, name.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] join(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }
}
