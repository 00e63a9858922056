package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.wire.proto.PathProbe;
import org.jspecify.annotations.Nullable;

/**
 * After how long a silence a session's peer is probed: what both ends' NAT boxes need, where both have tried and told,
 * and nobody depends on knowing at once that the peer is gone. Confined to the node's loop.
 */
final class Keepalive {
    /** Silence, in keepalive times, after which the peer does not seem to keep the session alive. */
    private static final int KEPT_TIMES = 3;

    private static final long SECOND_NANOS = 1_000_000_000L;
    /** More than any node asks for: the peer must not make us think that a dead session is kept. */
    private static final int SECONDS_MAX = 30;

    private final SessionLayer layer;
    private boolean relaxed;
    private int toldSeconds;

    Keepalive(SessionLayer layer) {
        this.layer = layer;
    }

    /** Whether a peer that is gone may be noticed late; true if that is news. */
    boolean setRelaxed(boolean newRelaxed) {
        boolean changed = relaxed != newRelaxed;
        relaxed = newRelaxed;
        return changed;
    }

    /** The peer's need in seconds, or 0 if it does not know it (any more). */
    void onTold(int seconds) {
        toldSeconds = seconds < 0 ? SECONDS_MAX : Math.min(seconds, SECONDS_MAX);
    }

    int ownSeconds() {
        return layer.listener().keepaliveSeconds();
    }

    PathProbe.Builder probe(long token, FrameRoute route) {
        return PathProbe.newBuilder()
                .setToken(token)
                .setKeepaliveSeconds(ownSeconds())
                .setLegFrameBytes(route.legFrameBytes());
    }

    /** By how much telling our need, and what our leg to a relay carries, makes a probe longer. */
    int probeBytes(FrameRoute route) {
        return (ownSeconds() == 0 ? 0 : 2) + (route.legFrameBytes() == 0 ? 0 : 3);
    }

    /** The silence after which we probe the peer over this path. */
    long nanos(Path path) {
        return relaxed ? agreedNanos(path) : layer.config().keepaliveNanos();
    }

    /** The time between two probes of a path that is in use. */
    long measureNanos(Path path, long usualNanos) {
        return relaxed ? Math.max(usualNanos, agreedNanos(path)) : usualNanos;
    }

    /** The silence after which the peer does not keep the session alive, so far as we can tell. */
    long keptNanos(@Nullable Path path) {
        return KEPT_TIMES * (path == null ? layer.config().keepaliveNanos() : agreedNanos(path));
    }

    /** Only boxes for UDP over IPv4 were tried. */
    private long agreedNanos(Path path) {
        Endpoint remote = path.route().endpoint();
        int own = ownSeconds();
        boolean tried = path.route().kind() == FrameRoute.Kind.UDP && remote != null && !remote.isIpv6();
        long usual = layer.config().keepaliveNanos();
        return tried && own > 0 && toldSeconds > 0 ? Math.max(usual, Math.min(own, toldSeconds) * SECOND_NANOS) : usual;
    }
}
