package io.p2pvpn.overlay.relay;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.session.Session;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a relay for one session that is wanted and has neither a direct nor a relayed path: first among the nodes
 * that both ends are linked to, then among those that only the peer is linked to and that we can link to. Again and
 * again, ever more slowly. Confined to the node's loop.
 */
final class RelaySearch {
    /** Relays asked in one round. */
    static final int TRIES_MAX = 3;

    private static final long MILLI_NANOS = 1_000_000L;
    /** Direct ways have so long to answer before a relay is looked for ... */
    private static final long FIRST_NANOS = 500 * MILLI_NANOS;
    /** ... and the end with the larger ID leaves the search to the other for as long again. */
    private static final long YIELD_NANOS = 500 * MILLI_NANOS;

    private static final long UNWANTED_NANOS = 1_000 * MILLI_NANOS;
    private static final long GAP_MIN_NANOS = 1_000 * MILLI_NANOS;
    private static final int DOUBLINGS_MAX = 6;
    /** How long nodes that the peer named have to become directly linked to us. */
    private static final long INTRODUCTION_NANOS = 3_000 * MILLI_NANOS;
    /** Relays remembered as asked, so that another is asked next time. */
    private static final int ASKED_MAX = 32;

    private final Relays relays;
    private final Session session;
    private final Set<OverlayId> asked = new LinkedHashSet<>();
    private final Set<OverlayId> introduced = new LinkedHashSet<>();
    private Timers.@Nullable Timer timer;
    private int rounds;
    private boolean busy;
    private boolean stopped;

    RelaySearch(Relays relays, Session session) {
        this.relays = relays;
        this.session = session;
    }

    /**
     * Begins.
     *
     * @param lost whether there was a better path a moment ago, so that none is to be waited for
     */
    void start(boolean lost) {
        boolean yields = relays.self().compareTo(session.nodeId()) > 0;
        later((lost ? 0 : FIRST_NANOS) + (yields ? YIELD_NANOS : 0));
    }

    void stop() {
        stopped = true;
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
        releaseIntroduced();
    }

    private void later(long delayNanos) {
        if (!stopped) {
            timer = relays.runtime().timers().schedule(delayNanos, this::round);
        }
    }

    private void round() {
        timer = null;
        releaseIntroduced();
        if (!session.isWanted()) {
            later(UNWANTED_NANOS);
            return;
        }
        busy = true;
        Completions.whenDone(relays.runtime().timers(), relays.askCandidates(session), (answer, failure) -> {
            if (stopped) {
                return;
            }
            if (failure == null && answer != null) {
                tryNext(new ArrayList<>(ordered(answer.common())), answer.others(), 0);
            } else {
                end();
            }
        });
    }

    /** Those not asked of late come first. */
    private List<RelayChoice.Candidate> ordered(List<RelayChoice.Candidate> common) {
        List<RelayChoice.Candidate> fresh = new ArrayList<>();
        List<RelayChoice.Candidate> again = new ArrayList<>();
        for (RelayChoice.Candidate candidate : relays.choice().order(common)) {
            (asked.contains(candidate.nodeId()) ? again : fresh).add(candidate);
        }
        fresh.addAll(again);
        return fresh;
    }

    private void tryNext(List<RelayChoice.Candidate> candidates, List<Relays.Other> others, int tries) {
        Session relay = null;
        while (!candidates.isEmpty() && relay == null && tries < TRIES_MAX) {
            relay = relays.directSession(candidates.remove(0).nodeId());
        }
        if (relay == null) {
            introduce(others);
            return;
        }
        remember(relay.nodeId());
        Completions.whenDone(relays.runtime().timers(), relays.ends().bind(session, relay), (route, failure) -> {
            if (stopped) {
                return;
            }
            if (failure == null) {
                // Whether frames pass will show; if not, the next round takes another.
                end();
            } else {
                tryNext(candidates, others, tries + 1);
            }
        });
    }

    private void remember(OverlayId relay) {
        asked.remove(relay);
        asked.add(relay);
        if (asked.size() > ASKED_MAX) {
            asked.remove(asked.iterator().next());
        }
    }

    /** No common neighbour helped: links to neighbours of the peer. */
    private void introduce(List<Relays.Other> others) {
        busy = false;
        for (Relays.Other other : others) {
            OverlayId nodeId = other.contact().identity().nodeId();
            if (!nodeId.equals(relays.self()) && relays.directSession(nodeId) == null) {
                introduced.add(nodeId);
                relays.link(other.contact(), this);
            }
        }
        if (introduced.isEmpty()) {
            end();
        } else {
            later(INTRODUCTION_NANOS);
        }
    }

    /** A node is linked directly: if it was for this search, it is asked at once. */
    void onDirect(Session relay) {
        if (!busy && introduced.contains(relay.nodeId())) {
            busy = true;
            if (timer != null) {
                timer.cancel();
                timer = null;
            }
            List<RelayChoice.Candidate> one = new ArrayList<>();
            one.add(new RelayChoice.Candidate(relay.nodeId(), -1, -1));
            tryNext(one, List.of(), 0);
        }
    }

    private void releaseIntroduced() {
        introduced.forEach(nodeId -> relays.unlink(nodeId, this));
        introduced.clear();
    }

    private void end() {
        busy = false;
        long gap = GAP_MIN_NANOS << Math.min(rounds++, DOUBLINGS_MAX);
        later(gap + (long) (relays.runtime().random().nextDouble() * gap / 4));
    }
}
