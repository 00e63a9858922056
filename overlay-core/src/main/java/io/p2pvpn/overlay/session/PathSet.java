package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.path.EndpointRoute;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.path.PathChoice;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Timers;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The paths of one session: which is used, which are tried, and the one timer that keeps them (and the keys) fresh.
 * Confined to the node's loop.
 */
final class PathSet {
    /** Paths of a session, candidates included. */
    static final int PATHS_MAX = 16;
    /** Unanswered probes after which a proven path is dead. */
    static final int PROBES_MAX = 4;
    /** Probes that a candidate gets. */
    static final int CANDIDATE_PROBES_MAX = 6;

    private static final long MILLI_NANOS = 1_000_000L;
    private static final long CANDIDATE_GAP_NANOS = 100 * MILLI_NANOS;
    private static final long ANSWER_MIN_NANOS = 500 * MILLI_NANOS;
    private static final int BACKOFF_DOUBLINGS_MAX = 3;
    private static final long SPARE_NANOS = 30_000 * MILLI_NANOS;
    private static final int PROBE_BYTES = 80;

    private final Session session;
    private final SessionLayer layer;
    private final List<Path> paths = new ArrayList<>();
    private @Nullable Path active;
    private @Nullable Path lastReceivedOn;
    private Timers.@Nullable Timer timer;
    private long timerNanos;

    PathSet(Session session, SessionLayer layer, FrameRoute first, long nowNanos) {
        this.session = session;
        this.layer = layer;
        Path path = new Path(first, nowNanos);
        path.validate();
        paths.add(path);
        active = path;
    }

    List<Path> all() {
        return List.copyOf(paths);
    }

    @Nullable
    Path active() {
        return active;
    }

    long slowestRttNanos(long whenUnknown) {
        long slowest = -1;
        for (Path path : paths) {
            if (path.isValidated()) {
                slowest = Math.max(slowest, path.rttNanos());
            }
        }
        return slowest < 0 ? whenUnknown : slowest;
    }

    // ---------------------------------------------------------------- receiving

    void onFrame(@Nullable Endpoint endpoint, @Nullable FrameRoute route, int bytes, long nowNanos) {
        Path path = lastReceivedOn;
        if (path == null || endpoint == null || !endpoint.equals(path.route().endpoint())) {
            path = find(endpoint, route, nowNanos);
            if (path == null) {
                return;
            }
            lastReceivedOn = path;
        }
        path.onReceived(nowNanos, bytes);
        if (!path.isValidated() && path.probesUnanswered() == 0) {
            probe(path, nowNanos);
            reschedule();
        }
    }

    /** The route by which the last frame came. */
    FrameRoute routeOf(@Nullable Endpoint endpoint, @Nullable FrameRoute route) {
        if (route != null) {
            return route;
        }
        Path path = lastReceivedOn;
        if (path != null && endpoint != null && endpoint.equals(path.route().endpoint())) {
            return path.route();
        }
        return new EndpointRoute(layer.transport(), java.util.Objects.requireNonNull(endpoint));
    }

    private @Nullable Path find(@Nullable Endpoint endpoint, @Nullable FrameRoute route, long nowNanos) {
        for (Path path : paths) {
            boolean same = endpoint == null
                    ? path.route().equals(route)
                    : endpoint.equals(path.route().endpoint());
            if (same) {
                return path;
            }
        }
        FrameRoute found = route != null || endpoint == null ? route : new EndpointRoute(layer.transport(), endpoint);
        return found == null ? null : add(found, nowNanos);
    }

    private @Nullable Path add(FrameRoute route, long nowNanos) {
        if (paths.size() >= PATHS_MAX && !evict()) {
            return null;
        }
        Path path = new Path(route, nowNanos);
        paths.add(path);
        return path;
    }

    private boolean evict() {
        for (int i = 0; i < paths.size(); i++) {
            if (!paths.get(i).isValidated()) {
                remove(paths.get(i));
                return true;
            }
        }
        return false;
    }

    private void remove(Path path) {
        paths.remove(path);
        if (lastReceivedOn == path) {
            lastReceivedOn = null;
        }
    }

    /** A handshake went to and fro over {@code route}. */
    void proven(FrameRoute route) {
        Path path = find(null, route, layer.now());
        if (path != null) {
            path.validate();
            use(PathChoice.choose(paths, active));
        }
    }

    void onCandidates(List<Endpoint> endpoints) {
        long now = layer.now();
        for (Endpoint endpoint : endpoints) {
            boolean tcpBesidesUdp = endpoint.kind() == Endpoint.Kind.TCP && session.isDirect();
            if (!tcpBesidesUdp) {
                Path path = find(endpoint, null, now);
                if (path != null && !path.isValidated() && path.probesUnanswered() == 0) {
                    probe(path, now);
                }
            }
        }
        reschedule();
    }

    void onReply(long token, FrameRoute via) {
        long now = layer.now();
        for (Path path : paths) {
            if (path.route().equals(via)) {
                boolean fresh = !path.isValidated();
                if (path.onReply(token, now)) {
                    // A peer that sends from a new address and is silent at the old one has moved.
                    boolean moved = fresh && active != null && active.lastReceivedNanos() - path.createdNanos() < 0;
                    boolean sameKind = active != null
                            && active.route().kind() == path.route().kind();
                    use(moved && sameKind ? path : PathChoice.choose(paths, active));
                }
                return;
            }
        }
    }

    private void use(@Nullable Path path) {
        if (active != path) {
            active = path;
            if (path != null) {
                layer.listener().onPathChanged(session);
            }
        }
    }

    void onClosed(Endpoint remote) {
        for (Path path : List.copyOf(paths)) {
            if (remote.equals(path.route().endpoint())) {
                dead(path);
            }
        }
    }

    // -------------------------------------------------------------------- probing

    void probeActive() {
        Path path = active;
        if (path != null) {
            probe(path, layer.now());
            reschedule();
        }
    }

    private boolean probe(Path path, long nowNanos) {
        if (!path.mayProbe(PROBE_BYTES)) {
            return false;
        }
        long token = layer.runtime().random().nextLong();
        path.onProbeSent(token, nowNanos);
        session.sendProbe(path, token);
        return true;
    }

    private void dead(Path path) {
        remove(path);
        if (path == active) {
            use(PathChoice.choose(paths, null));
            if (active == null) {
                layer.down(session, "no answer on any path");
            } else {
                probeActive();
            }
        }
    }

    // ---------------------------------------------------------------------- timer

    /** Sets the timer to the earliest thing there is to do. */
    void reschedule() {
        if (!session.isOpen()) {
            return;
        }
        long next = tickAtNanos(layer.now());
        if (timer != null) {
            if (timerNanos - next <= 0) {
                return;
            }
            timer.cancel();
        }
        timerNanos = next;
        timer = layer.runtime().timers().schedule(Math.max(0, next - layer.now()), this::tick);
    }

    private void tick() {
        timer = null;
        long now = layer.now();
        long silent = now - session.lastReceivedNanos();
        if (!session.isWanted() && silent >= layer.config().idleNanos()) {
            session.close("idle");
            return;
        }
        session.expireEpochs(now);
        if (layer.rekeyAtNanos(session) - now <= 0) {
            layer.rekey(session);
        }
        for (Path path : List.copyOf(paths)) {
            if (session.isOpen()) {
                tick(path, now);
            }
        }
        reschedule();
    }

    private void tick(Path path, long nowNanos) {
        if (probeAtNanos(path) - nowNanos > 0) {
            return;
        }
        int limit = path.isValidated() ? PROBES_MAX : CANDIDATE_PROBES_MAX;
        boolean spareIsOld = path != active && path.isValidated() && path.probesUnanswered() == 0;
        if (path.probesUnanswered() >= limit || spareIsOld || !probe(path, nowNanos)) {
            dead(path);
        } else if (path == active && path.probesUnanswered() > 1) {
            use(PathChoice.choose(paths, active));
        }
    }

    private long tickAtNanos(long nowNanos) {
        long next = session.lastReceivedNanos() + layer.config().idleNanos();
        if (session.isWanted()) {
            next = nowNanos + layer.config().idleNanos();
        }
        next = Math.min(next, session.expireEpochs(nowNanos));
        next = Math.min(next, layer.rekeyAtNanos(session));
        for (Path path : paths) {
            next = Math.min(next, probeAtNanos(path));
        }
        return next;
    }

    /** When the path needs a probe, or has failed to answer one. */
    private long probeAtNanos(Path path) {
        int unanswered = path.probesUnanswered();
        if (unanswered > 0) {
            long first = path.isValidated() ? answerNanos(path) : CANDIDATE_GAP_NANOS;
            return path.probeSentNanos() + (first << Math.min(unanswered - 1, BACKOFF_DOUBLINGS_MAX));
        }
        if (path == active) {
            return session.isWanted()
                    ? path.lastReceivedNanos() + layer.config().keepaliveNanos()
                    : Long.MAX_VALUE;
        }
        return path.lastReceivedNanos() + (path.isValidated() ? SPARE_NANOS : CANDIDATE_GAP_NANOS);
    }

    private static long answerNanos(Path path) {
        return Math.max(ANSWER_MIN_NANOS, 2 * path.rttNanos());
    }

    void close() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
