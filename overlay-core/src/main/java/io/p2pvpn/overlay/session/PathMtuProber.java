package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.path.PathMtu;
import io.p2pvpn.overlay.runtime.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * Sends the probes of {@link PathMtu} over a session's active path, once packets are to be expected there. Confined to
 * the node's loop.
 */
final class PathMtuProber {
    private static final long RTT_UNKNOWN_NANOS = 500_000_000L;
    private static final long ANSWER_MIN_NANOS = 250_000_000L;

    private final Session session;
    private final SessionLayer layer;
    private boolean watching;

    PathMtuProber(Session session, SessionLayer layer) {
        this.session = session;
        this.layer = layer;
    }

    /** Packets are to be expected: true if that is news. */
    boolean watch() {
        boolean changed = !watching;
        watching = true;
        return changed;
    }

    boolean isWatching() {
        return watching;
    }

    /** Frames of up to that size leave over the path: true if there is something to do for that. */
    boolean onCarried(Path path, int segmentBytes) {
        if (!watching || segmentBytes <= PathMtu.BASE_FRAME_BYTES || path.mtu().isCarried()) {
            return false;
        }
        path.mtu().onCarried();
        return true;
    }

    /** When {@link #tick} is to be called, or {@code Long.MAX_VALUE}. */
    long dueNanos(@Nullable Path active, long nowNanos) {
        return active != null && isTried(active) ? active.mtu().dueNanos(nowNanos) : Long.MAX_VALUE;
    }

    /** On a path in doubt a probe without an answer says nothing about sizes. */
    private boolean isTried(Path path) {
        return watching && path.route().kind() == FrameRoute.Kind.UDP && path.isValidated() && !path.isSuspect();
    }

    /** Does what is due on the active path; true if the peer should be asked for a sign of life. */
    boolean tick(@Nullable Path active, long nowNanos) {
        if (active == null || !isTried(active) || active.mtu().dueNanos(nowNanos) - nowNanos > 0) {
            return false;
        }
        PathMtu mtu = active.mtu();
        boolean wasKnown = mtu.isKnown();
        if (mtu.isSearchDue(nowNanos)) {
            int linkMtuBytes = active.route().linkMtuBytes();
            Endpoint remote = active.route().endpoint();
            if (linkMtuBytes <= 0 || remote == null) {
                watching = false;
                return false;
            }
            mtu.search(linkMtuBytes, remote.isIpv6(), nowNanos);
        }
        int bytes = mtu.onDue(
                nowNanos,
                active.lastReceivedNanos(),
                answerNanos(active),
                layer.runtime().keys()::nextLong);
        if (bytes > 0) {
            layer.count("mtu.probes");
            session.probes.sendSizeProbe(active, mtu.token(), bytes);
        }
        if (wasKnown && !mtu.isKnown()) {
            layer.count("mtu.black-holes");
        }
        active.updateFrameBytes();
        session.publish();
        return bytes == PathMtu.ASK;
    }

    private static long answerNanos(Path path) {
        long rttNanos = path.rttNanos() < 0 ? RTT_UNKNOWN_NANOS : path.rttNanos();
        return Math.max(ANSWER_MIN_NANOS, 2 * rttNanos);
    }

    /** A reply that answers no ordinary probe came over the path. */
    boolean onReply(Path path, long token, long nowNanos) {
        boolean ours = path.mtu().onReply(token, nowNanos);
        path.updateFrameBytes();
        session.publish();
        return ours;
    }
}
