package io.p2pvpn.vpn.trust;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.vpn.tun.Cidr;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What defines a namespace, signed by its authority. The bytes are those of {@link DescriptorCodec}. */
public final class NamespaceDescriptor {

    /** Length of the longest encoding, in bytes. */
    public static final int ENCODED_BYTES_MAX = DescriptorCodec.ENCODED_BYTES_MAX;

    private static final byte[] ID_DOMAIN = "p2pvpn namespace v1".getBytes(StandardCharsets.US_ASCII);

    private final Terms terms;
    private final byte[] caKey;
    private final byte[] encoded;
    private final OverlayId id;

    /** Takes parts that belong together; the arrays become this object's own. */
    NamespaceDescriptor(Terms terms, byte[] caKey, byte[] encoded) {
        this.terms = terms;
        this.caKey = caKey;
        this.encoded = encoded;
        this.id = idOf(caKey);
    }

    /** Decodes and verifies; null if anything is wrong. */
    public static @Nullable NamespaceDescriptor parse(byte[] encoded) {
        return DescriptorCodec.parse(encoded);
    }

    /** A namespace's id: the first 160 bits of SHA-256("p2pvpn namespace v1" || the authority's Ed25519 key). */
    public static OverlayId idOf(byte[] caKey) {
        return OverlayId.ofHash(Digests.sha256(ID_DOMAIN, caKey));
    }

    /** The encoding, a copy. */
    public byte[] encode() {
        return encoded.clone();
    }

    /** What the authority signed. */
    public Terms terms() {
        return terms;
    }

    /** The authority's Ed25519 public key, a copy. */
    public byte[] caKey() {
        return caKey.clone();
    }

    /** The namespace's id, see {@link #idOf}. */
    public OverlayId id() {
        return id;
    }

    /** The namespace's name: a hint, others may bear it too. */
    public String name() {
        return terms.name();
    }

    /** Whether any key is a member without a certificate. */
    public boolean open() {
        return terms.open();
    }

    /** The IPv4 prefix that members take their addresses from. */
    public Cidr prefix() {
        return terms.prefix();
    }

    /** The first 64 bits of the members' IPv6 addresses (RFC 4193). */
    public long ulaHigh() {
        return terms.ulaHigh();
    }

    /** What open namespaces derive ring ids with, a copy. */
    public byte[] salt() {
        return terms.salt();
    }

    /** When the namespace was founded, by its founder's clock, milliseconds since 1970. */
    public long createdMillis() {
        return terms.createdMillis();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NamespaceDescriptor that && Arrays.equals(encoded, that.encoded);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encoded);
    }

    /** {@code name@id}. */
    @Override
    public String toString() {
        return terms.name() + "@" + id;
    }

    /**
     * What an authority says of its namespace.
     *
     * @param name a hint for people, see {@link Names#isName}
     * @param open whether any key is a member without a certificate
     * @param prefix IPv4, /8 to /29, that meets no address every host uses by itself: 0.0.0.0/8, 127.0.0.0/8,
     *     169.254.0.0/16, 224.0.0.0/3
     * @param ulaHigh the first 64 bits of IPv6 addresses; the first byte is 0xfd (RFC 4193)
     * @param salt {@link #SALT_BYTES} random bytes
     * @param createdMillis milliseconds since 1970, not negative
     */
    // The array is copied on the way in and out, and compared by content.
    @SuppressWarnings("ArrayRecordComponent")
    public record Terms(String name, boolean open, Cidr prefix, long ulaHigh, byte[] salt, long createdMillis) {

        /** Length of the salt, in bytes. */
        public static final int SALT_BYTES = 16;

        private static final int PREFIX_BITS_MIN = 8;
        private static final int PREFIX_BITS_MAX = 29;
        private static final int ULA_FIRST_BYTE = 0xfd;

        /**
         * Copies the salt.
         *
         * @throws IllegalArgumentException if a part is not as described above
         */
        public Terms {
            if (!areValid(name, prefix, ulaHigh, salt, createdMillis)) {
                throw new IllegalArgumentException("not the terms of a namespace: " + name + " with " + prefix);
            }
            salt = salt.clone();
        }

        static boolean areValid(String name, Cidr prefix, long ulaHigh, byte[] salt, long createdMillis) {
            return Names.isName(name)
                    && isPrefix(prefix)
                    && (int) (ulaHigh >>> 56) == ULA_FIRST_BYTE
                    && salt.length == SALT_BYTES
                    && createdMillis >= 0;
        }

        /** Whether a namespace may use the prefix. */
        public static boolean isPrefix(Cidr prefix) {
            return prefix.version() == 4
                    && prefix.prefixLength() >= PREFIX_BITS_MIN
                    && prefix.prefixLength() <= PREFIX_BITS_MAX
                    && !prefix.overlaps(Cidr.of4(0, 8))
                    && !prefix.overlaps(Cidr.of4(0x7f00_0000, 8))
                    && !prefix.overlaps(Cidr.of4(0xa9fe_0000, 16))
                    && !prefix.overlaps(Cidr.of4(0xe000_0000, 3));
        }

        /** The salt, a copy. */
        @Override
        public byte[] salt() {
            return salt.clone();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Terms that
                    && name.equals(that.name)
                    && open == that.open
                    && prefix.equals(that.prefix)
                    && ulaHigh == that.ulaHigh
                    && Arrays.equals(salt, that.salt)
                    && createdMillis == that.createdMillis;
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(salt);
        }
    }
}
