package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import io.p2pvpn.dht.DhtKeys;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.overlay.runtime.KeySource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the members of a namespace know and nobody else: it tells them where in the public DHT to meet, which changes
 * every period, and seals what they write there. Made by the founder, handed over with an admission. Immutable.
 */
final class NamespaceSecret {
    /** Length of the secret, in bytes. */
    static final int BYTES = 32;

    /** How long members meet at one place. */
    static final long PERIOD_MILLIS = 3_600_000;
    /** So long before and after its period a place is in use too: for members whose clocks differ. */
    static final long OVERLAP_MILLIS = 600_000;

    private static final byte[] SEAL = "p2pvpn rendezvous seal v1".getBytes(StandardCharsets.US_ASCII);

    private final ByteString secret;

    private NamespaceSecret(ByteString secret) {
        this.secret = secret;
    }

    static NamespaceSecret generate(KeySource keys) {
        byte[] bytes = new byte[BYTES];
        keys.fill(bytes);
        return new NamespaceSecret(ByteString.copyFrom(bytes));
    }

    /** The secret in these bytes; null if they are none. */
    static @Nullable NamespaceSecret of(ByteString bytes) {
        return bytes.size() == BYTES ? new NamespaceSecret(bytes) : null;
    }

    /** For the state file, and for a newcomer. */
    ByteString encode() {
        return secret;
    }

    /** The periods whose places are in use at that time: one, and near a boundary two. */
    static List<Long> periodsAt(long epochMillis) {
        List<Long> periods = new ArrayList<>();
        long first = Math.floorDiv(epochMillis - OVERLAP_MILLIS, PERIOD_MILLIS);
        long last = Math.floorDiv(epochMillis + OVERLAP_MILLIS, PERIOD_MILLIS);
        for (long period = first; period <= last; period++) {
            periods.add(period);
        }
        return periods;
    }

    /** Where members meet in that period: protocol section 10.4. */
    OverlayId placeOf(long period) {
        return DhtKeys.of("p2pvpn rendezvous v1", secret.toByteArray(), bytes(period));
    }

    /** What seals their records there. */
    byte[] sealingKeyOf(long period) {
        return Digests.hmac(secret.toByteArray(), SEAL, bytes(period));
    }

    private static byte[] bytes(long period) {
        return ByteBuffer.allocate(Long.BYTES).putLong(period).array();
    }
}
