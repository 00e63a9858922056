package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.overlay.noise.Mac16;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Cookies for strangers: proof, without any state here, that the sender of a handshake receives at its source address
 * (the idea of WireGuard section 5.4.7). Asked for only while handshakes arrive faster than {@link #RATE_MAX}.
 */
final class CookieJar {
    static final int COOKIE_BYTES = 16;
    /** Handshakes a second that are answered without a cookie. */
    static final int RATE_MAX = 100;

    private static final long SECRET_LIFE_NANOS = 120_000_000_000L;
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final byte[] NONE = new byte[COOKIE_BYTES];

    private final NodeRuntime runtime;
    private Mac16 baker;
    private Mac16 previousBaker;
    private long secretSinceNanos;
    private double tokens = RATE_MAX;
    private long tokensNanos;

    CookieJar(NodeRuntime runtime) {
        this.runtime = runtime;
        baker = newBaker();
        previousBaker = newBaker();
        secretSinceNanos = runtime.clock().nanoTime();
        tokensNanos = secretSinceNanos;
    }

    /** Counts one handshake: true if it comes on top of what is answered without a cookie. */
    boolean isUnderLoad() {
        long now = runtime.clock().nanoTime();
        tokens = Math.min(RATE_MAX, tokens + (double) (now - tokensNanos) * RATE_MAX / SECOND_NANOS);
        tokensNanos = now;
        if (tokens < 1) {
            return true;
        }
        tokens -= 1;
        return false;
    }

    /** The cookie of an address. */
    byte[] bake(Endpoint from) {
        rotate();
        return bake(baker, from);
    }

    /** True if the second MAC of a first message proves that its sender holds the cookie of {@code from}. */
    boolean proves(Endpoint from, byte[] in, int offset) {
        rotate();
        byte[] mac2 = HandshakePackets.mac2Of(in, offset);
        // Zeros stand for none: a flood's messages are not worth four more hashes.
        return !Arrays.equals(mac2, NONE)
                && (proves(bake(baker, from), in, offset, mac2) || proves(bake(previousBaker, from), in, offset, mac2));
    }

    private static boolean proves(byte[] cookie, byte[] in, int offset, byte[] mac2) {
        byte[] covered = Arrays.copyOfRange(in, offset, offset + HandshakePackets.INIT_BYTES - COOKIE_BYTES);
        return Digests.constantTimeEquals(mac2(cookie, covered), mac2);
    }

    /** The second MAC of a first message. */
    static byte[] mac2(byte[] cookie, byte[] covered) {
        return Arrays.copyOf(Digests.hmac(cookie, covered), COOKIE_BYTES);
    }

    private static byte[] bake(Mac16 baker, Endpoint from) {
        byte[] address = from.toString().getBytes(StandardCharsets.US_ASCII);
        byte[] cookie = new byte[COOKIE_BYTES];
        baker.write(address, 0, address.length, cookie, 0);
        return cookie;
    }

    private void rotate() {
        long now = runtime.clock().nanoTime();
        if (now - secretSinceNanos > SECRET_LIFE_NANOS) {
            previousBaker = baker;
            baker = newBaker();
            secretSinceNanos = now;
        }
    }

    private Mac16 newBaker() {
        byte[] secret = new byte[32];
        runtime.keys().fill(secret);
        return new Mac16(secret);
    }
}
