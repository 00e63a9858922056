package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.wire.Endpoints;
import io.p2pvpn.overlay.wire.proto.Close;
import io.p2pvpn.overlay.wire.proto.Control;
import io.p2pvpn.overlay.wire.proto.Rival;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Handshakes with another run of a peer's process than the one that there is a session with. Either the peer has
 * restarted, or its state directory was copied and both run. So the run that we know is asked for an answer: if it
 * gives one, we stay with it, tell the other that the identity is in use, and the first that there is another. If it
 * gives none, its session is over, and the next message of the other run is welcome. Confined to the node's loop.
 */
final class Rivals {
    /** What becomes of a handshake. */
    private enum Standing {
        /** It goes on. */
        WELCOME,
        /** It is a former run's, held up on its way. */
        STALE,
        /** The run that we know has been asked. */
        UNDECIDED,
        /** The run that we know has answered. */
        IN_USE
    }

    /** Peers asked at a time; what comes beyond that counts as a restart. */
    static final int TRIALS_MAX = 64;

    /** Who has just come and comes again has crashed at its start: there is little to disturb, and all hurry. */
    private static final long YOUNG_NANOS = 10_000_000_000L;

    /** A {@link Close} with this reason refuses a run. */
    private static final int REASON_IN_USE = 1;

    /** What the former process had sent may still arrive for so long. */
    private static final long STRAGGLERS_NANOS = 200_000_000L;
    /** And so long its answer is waited for, or two round trips: a caller's third try comes after both. */
    private static final long ANSWER_NANOS = 500_000_000L;

    private static final int ANSWER_ROUND_TRIPS = 2;
    /** An answer holds so long. */
    private static final long IN_USE_NANOS = 5_000_000_000L;

    private final SessionLayer layer;
    private final TreeMap<OverlayId, Trial> trials = new TreeMap<>();

    Rivals(SessionLayer layer) {
        this.layer = layer;
    }

    /** One session whose peer has been asked. */
    private final class Trial {
        private final Session session;
        private boolean answered;
        /** Goes on with the last message of the other run that was held up. */
        private @Nullable Runnable held;

        Trial(Session session) {
            this.session = session;
        }

        void begin() {
            session.probe();
            later(STRAGGLERS_NANOS, () -> {
                long askedNanos = layer.now();
                session.probe();
                Path active = session.activePath();
                long rttNanos = active == null ? 0 : active.rttNanos();
                later(Math.max(ANSWER_NANOS, ANSWER_ROUND_TRIPS * rttNanos), () -> decide(askedNanos));
            });
        }

        private void decide(long askedNanos) {
            answered = session.isOpen() && session.lastReceivedNanos() - askedNanos > 0;
            if (answered) {
                later(IN_USE_NANOS, this::end);
            } else {
                end();
                layer.down(session, "the peer restarted");
                if (held != null) {
                    held.run();
                }
            }
        }

        private void end() {
            trials.remove(session.nodeId(), this);
        }

        private void later(long delayNanos, Runnable step) {
            layer.runtime().timers().schedule(delayNanos, step);
        }
    }

    /** Whether a handshake with the run {@code bootId} of a peer may go on; counts the drop if not. */
    boolean admits(OverlayId nodeId, long bootId) {
        Standing standing = standing(nodeId, bootId);
        if (standing != Standing.WELCOME) {
            layer.drop(standing == Standing.STALE ? "handshake-stale" : "handshake-rival");
        }
        return standing == Standing.WELCOME;
    }

    /** Goes on with a message of that peer, which was not admitted, if it turns out that the peer has restarted. */
    void hold(OverlayId nodeId, long bootId, Runnable goOn) {
        Trial trial = trials.get(nodeId);
        // A former run's message, which anybody can send again, must not take the place of a later one's.
        if (trial != null && !trial.answered && bootId > trial.session.remoteBootId()) {
            trial.held = goOn;
        }
    }

    /** Whether it is to be {@linkplain #refuse refused}: another run has answered. */
    boolean isInUse(OverlayId nodeId, long bootId) {
        return standing(nodeId, bootId) == Standing.IN_USE;
    }

    private Standing standing(OverlayId nodeId, long bootId) {
        Session session = layer.session(nodeId);
        if (session == null || session.remoteBootId() == bootId) {
            return Standing.WELCOME;
        }
        // Should the peer's clock have gone back meanwhile, it has to wait until the session is given up.
        if (bootId < session.remoteBootId()) {
            return Standing.STALE;
        }
        Trial trial = trials.get(session.nodeId());
        if (trial == null || trial.session != session) {
            if (trials.size() >= TRIALS_MAX || layer.now() - session.sinceNanos() < YOUNG_NANOS) {
                return Standing.WELCOME;
            }
            trial = new Trial(session);
            trials.put(session.nodeId(), trial);
            trial.begin();
        }
        return trial.answered ? Standing.IN_USE : Standing.UNDECIDED;
    }

    /** Tells both: the one that agreed on {@code epoch} over {@code from}, and the one that we have a session with. */
    void refuse(PublicIdentity peer, Epoch epoch, FrameRoute from) {
        Session session = layer.session(peer.nodeId());
        if (session == null) {
            return;
        }
        layer.count("rival.refused");
        Control close = Control.newBuilder()
                .setClose(Close.newBuilder().setReason(REASON_IN_USE))
                .build();
        Handshakes.say(close, epoch, from);
        Rival.Builder rival = Rival.newBuilder();
        Endpoint seenAt = from.endpoint();
        if (seenAt != null) {
            rival.setSeenAt(Endpoints.toProto(seenAt));
        }
        session.send(Control.newBuilder().setRival(rival).build());
    }

    /** The peer ends the session, or says that it has refused another run of this node. */
    void onTold(Session session, Control message) {
        if (message.hasRival()) {
            Rival rival = message.getRival();
            layer.listener().onRival(session, rival.hasSeenAt() ? Endpoints.fromProto(rival.getSeenAt()) : null);
            return;
        }
        boolean inUse = message.getClose().getReason() == REASON_IN_USE;
        layer.down(session, inUse ? "another run of this node is in its place" : "closed by the peer");
        if (inUse) {
            layer.listener().onIdentityInUse(session);
        }
    }
}
