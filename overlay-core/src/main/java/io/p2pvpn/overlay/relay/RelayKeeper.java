package io.p2pvpn.overlay.relay;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.session.Session;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Keeps a relayed session on its best relay, with another one in reserve. One end leads: the one with the smaller node
 * ID if it wants the session, else the other. It measures the path in use once a second while there is traffic, looks
 * for better relays every now and then ({@link RelayRound}), tells the peer which path it takes, and lets go of the
 * rest. When the relay in use dies, each end takes the spare by itself ({@code PathChoice}). Confined to the node's
 * loop.
 */
final class RelayKeeper {
    private static final long SECOND_NANOS = 1_000_000_000L;
    /** Pauses before the rounds that follow each other; the last one goes on. */
    private static final int[] GAPS_SECONDS = {1, 4, 10, 15, 30, 60};
    /** The end with the larger ID leads if the other was not heard to lead for so long ... */
    private static final long LEADS_NANOS = 90 * SECOND_NANOS;
    /** ... at first for so long. */
    private static final long LEADS_FIRST_NANOS = 5 * SECOND_NANOS;
    /** Bytes in a second that are more than what keeps a session alive. */
    private static final long TRAFFIC_BYTES = 500;

    private final Relays relays;
    private final Session session;
    private final RelayRound round;
    private final Timers.Timer timer;
    private long peerLedNanos;
    private long roundNanos;
    private int rounds;
    private long bytesSeen;
    private int pathsSeen;

    RelayKeeper(Relays relays, Session session) {
        this.relays = relays;
        this.session = session;
        this.round = new RelayRound(relays, session, this);
        long now = now();
        this.peerLedNanos = now - LEADS_NANOS + LEADS_FIRST_NANOS;
        this.roundNanos = now + GAPS_SECONDS[0] * SECOND_NANOS;
        this.timer = relays.runtime().timers().everySecond(this::tick);
    }

    /** Nothing is kept any more; what is not in use lapses. */
    void stop() {
        timer.cancel();
        round.stop();
        paths().forEach(path -> path.setKept(false));
    }

    /** The peer looks for relays, or has chosen one: it leads. */
    void onPeerLeads() {
        peerLedNanos = now();
    }

    /** A node is linked directly now. */
    void onDirect(Session relay) {
        round.onDirect(relay);
    }

    private boolean leads() {
        return session.isWanted()
                && (relays.self().compareTo(session.nodeId()) < 0 || now() - peerLedNanos > LEADS_NANOS);
    }

    private long now() {
        return relays.runtime().clock().nanoTime();
    }

    private void tick() {
        boolean leads = leads();
        List<Path> paths = paths();
        Path active = session.activePath();
        paths.forEach(path -> path.setKept(leads && path != active));
        long bytes = session.sentBytes() + session.receivedBytes();
        boolean traffic = bytes - bytesSeen > TRAFFIC_BYTES;
        bytesSeen = bytes;
        if (!leads || active == null || active.route().kind() != FrameRoute.Kind.RELAY) {
            return;
        }
        if (traffic) {
            session.measure(active.route());
        }
        if (paths.size() < pathsSeen) {
            // One is gone: another is looked for soon.
            rounds = 0;
            roundNanos = Math.min(roundNanos, now() + GAPS_SECONDS[0] * SECOND_NANOS);
        }
        pathsSeen = paths.size();
        if (!round.isUnderWay()) {
            settle(active, paths);
            if (now() - roundNanos >= 0) {
                roundNanos = Long.MAX_VALUE;
                round.start();
            }
        }
    }

    /** Takes the best path; keeps the next best; lets go of the others once the peer knows. */
    private void settle(Path active, List<Path> paths) {
        List<Path> order = new ArrayList<>(paths);
        order.sort(Comparator.comparingLong(RelayCost::of));
        Path best = order.isEmpty() ? active : order.get(0);
        if (best != active && RelayCost.isWorth(RelayCost.of(best), RelayCost.of(active))) {
            use(best);
            return;
        }
        order.remove(active);
        for (int spare = 1; spare < order.size(); spare++) {
            release(order.get(spare));
        }
    }

    private void use(Path path) {
        OverlayId via = path.route().via();
        if (via != null && session.prefer(path.route())) {
            relays.runtime().counters().counter("relay.switched").increment();
            relays.tellUse(session, via);
        }
    }

    private void release(Path path) {
        if (path.route() instanceof RelayRoute route) {
            pathsSeen--;
            relays.ends().drop(route);
        }
    }

    /** A round is over. */
    void onRoundOver() {
        int gap = GAPS_SECONDS[Math.min(++rounds, GAPS_SECONDS.length - 1)];
        double jitter = 1 + relays.runtime().random().nextDouble() / 4;
        roundNanos = now() + (long) (gap * jitter * SECOND_NANOS);
    }

    /** The proven paths through relays, that in use among them. */
    List<Path> paths() {
        List<Path> paths = new ArrayList<>();
        for (Path path : session.paths()) {
            if (path.isValidated() && path.route().kind() == FrameRoute.Kind.RELAY) {
                paths.add(path);
            }
        }
        return paths;
    }
}
