package io.p2pvpn.dht;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.noise.Digests;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Where things are kept: keys from names, positions from keys. */
public final class DhtKeys {
    private static final byte[] KEY_DOMAIN = "p2pvpn dht key v1".getBytes(StandardCharsets.US_ASCII);

    private DhtKeys() {}

    /**
     * The key of something: the first 160 bits of SHA-256 over a fixed prefix and then the domain and the parts, each
     * behind its length as four bytes, big-endian.
     *
     * @param domain says what kind of thing it is, a constant of the program
     */
    public static OverlayId of(String domain, byte[]... parts) {
        byte[] domainBytes = domain.getBytes(StandardCharsets.UTF_8);
        int length = KEY_DOMAIN.length + Integer.BYTES + domainBytes.length;
        for (byte[] part : parts) {
            length += Integer.BYTES + part.length;
        }
        ByteBuffer hashed = ByteBuffer.allocate(length).put(KEY_DOMAIN);
        hashed.putInt(domainBytes.length).put(domainBytes);
        for (byte[] part : parts) {
            hashed.putInt(part.length).put(part);
        }
        return OverlayId.ofHash(Digests.sha256(hashed.array()));
    }

    /** The positions at which a key's records are kept, in order; the first is the key itself. */
    public static List<OverlayId> positions(OverlayId key) {
        List<OverlayId> positions = new ArrayList<>(DhtLimits.REPLICAS);
        for (int i = 0; i < DhtLimits.REPLICAS; i++) {
            positions.add(position(key, i));
        }
        return positions;
    }

    /** The {@code index}-th position of a key. */
    static OverlayId position(OverlayId key, int index) {
        return key.plusFraction(index, DhtLimits.REPLICAS);
    }
}
