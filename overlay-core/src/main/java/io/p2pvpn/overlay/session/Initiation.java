package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.noise.NoiseHandshake;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.runtime.Transport;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A handshake that we start: IK when the peer's keys are known, XX when only its address is. Every try has a fresh
 * ephemeral key; answers to earlier tries still count. Confined to the node's loop.
 */
public final class Initiation {
    /** Tries of one initiation. */
    static final int TRIES_MAX = 24;
    /** The try at which TCP streams are dialled, unless there is nothing else: 0.3 s after the first. */
    static final int TCP_FROM_TRY = 1;
    /** The try at which the last resort joins in, unless there is nothing else: about a second after the first. */
    static final int TLS_FROM_TRY = 2;
    /** Ways that one initiation uses. */
    static final int ROUTES_MAX = 16;

    private static final long MILLI_NANOS = 1_000_000L;
    private static final long FIRST_GAP_NANOS = 300 * MILLI_NANOS;
    private static final long LAST_GAP_NANOS = 1_000 * MILLI_NANOS;

    /** One first message and what is needed to read its answer. */
    final class Try {
        final int index;
        final NoiseHandshake noise;
        final int epochNumber;
        private byte[] packet;

        private Try(int index, NoiseHandshake noise, int epochNumber, byte[] packet) {
            this.index = index;
            this.noise = noise;
            this.epochNumber = epochNumber;
            this.packet = packet;
        }

        Initiation initiation() {
            return Initiation.this;
        }

        byte[] mac1() {
            return HandshakePackets.mac1Of(packet, 0);
        }

        void onCookie(byte[] cookie) {
            packet = HandshakePackets.withMac2(packet, cookie);
            sendToAll();
        }

        private void sendTo(List<FrameRoute> ways) {
            ways.forEach(way -> way.send(packet, 0, packet.length, packet.length, Transport.CLASS_DEFAULT));
        }

        private void sendToAll() {
            sendTo(routesNow());
        }
    }

    private final SessionLayer layer;
    private final @Nullable PublicIdentity target;
    private final @Nullable OverlayId pinned;
    private final List<FrameRoute> routes;
    private final InitiationListener listener;
    private final long deadlineNanos;
    private final List<Try> tries = new ArrayList<>();
    private Timers.@Nullable Timer timer;
    private boolean done;

    Initiation(
            SessionLayer layer,
            @Nullable PublicIdentity target,
            @Nullable OverlayId pinned,
            List<FrameRoute> routes,
            long timeoutNanos,
            InitiationListener listener) {
        this.layer = layer;
        this.target = target;
        this.pinned = pinned;
        this.routes = new ArrayList<>(routes.subList(0, Math.min(routes.size(), ROUTES_MAX)));
        this.listener = listener;
        this.deadlineNanos = layer.now() + timeoutNanos;
    }

    /** Who must answer; all zeros if anybody may. */
    OverlayId expected() {
        return target == null ? OverlayId.ZERO : target.nodeId();
    }

    @Nullable
    PublicIdentity target() {
        return target;
    }

    /** True if {@code identity} is whom we meant to reach. */
    boolean accepts(PublicIdentity identity) {
        boolean known = target == null || target.equals(identity);
        return known && (pinned == null || pinned.equals(identity.nodeId()));
    }

    /** True if {@code route} is one of the ways that are tried. */
    boolean calls(FrameRoute route) {
        return routes.contains(route);
    }

    List<FrameRoute> routes() {
        return List.copyOf(routes);
    }

    /** A TCP stream is dialled only where UDP stays silent, and a TLS stream where TCP does too. */
    private List<FrameRoute> routesNow() {
        List<FrameRoute> now = new ArrayList<>(routes);
        if (tries.size() <= TLS_FROM_TRY) {
            now.removeIf(route -> route.kind() == FrameRoute.Kind.TLS);
        }
        if (tries.size() <= TCP_FROM_TRY && !now.stream().allMatch(route -> route.kind() == FrameRoute.Kind.TCP)) {
            now.removeIf(route -> route.kind() == FrameRoute.Kind.TCP);
        }
        return now.isEmpty() ? routes : now;
    }

    /** Tries one more way, at once. */
    public void addRoute(FrameRoute route) {
        if (!done && routes.size() < ROUTES_MAX && !routes.contains(route)) {
            routes.add(route);
            if (!tries.isEmpty() && routesNow().contains(route)) {
                tries.get(tries.size() - 1).sendTo(List.of(route));
            }
        }
    }

    void attemptIfPending() {
        if (!done) {
            attempt();
        }
    }

    /** Sends a first message, and sets the time of the next. */
    void attempt() {
        timer = null;
        long left = deadlineNanos - layer.now();
        if (left <= 0 || tries.size() >= TRIES_MAX) {
            finish();
            listener.onFailed("no answer");
            return;
        }
        int number = target == null ? 1 : layer.nextEpochNumber(target.nodeId());
        Try next = layer.prepare(this, number);
        tries.add(next);
        next.sendToAll();
        long gap = Math.min(LAST_GAP_NANOS, FIRST_GAP_NANOS << Math.min(tries.size() - 1, 10));
        long jitter = (long) (layer.runtime().random().nextDouble() * gap / 8);
        timer = layer.runtime().timers().schedule(Math.min(left, gap + jitter), this::attempt);
    }

    Try newTry(int index, NoiseHandshake noise, int epochNumber, byte[] noiseMessage) {
        int pattern = target == null ? HandshakePackets.PATTERN_XX : HandshakePackets.PATTERN_IK;
        byte[] packet = HandshakePackets.init(pattern, layer.config().suite(), index, noiseMessage, expected());
        return new Try(index, noise, epochNumber, packet);
    }

    void succeed(Session session) {
        if (!done) {
            finish();
            listener.onSession(session);
        }
    }

    /** Stops without telling anybody. */
    public void cancel() {
        finish();
    }

    /** True while an answer may still come. */
    public boolean isPending() {
        return !done;
    }

    private void finish() {
        done = true;
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
        tries.forEach(aTry -> layer.release(aTry.index));
        layer.onFinished(this);
    }
}
