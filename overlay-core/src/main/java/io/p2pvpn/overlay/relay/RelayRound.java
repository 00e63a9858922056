package io.p2pvpn.overlay.relay;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.session.Session;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One look for better relays of a session that has one: measures the neighbours, asks the peer for its own, has the
 * promising ones bound one after the other, and their paths measured. Nodes that only one end is linked to, and that
 * promise more, are introduced to the other, and looked at once more. Confined to the node's loop.
 */
final class RelayRound {
    /** Relays tried in one round. */
    static final int TRIALS_MAX = 2;
    /** Nodes of ours that are introduced to the peer in one round. */
    static final int INTRODUCED_MAX = 4;

    private static final long MILLI_NANOS = 1_000_000L;
    /** How long neighbours have to answer a probe before the peer is asked. */
    private static final long REFRESH_NANOS = 400 * MILLI_NANOS;

    private static final long MEASURE_GAP_NANOS = 250 * MILLI_NANOS;
    private static final int MEASURES = 8;
    /** How long introduced nodes have to become neighbours, and to be measured. */
    private static final long INTRODUCTION_NANOS = 3_000 * MILLI_NANOS;
    /** Relays that refused, and are not asked for a while. */
    private static final int REFUSED_MAX = 32;

    private final Relays relays;
    private final Session session;
    private final RelayKeeper keeper;
    private final Set<OverlayId> refused = new LinkedHashSet<>();
    private final Set<OverlayId> introduced = new LinkedHashSet<>();
    private Timers.@Nullable Timer timer;
    private boolean underWay;
    private boolean stopped;
    private boolean secondLook;

    RelayRound(Relays relays, Session session, RelayKeeper keeper) {
        this.relays = relays;
        this.session = session;
        this.keeper = keeper;
    }

    boolean isUnderWay() {
        return underWay;
    }

    void start() {
        underWay = true;
        secondLook = false;
        look();
    }

    void stop() {
        stopped = true;
        underWay = false;
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
        releaseIntroduced();
    }

    /** A node that was introduced is a neighbour now: its round trip is wanted. */
    void onDirect(Session relay) {
        if (introduced.contains(relay.nodeId())) {
            relay.doubt();
        }
    }

    private void later(long delayNanos, Runnable task) {
        if (!stopped) {
            timer = relays.runtime().timers().schedule(delayNanos, task);
        }
    }

    private void look() {
        relays.measureNeighbours();
        later(REFRESH_NANOS, this::ask);
    }

    private void ask() {
        Completions.whenDone(relays.runtime().timers(), relays.askCandidates(session), (answer, failure) -> {
            if (stopped) {
                return;
            }
            if (failure != null || answer == null) {
                end();
                return;
            }
            boolean more = !secondLook && introduce(answer);
            tryNext(promising(answer.common()), more);
        });
    }

    // -------------------------------------------------------------------- whom to try

    /** What the path in use costs, or so much that everything promises more. */
    private long holderNanos() {
        Path active = session.activePath();
        return active == null ? Long.MAX_VALUE : RelayCost.of(active);
    }

    private boolean hasSpare() {
        return keeper.paths().size() > 1;
    }

    private boolean isBound(OverlayId relay) {
        return session.paths().stream()
                .anyMatch(path -> relay.equals(path.route().via()));
    }

    private List<Session> promising(List<RelayChoice.Candidate> common) {
        List<Session> trials = new ArrayList<>();
        long holder = holderNanos();
        boolean spare = hasSpare();
        for (RelayChoice.Candidate candidate : relays.choice().order(common)) {
            OverlayId nodeId = candidate.nodeId();
            boolean wanted = RelayCost.isWorth(candidate.sumNanos(), holder) || (!spare && trials.isEmpty());
            Session relay =
                    wanted && !isBound(nodeId) && !refused.contains(nodeId) ? relays.directSession(nodeId) : null;
            if (relay != null && trials.size() < TRIALS_MAX) {
                trials.add(relay);
            }
        }
        return trials;
    }

    /** Links to the peer's neighbours, and has it link to ours, as far as they promise more; true if there were any. */
    private boolean introduce(Relays.Answer answer) {
        long holder = holderNanos();
        for (Relays.Other other : answer.others()) {
            Contact contact = other.contact();
            boolean known = relays.directSession(contact.identity().nodeId()) != null;
            if (!known && other.rttNanos() >= 0 && RelayCost.isWorth(other.rttNanos(), holder)) {
                introduced.add(contact.identity().nodeId());
                relays.link(contact, this);
            }
        }
        List<Session> ours = new ArrayList<>();
        for (Session candidate : answer.notCommon()) {
            long rtt = relays.reckonedNanos(candidate, answer.coordinate());
            if (rtt >= 0 && RelayCost.isWorth(rtt, holder)) {
                ours.add(candidate);
            }
        }
        if (!ours.isEmpty()) {
            ours.sort(Comparator.comparingLong(candidate -> relays.reckonedNanos(candidate, answer.coordinate())));
            relays.tellMeet(session, ours.subList(0, Math.min(INTRODUCED_MAX, ours.size())));
        }
        return !introduced.isEmpty() || !ours.isEmpty();
    }

    private void releaseIntroduced() {
        introduced.forEach(nodeId -> relays.unlink(nodeId, this));
        introduced.clear();
    }

    // ------------------------------------------------------------------------- trials

    private void tryNext(List<Session> trials, boolean more) {
        if (trials.isEmpty()) {
            if (more) {
                secondLook = true;
                later(INTRODUCTION_NANOS, this::look);
            } else {
                end();
            }
            return;
        }
        Session relay = trials.remove(0);
        Completions.whenDone(relays.runtime().timers(), relays.ends().bind(session, relay), (route, failure) -> {
            if (stopped) {
                return;
            }
            if (failure != null || route == null) {
                refuse(relay.nodeId());
                tryNext(trials, more);
            } else {
                measure(route, MEASURES, trials, more);
            }
        });
    }

    private void measure(RelayRoute route, int left, List<Session> trials, boolean more) {
        if (left == 0) {
            tryNext(trials, more);
            return;
        }
        session.measure(route);
        Path active = session.activePath();
        if (active != null && active.route() instanceof RelayRoute) {
            // Both under the same conditions: then the comparison is fair.
            session.measure(active.route());
        }
        later(MEASURE_GAP_NANOS, () -> measure(route, left - 1, trials, more));
    }

    private void refuse(OverlayId relay) {
        refused.add(relay);
        if (refused.size() > REFUSED_MAX) {
            refused.remove(refused.iterator().next());
        }
    }

    private void end() {
        underWay = false;
        releaseIntroduced();
        keeper.onRoundOver();
    }
}
