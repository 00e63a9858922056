package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.path.EndpointRoute;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.path.PathChoice;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.wire.Frame;
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
    /** Probes that a candidate gets. */
    static final int CANDIDATE_PROBES_MAX = 6;

    private static final long MILLI_NANOS = 1_000_000L;
    /** New addresses that are probed because the peer names them, at once and then one per so much time. */
    static final int CANDIDATES_MAX = 48;

    private static final long CANDIDATE_EARNED_NANOS = 1_000 * MILLI_NANOS;
    /** Age of a session at which the last resort is tried: by then, UDP and TCP have been. */
    private static final long TLS_AFTER_NANOS = 2_000 * MILLI_NANOS;

    /** A frame puts the timer off if it would wake up within this time, in which as a rule nothing else comes. */
    private static final long PUT_OFF_NANOS = 2_500 * MILLI_NANOS;

    /** Silence of the active path after which the peer is followed to another known one ... */
    private static final long FOLLOW_NANOS = 250 * MILLI_NANOS;
    /** ... and for the end with the smaller ID, so that two ends never follow each other crosswise. */
    private static final long FOLLOW_LATE_NANOS = 1_000 * MILLI_NANOS;
    /** Length of a frame with a probe that tells no keepalive. */
    static final int PROBE_BYTES = Frame.OVERHEAD_BYTES + Frame.PREFIX_BYTES + 11;

    /** Addresses that nobody named and that are followed because frames come from there, at once and then ... */
    static final int STRANGE_MAX = 16;
    /** ... one per so much time: two ends behind boxes with ever new ports would lead each other on. */
    private static final long STRANGE_EARNED_NANOS = 250 * MILLI_NANOS;

    private final Session session;
    private final SessionLayer layer;
    private final List<Path> paths = new ArrayList<>(1);
    private @Nullable Path active;
    /** What {@link #linked} found last: asked for each peer at each hop of a message, so it has to be at hand. */
    private boolean isLinked;
    /** What the listener was told of it. */
    private boolean wasLinked;

    private @Nullable Path lastReceivedOn;
    private @Nullable Path frameOn;
    /** Where the newest traffic came from: late frames of an old address do not count. */
    private @Nullable Path newestOn;

    private final ProbeTimes probes;
    private final PathMtuProber sizes;
    private final Allowance strange;
    private final Allowance candidates;
    private Timers.@Nullable Timer timer;
    private long timerNanos;

    PathSet(Session session, SessionLayer layer, FrameRoute first, long nowNanos) {
        this.session = session;
        this.layer = layer;
        this.probes = new ProbeTimes(session, layer);
        this.sizes = new PathMtuProber(session, layer);
        this.strange = new Allowance(STRANGE_MAX, STRANGE_EARNED_NANOS, nowNanos);
        this.candidates = new Allowance(CANDIDATES_MAX, CANDIDATE_EARNED_NANOS, nowNanos);
        Path path = new Path(first, nowNanos);
        path.validate();
        paths.add(path);
        active = path;
        isLinked = linked() != null;
        wasLinked = isLinked;
    }

    List<Path> all() {
        return List.copyOf(paths);
    }

    @Nullable
    Path active() {
        return active;
    }

    /** Whether there is a proven path that is not a ring's. */
    boolean isLinked() {
        return isLinked;
    }

    /** The best proven path that is not a ring's, or null. */
    @Nullable
    Path linked() {
        Path best = active != null && active.route().kind() != FrameRoute.Kind.RING ? active : null;
        for (int i = 0; best == null && i < paths.size(); i++) {
            Path path = paths.get(i);
            best = path.isValidated() && path.route().kind() != FrameRoute.Kind.RING ? path : null;
        }
        return best;
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
        if (path == null || endpoint == null || !path.isAt(endpoint)) {
            path = known(endpoint, route);
            if (path == null && strange.tryTake(nowNanos)) {
                path = find(endpoint, route, nowNanos);
            } else if (path == null) {
                layer.drop("strange");
            }
            frameOn = path;
            if (path == null) {
                return;
            }
            lastReceivedOn = path;
            if (route != null) {
                path.renew(route);
            }
        }
        frameOn = path;
        path.onReceived(nowNanos, bytes);
        if (!path.isValidated() && path.probesUnanswered() == 0) {
            probe(path, nowNanos);
            reschedule();
        } else if (timer != null && timerNanos - nowNanos < PUT_OFF_NANOS) {
            putOff(nowNanos);
        }
    }

    /**
     * A silence that the timer waits for is broken: waking up to find that out would cost more than to set it again.
     * With packets it is the other way round, they would set it thousands of times.
     */
    private void putOff(long nowNanos) {
        if (session.epochs().areQuiet() && tickAtNanos(nowNanos) - timerNanos > 0) {
            rescheduleLater();
        }
    }

    /** The last frame carries what the peer sends over the path that it prefers, and is its newest. */
    void onTraffic(long nowNanos) {
        Path path = frameOn;
        Path holder = active;
        newestOn = path;
        if (path == null || path == holder) {
            return;
        }
        boolean idle = path.isValidated() && path.probesUnanswered() == 0;
        if (idle && holder != null && nowNanos - holder.lastReceivedNanos() > followNanos()) {
            probe(path, nowNanos);
            reschedule();
        }
    }

    private long followNanos() {
        return layer.self().compareTo(session.nodeId()) > 0 ? FOLLOW_NANOS : FOLLOW_LATE_NANOS;
    }

    /** Packets in frames of up to that size left over the active path. */
    void onPacketsSent(int segmentBytes) {
        Path path = active;
        if (path != null && !path.isAwaiting() && path.onPacketsSent(layer.now())) {
            reschedule();
        }
        onCarried(segmentBytes);
    }

    /** Frames of up to that size left over the active path. */
    void onCarried(int segmentBytes) {
        Path path = active;
        if (path != null && sizes.onCarried(path, segmentBytes)) {
            reschedule();
        }
    }

    /** Packets are to be expected: how large they can be is found out. */
    void watchFrameBytes() {
        if (sizes.watch()) {
            reschedule();
        }
    }

    /** Whether an answer of that many bytes may go out over this way. */
    boolean mayAnswer(FrameRoute route, int bytes) {
        for (Path path : paths) {
            if (path.route().equals(route)) {
                return path.maySend(bytes);
            }
        }
        return false;
    }

    /** The route by which the last frame came. */
    FrameRoute routeOf(@Nullable Endpoint endpoint, @Nullable FrameRoute route) {
        if (route != null) {
            return route;
        }
        Path path = lastReceivedOn;
        if (path != null && endpoint != null && path.isAt(endpoint)) {
            return path.route();
        }
        return new EndpointRoute(layer.transport(), java.util.Objects.requireNonNull(endpoint));
    }

    private @Nullable Path known(@Nullable Endpoint endpoint, @Nullable FrameRoute route) {
        for (int i = 0; i < paths.size(); i++) {
            Path path = paths.get(i);
            if (endpoint == null ? path.route().equals(route) : path.isAt(endpoint)) {
                return path;
            }
        }
        return null;
    }

    private @Nullable Path find(@Nullable Endpoint endpoint, @Nullable FrameRoute route, long nowNanos) {
        Path known = known(endpoint, route);
        if (known != null) {
            return known;
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
        path.route().onDropped(session.nodeId());
        if (lastReceivedOn == path) {
            lastReceivedOn = null;
        }
        if (frameOn == path) {
            frameOn = null;
        }
        if (newestOn == path) {
            newestOn = null;
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
        List<FrameRoute> routes = new ArrayList<>();
        long now = layer.now();
        for (Endpoint endpoint : endpoints) {
            boolean isKnown =
                    paths.stream().anyMatch(path -> endpoint.equals(path.route().endpoint()));
            // A peer names addresses that may not be its own: so many are probed for it, and no more.
            if (!isKnown && !candidates.tryTake(now)) {
                layer.drop("candidates");
                break;
            }
            boolean streamBesidesDirect = endpoint.kind() != Endpoint.Kind.UDP && session.isDirect();
            boolean tlsTooEarly = endpoint.kind() == Endpoint.Kind.TLS && now - session.sinceNanos() < TLS_AFTER_NANOS;
            if (!streamBesidesDirect && !tlsTooEarly) {
                routes.add(new EndpointRoute(layer.transport(), endpoint));
            }
        }
        tryRoutes(routes);
    }

    void tryRoutes(List<FrameRoute> routes) {
        long now = layer.now();
        for (FrameRoute route : routes) {
            Path path = find(null, route, now);
            if (path != null && !path.isValidated() && path.probesUnanswered() == 0) {
                probe(path, now);
            }
        }
        reschedule();
    }

    /** A low round trip of the path whose probe that answers (nanoseconds), or -1 if it answers none. */
    long onReply(long token, FrameRoute via) {
        long now = layer.now();
        for (Path path : paths) {
            if (path.route().equals(via)) {
                boolean fresh = !path.isValidated();
                if (!path.onReply(token, now)) {
                    if (sizes.onReply(path, token, now)) {
                        reschedule();
                    }
                    return -1;
                }
                use(hasMovedTo(path, fresh) ? path : PathChoice.choose(paths, active));
                rescheduleLater();
                return path.lowRttNanos();
            }
        }
        return -1;
    }

    /** A peer whose newest traffic comes over another path, or that is silent at the old one, has moved. */
    private boolean hasMovedTo(Path path, boolean fresh) {
        Path holder = active;
        if (holder == null
                || holder == path
                || holder.route().kind() != path.route().kind()
                || holder.route().use() != path.route().use()) {
            return false;
        }
        // A relay path is tried beside a silent one that is well: nobody has moved for that.
        boolean silentSince =
                fresh && holder.route().isDirect() && holder.lastReceivedNanos() - path.createdNanos() < 0;
        return silentSince || newestOn == path;
    }

    boolean isOfPeer(Endpoint endpoint) {
        for (int i = 0; i < paths.size(); i++) {
            Path path = paths.get(i);
            if ((path.isValidated() || path.isHeard())
                    && endpoint.equals(path.route().endpoint())) {
                return true;
            }
        }
        return false;
    }

    void drop(FrameRoute route) {
        for (Path path : List.copyOf(paths)) {
            if (path.route().equals(route)) {
                dead(path);
            }
        }
    }

    /** Takes this way, of the same kind as the one in use, if it is proven and not in doubt. */
    boolean prefer(FrameRoute route) {
        Path path = proven(route, active);
        if (path != null && !path.isSuspect()) {
            use(path);
        }
        return path != null && path == active;
    }

    /** Probes a proven way where no answer is awaited. */
    void measure(FrameRoute route) {
        Path path = proven(route, null);
        if (session.isOpen() && path != null && path.probesUnanswered() == 0) {
            probe(path, layer.now());
            reschedule();
        }
    }

    /**
     * The peer probes a way of another kind than ours, over which nothing comes any more: it may have lost ours, and
     * would never hear what we answer over that. An end that does not want the session would not find out by itself.
     */
    void onPeerProbes(FrameRoute via) {
        Path path = active;
        if (path != null
                && path.route().kind() != via.kind()
                && layer.now() - path.lastReceivedNanos() > ProbeTimes.SILENCE_NANOS) {
            doubtActive();
        }
    }

    /** The peer, which alone wants this session, has probed this way: once, its answer is of use here too. */
    void measureBack(FrameRoute route) {
        Path path = proven(route, null);
        if (path != null && path.rttNanos() < 0) {
            measure(route);
        }
    }

    private @Nullable Path proven(FrameRoute route, @Nullable Path like) {
        for (Path path : paths) {
            if (path.isValidated() && path.route().equals(route)) {
                return like == null || like.route().kind() == route.kind() ? path : null;
            }
        }
        return null;
    }

    private void use(@Nullable Path path) {
        boolean changed = active != path;
        active = path;
        session.publish();
        if (changed && sizes.isWatching()) {
            reschedule();
        }
        tell(changed);
    }

    private void tell(boolean changed) {
        isLinked = linked() != null;
        if (active != null && (changed || isLinked != wasLinked)) {
            wasLinked = isLinked;
            layer.listener().onPathChanged(session);
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

    /** Probes only where no answer is awaited: many doubts at once must not make a path look dead. */
    void doubtActive() {
        Path path = active;
        if (path != null && path.probesUnanswered() == 0) {
            probeActive();
        }
    }

    private boolean probe(Path path, long nowNanos) {
        if (!path.maySend(PROBE_BYTES + session.keepalive.probeBytes(path.route()))) {
            return false;
        }
        long token = layer.runtime().keys().nextLong();
        path.onProbeSent(token, nowNanos);
        session.probes.sendProbe(path, token);
        return true;
    }

    private void dead(Path path) {
        remove(path);
        if (path == active) {
            use(PathChoice.choose(paths, null));
            if (active == null) {
                session.onSilent();
            } else {
                probeActive();
            }
        } else {
            tell(false);
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

    /** What the timer watched for need not be watched for any more. */
    private void rescheduleLater() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
        reschedule();
    }

    private void tick() {
        timer = null;
        long now = layer.now();
        long silent = now - session.lastReceivedNanos();
        if (!session.isWanted() && silent >= layer.config().idleNanos()) {
            session.close("idle");
            return;
        }
        session.epochs().expire(now);
        if (layer.rekeyAtNanos(session) - now <= 0) {
            layer.rekey(session);
        }
        for (Path path : List.copyOf(paths)) {
            if (session.isOpen()) {
                tick(path, now);
            }
        }
        if (session.isOpen() && sizes.tick(active, now)) {
            doubtActive();
        }
        reschedule();
    }

    private void tick(Path path, long nowNanos) {
        if (probes.dueNanos(path, path == active) - nowNanos > 0) {
            return;
        }
        int limit = path.isValidated() ? ProbeTimes.probesMax(path, nowNanos) : CANDIDATE_PROBES_MAX;
        boolean spareIsOld = path != active && !path.isKept() && path.isValidated() && path.probesUnanswered() == 0;
        if (path.probesUnanswered() >= limit || spareIsOld) {
            dead(path);
        } else if (!probe(path, nowNanos)) {
            // What came from there allows no more for now; the answer may be on its way, or the peer's next frame.
            path.onProbeHeld(nowNanos);
        } else if (path == active && path.probesUnanswered() > 1) {
            probeSpares(nowNanos);
            use(PathChoice.choose(paths, active));
            if (active == path && path.isSuspect()) {
                layer.listener().onDoubt(session);
                if (path.isForgiven()) {
                    // We may have been away for so long that the peer has given the session up: a handshake tells.
                    layer.rekey(session);
                }
            }
        }
    }

    /** What worked may work no more, or again: that is asked at once, as if no answer had been missing. */
    void onNetworkChanged() {
        Path path = active;
        if (path != null) {
            path.forgive();
            probeActive();
            probeSpares(layer.now());
            reschedule();
        }
    }

    /** The peer may be gone altogether: that is found out on all paths at once, not on one after the other. */
    private void probeSpares(long nowNanos) {
        for (Path path : paths) {
            if (path != active && path.isValidated() && path.probesUnanswered() == 0) {
                probe(path, nowNanos);
            }
        }
    }

    private long tickAtNanos(long nowNanos) {
        long next = session.lastReceivedNanos() + layer.config().idleNanos();
        if (session.isWanted()) {
            next = nowNanos + layer.config().idleNanos();
        }
        next = Math.min(next, session.epochs().expire(nowNanos));
        next = Math.min(next, layer.rekeyAtNanos(session));
        next = Math.min(next, sizes.dueNanos(active, nowNanos));
        for (Path path : paths) {
            next = Math.min(next, probes.dueNanos(path, path == active));
        }
        return next;
    }

    void close() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
        paths.forEach(path -> path.route().onDropped(session.nodeId()));
    }
}
