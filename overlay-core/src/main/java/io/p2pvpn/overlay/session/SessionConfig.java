package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.noise.CipherSuite;
import io.p2pvpn.overlay.noise.SessionCrypto;

/**
 * Times and choices of sessions.
 *
 * @param suite the suite of handshakes that we start; every suite is answered
 * @param rekeyAfterNanos age at which keys are replaced that carried packets
 * @param rekeyQuietNanos age at which keys are replaced that carried the overlay's own messages only
 * @param keepaliveNanos silence after which a wanted session's peer is probed
 * @param idleNanos silence after which a session that nobody here wants is closed
 * @param crypto what keys are agreed on and frames are sealed with
 */
public record SessionConfig(
        CipherSuite suite,
        long rekeyAfterNanos,
        long rekeyQuietNanos,
        long keepaliveNanos,
        long idleNanos,
        SessionCrypto crypto) {
    private static final long SECOND_NANOS = 1_000_000_000L;

    /** AES-256-GCM, rekey after 2 minutes (30 if quiet), keepalive after 5 s, idle sessions close after 45 s. */
    public static final SessionConfig DEFAULT = new SessionConfig(
            CipherSuite.AES_256_GCM,
            120 * SECOND_NANOS,
            1800 * SECOND_NANOS,
            5 * SECOND_NANOS,
            45 * SECOND_NANOS,
            SessionCrypto.PLATFORM);

    /** The same with other crypto: for simulations. */
    public SessionConfig withCrypto(SessionCrypto newCrypto) {
        return new SessionConfig(suite, rekeyAfterNanos, rekeyQuietNanos, keepaliveNanos, idleNanos, newCrypto);
    }
}
