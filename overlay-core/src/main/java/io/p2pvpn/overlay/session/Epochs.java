package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.noise.Digests;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The epochs of keys of one session, and which of them seals. Confined to the node's loop. */
final class Epochs {
    /** Epochs kept at a time, old ones included. */
    static final int EPOCHS_MAX = 256;

    private static final long RETIRE_MARGIN_NANOS = 10_000_000_000L;
    private static final int RETIRE_ROUND_TRIPS = 3;
    /** How long keys wait for the peer's first frame while older ones are in use. */
    private static final long UNCONFIRMED_NANOS = 30_000_000_000L;

    /** Mostly one, and a node has hundreds of sessions. */
    private final List<Epoch> all = new ArrayList<>(1);

    private final Consumer<Epoch> onForgotten;
    private Epoch current;

    /**
     * One epoch, which seals.
     *
     * @param onForgotten told of each that opens frames no more
     */
    Epochs(Epoch first, Consumer<Epoch> onForgotten) {
        this.current = first;
        this.onForgotten = onForgotten;
        all.add(first);
    }

    /** The one that seals. */
    Epoch current() {
        return current;
    }

    void add(Epoch epoch) {
        all.add(epoch);
    }

    /** True if {@code hash} is that of a handshake whose keys still open frames. */
    boolean isBoundTo(byte[] hash) {
        for (Epoch epoch : all) {
            if (Digests.constantTimeEquals(epoch.handshakeHash(), hash)) {
                return true;
            }
        }
        return false;
    }

    /** Seals with the newest confirmed one from now on, and sets an end to the others. */
    void choose(long nowNanos, long slowestRttNanos) {
        for (Epoch epoch : all) {
            if (epoch.isConfirmed() && (epoch.isNewerThan(current) || !current.isConfirmed())) {
                current = epoch;
            }
        }
        long retire = nowNanos + RETIRE_ROUND_TRIPS * slowestRttNanos + RETIRE_MARGIN_NANOS;
        for (Epoch epoch : all) {
            if (epoch == current) {
                epoch.keep();
            } else {
                epoch.retireAt(epoch.isConfirmed() ? retire : nowNanos + UNCONFIRMED_NANOS);
            }
        }
        while (all.size() > EPOCHS_MAX) {
            onForgotten.accept(all.remove(0));
        }
    }

    /** Number of the next handshake that we start. */
    int nextNumber() {
        int highest = 0;
        for (Epoch epoch : all) {
            highest = Math.max(highest, epoch.terms().number());
        }
        return highest + 1;
    }

    /** Forgets keys whose time is over; the moment when to look again. */
    long expire(long nowNanos) {
        long next = Long.MAX_VALUE;
        for (int i = all.size() - 1; i >= 0; i--) {
            Epoch epoch = all.get(i);
            if (epoch.retireNanos() != Long.MAX_VALUE) {
                if (epoch.retireNanos() - nowNanos <= 0) {
                    all.remove(i);
                    onForgotten.accept(epoch);
                } else {
                    next = Math.min(next, epoch.retireNanos());
                }
            }
        }
        return next;
    }

    /** When we have to start a handshake for new keys; {@code Long.MAX_VALUE} if the peer has to, or nobody. */
    long rekeyAtNanos(SessionConfig config) {
        if (!current.terms().initiatedHere()) {
            return Long.MAX_VALUE;
        }
        return switch (current.use()) {
            case KEEPALIVES -> Long.MAX_VALUE;
            case MESSAGES -> current.establishedNanos() + config.rekeyQuietNanos();
            case PACKETS -> current.establishedNanos() + config.rekeyAfterNanos();
        };
    }

    /** True while the keys that seal have carried no packets. */
    boolean areQuiet() {
        return current.use() != Epoch.Use.PACKETS;
    }

    void forgetAll() {
        all.forEach(onForgotten);
    }
}
