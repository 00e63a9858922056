package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.noise.Digests;
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

    private final NodeRuntime runtime;
    private final byte[] secret = new byte[32];
    private byte[] previousSecret = new byte[32];
    private long secretSinceNanos;
    private double tokens = RATE_MAX;
    private long tokensNanos;

    CookieJar(NodeRuntime runtime) {
        this.runtime = runtime;
        runtime.keys().fill(secret);
        runtime.keys().fill(previousSecret);
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
        return bake(secret, from);
    }

    /** True if {@code mac2} over the message proves that its sender holds the cookie of {@code from}. */
    boolean proves(Endpoint from, byte[] message, int offset, int length, byte[] mac2) {
        rotate();
        byte[] covered = Arrays.copyOfRange(message, offset, offset + length);
        return Digests.constantTimeEquals(mac2(bake(secret, from), covered), mac2)
                || Digests.constantTimeEquals(mac2(bake(previousSecret, from), covered), mac2);
    }

    /** The second MAC of a first message. */
    static byte[] mac2(byte[] cookie, byte[] covered) {
        return Arrays.copyOf(Digests.hmac(cookie, covered), COOKIE_BYTES);
    }

    private static byte[] bake(byte[] secret, Endpoint from) {
        byte[] address = from.toString().getBytes(StandardCharsets.US_ASCII);
        return Arrays.copyOf(Digests.hmac(secret, address), COOKIE_BYTES);
    }

    private void rotate() {
        long now = runtime.clock().nanoTime();
        if (now - secretSinceNanos > SECRET_LIFE_NANOS) {
            previousSecret = secret.clone();
            runtime.keys().fill(secret);
            secretSinceNanos = now;
        }
    }
}
