package io.p2pvpn.overlay.node;

import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.session.SessionLayer;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps flows running when the network beneath changes. A peer that does not answer where it was may be unable to reach
 * us as well (its address or ours is another now, and a NAT lets neither in): so both ends tell each other over common
 * neighbours where they are, and both try. Confined to the node's loop.
 */
final class Roaming {
    /** Neighbours that carry the candidates of one session that is in doubt. */
    static final int DETOURS_MAX = 2;
    /** Peers that are asked, by a probe, how they see us now. */
    private static final int WITNESSES_MAX = 3;

    private static final long MILLI_NANOS = 1_000_000L;
    private static final long WITNESS_GAP_NANOS = 200 * MILLI_NANOS;
    /** The longest time between two looks at the clocks while the process runs. */
    private static final long LOOK_NANOS = 1_000 * MILLI_NANOS;
    /** A clock that is ahead by so much: the process stood still, or the machine slept. */
    private static final long JUMP_NANOS = 3_000 * MILLI_NANOS;

    private final OverlayNode node;
    private final NodeRuntime runtime;
    private final SessionLayer sessions;
    private final Timers.Timer timer;
    private long lookNanos;
    private long lookMillis;
    private long witnessNanos;

    Roaming(OverlayNode node, NodeRuntime runtime, SessionLayer sessions) {
        this.node = node;
        this.runtime = runtime;
        this.sessions = sessions;
        this.lookNanos = runtime.clock().nanoTime();
        this.lookMillis = runtime.clock().epochMillis();
        this.witnessNanos = lookNanos - WITNESS_GAP_NANOS;
        this.timer = runtime.timers().everySecond(this::lookAtClocks);
    }

    void stop() {
        timer.cancel();
    }

    /**
     * The monotonic clock goes on while the process is stopped and stands still while the machine sleeps; the wall
     * clock shows the latter, and being set looks the same, which does no harm.
     */
    private void lookAtClocks() {
        long nanos = runtime.clock().nanoTime();
        long millis = runtime.clock().epochMillis();
        long ran = nanos - lookNanos;
        long passed = (millis - lookMillis) * MILLI_NANOS;
        lookNanos = nanos;
        lookMillis = millis;
        if (ran > LOOK_NANOS + JUMP_NANOS || Math.abs(passed - ran) > JUMP_NANOS) {
            runtime.counters().counter("network.clock-jumped").increment();
            sessions.onNetworkChanged();
        }
    }

    /** The session's traffic goes over a path that answers no more. */
    void onDoubt(Session session) {
        tell(session);
        askWitnesses(session);
    }

    /** A peer sees us where none did before: whoever misses us has to know. */
    void onNewObserved() {
        for (Session session : sessions.sessions()) {
            if (session.isInDoubt()) {
                tell(session);
            }
        }
    }

    private void tell(Session session) {
        List<FrameRoute> detours = new ArrayList<>();
        for (Ring ring : node.rings()) {
            if (detours.size() < DETOURS_MAX) {
                detours.addAll(ring.detours(session, DETOURS_MAX - detours.size()));
            }
        }
        detours.forEach(detour -> node.sendCandidatesOver(session, detour));
    }

    private void askWitnesses(Session missed) {
        long now = runtime.clock().nanoTime();
        if (now - witnessNanos < WITNESS_GAP_NANOS) {
            return;
        }
        witnessNanos = now;
        int asked = 0;
        for (Session session : sessions.sessions()) {
            if (asked < WITNESSES_MAX && session != missed && session.isOverUdp() && !session.isInDoubt()) {
                asked++;
                session.doubt();
            }
        }
    }
}
