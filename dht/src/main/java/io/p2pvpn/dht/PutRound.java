package io.p2pvpn.dht;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One record offered to all positions of its key, and what they answered. */
final class PutRound {
    private final DhtContext context;
    private final Replicas replicas;
    private final DhtRecord record;
    private final long endMillis;
    private final PutStatus[] statuses = new PutStatus[DhtLimits.REPLICAS];
    private final DhtRecord[] standing = new DhtRecord[DhtLimits.REPLICAS];
    private final CompletableFuture<PutRound> decided = new CompletableFuture<>();
    private final CompletableFuture<PutRound> settled = new CompletableFuture<>();
    private int roundsLeft = DhtLimits.PUT_ROUNDS;
    private int awaited;
    private int stored;

    private PutRound(DhtContext context, Replicas replicas, DhtRecord record, long remainingMillis) {
        this.context = context;
        this.replicas = replicas;
        this.record = record;
        this.endMillis = context.nowMillis() + remainingMillis;
        Arrays.fill(statuses, PutStatus.UNANSWERED);
    }

    /**
     * Offers a record everywhere.
     *
     * @return completes with five acceptances, or when all positions have answered or will not; never exceptionally
     */
    static CompletableFuture<PutRound> start(
            DhtContext context, Replicas replicas, DhtRecord record, long remainingMillis) {
        PutRound round = new PutRound(context, replicas, record, remainingMillis);
        round.offerToSilent();
        return round.decided;
    }

    private void offerToSilent() {
        roundsLeft--;
        List<Integer> silent = new ArrayList<>();
        for (int i = 0; i < DhtLimits.REPLICAS; i++) {
            if (isSilent(statuses[i])) {
                silent.add(i);
            }
        }
        awaited = silent.size();
        long remainingMillis = endMillis - context.nowMillis();
        for (int i : silent) {
            OverlayId position = DhtKeys.position(record.key(), i);
            DhtContext.then(replicas.put(position, record, remainingMillis), answer -> settle(i, answer));
        }
    }

    private static boolean isSilent(PutStatus status) {
        return status == PutStatus.UNANSWERED || status == PutStatus.NOT_READY;
    }

    private void settle(int index, Replicas.PutAnswer answer) {
        statuses[index] = answer.status();
        Replicas.Copy copy = answer.standing();
        if (copy != null) {
            standing[index] = copy.record();
        }
        awaited--;
        if (answer.status() == PutStatus.STORED) {
            stored++;
        }
        if (hasMajority()) {
            decided.complete(this);
        }
        if (awaited == 0) {
            if (couldStillGain() && roundsLeft > 0 && context.isServing()) {
                context.after(DhtLimits.AGAIN_MILLIS, this::offerToSilent);
            } else {
                decided.complete(this);
                settled.complete(this);
            }
        }
    }

    /** No majority yet, but there would be one if all silent positions took the record. */
    private boolean couldStillGain() {
        int silent = 0;
        for (PutStatus status : statuses) {
            silent += isSilent(status) ? 1 : 0;
        }
        return !hasMajority() && stored + silent >= DhtLimits.MAJORITY;
    }

    /** Completes when each position has answered, or will not. */
    CompletableFuture<PutRound> settled() {
        return settled;
    }

    /** A position did not answer. */
    boolean hasHoles() {
        for (PutStatus status : statuses) {
            if (isSilent(status)) {
                return true;
            }
        }
        return false;
    }

    DhtRecord record() {
        return record;
    }

    boolean hasMajority() {
        return stored >= DhtLimits.MAJORITY;
    }

    /** True where the record is, or may be. */
    boolean mayBeAt(int index) {
        return statuses[index] == PutStatus.STORED || statuses[index] == PutStatus.UNANSWERED;
    }

    /** Another owner's confirmed claim that stood in the way; of several the one that wins; or null. */
    @Nullable
    DhtRecord confirmedRival() {
        return rival(false);
    }

    /** Another owner's tentative claim that stood in the way; of several the one that wins; or null. */
    @Nullable
    DhtRecord tentativeRival() {
        return rival(true);
    }

    private @Nullable DhtRecord rival(boolean tentative) {
        DhtRecord best = null;
        for (DhtRecord other : standing) {
            boolean rival = other != null
                    && other.isClaim()
                    && !other.isTombstone()
                    && other.isTentative() == tentative
                    && !other.ownerId().equals(record.ownerId());
            if (rival && (best == null || RecordOrder.outranks(other, best))) {
                best = other;
            }
        }
        return best;
    }

    /** The largest sequence number of our own that a replica said is newer; 0 if none did. */
    long newerSequence() {
        long newest = 0;
        for (DhtRecord other : standing) {
            if (other != null
                    && other.ownerId().equals(record.ownerId())
                    && other.kind() == record.kind()
                    && other.sequence() >= record.sequence()) {
                newest = Math.max(newest, other.sequence());
            }
        }
        return newest;
    }

    /** Why there is no majority. */
    DhtException failure() {
        Map<PutStatus, Integer> counts = new EnumMap<>(PutStatus.class);
        List.of(statuses).forEach(status -> counts.merge(status, 1, Integer::sum));
        counts.remove(PutStatus.STORED);
        StringBuilder text = new StringBuilder("stored at " + stored + " of " + DhtLimits.REPLICAS + " positions, "
                + DhtLimits.MAJORITY + " are needed");
        counts.forEach(
                (status, count) -> text.append("; ").append(count).append(": ").append(status.text()));
        boolean silence = counts.getOrDefault(PutStatus.UNANSWERED, 0) + counts.getOrDefault(PutStatus.NOT_READY, 0)
                > DhtLimits.REPLICAS - DhtLimits.MAJORITY;
        return new DhtException(
                silence ? DhtException.Reason.NO_MAJORITY : DhtException.Reason.REFUSED, text.toString());
    }
}
