package io.p2pvpn.dht;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.id.OverlayId;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Takes a key for one owner.
 *
 * <pre>
 *   1. look up        held by another -> lost;  held by us -> 3
 *   2. put tentative  five acceptances -> 3;  a confirmed rival, or a tentative one of smaller rank -> lost;
 *                     else wait a little and repeat: rivals of larger rank are about to withdraw
 *   3. put confirmed  five acceptances -> 4;  a confirmed rival -> lost;  else repeat
 *   4. look up        we hold it -> done;  another does -> lost
 * </pre>
 *
 * Whoever loses or gives up puts tombstones where its records may be. Of claimants that race for a free key, at most
 * one passes step 2 (two majorities of eight share a position), and the one of smallest rank does not withdraw for
 * any other that has not passed it.
 */
final class ClaimOperation {
    private final DhtContext context;
    private final Writer writer;
    private final OverlayId key;
    private final ByteString value;
    private final int ttlSeconds;
    private final boolean[] mayBeAt = new boolean[DhtLimits.REPLICAS];
    private final CompletableFuture<DhtRecord> result = new CompletableFuture<>();
    private final Runnable onEnd;
    private int rounds;
    private boolean heldBefore;
    private boolean cancelled;

    /** @param onEnd runs just before the result is there */
    ClaimOperation(DhtContext context, Writer writer, OverlayId key, ByteString value, int ttlSeconds, Runnable onEnd) {
        this.context = context;
        this.writer = writer;
        this.key = key;
        this.value = value;
        this.ttlSeconds = ttlSeconds;
        this.onEnd = onEnd;
    }

    /** Begins; completes with our confirmed claim, or exceptionally with {@link DhtException}. */
    CompletableFuture<DhtRecord> start() {
        lookUp(null);
        return result;
    }

    /** The caller no longer wants it: what was put is withdrawn. */
    void cancel() {
        cancelled = true;
    }

    /** Steps 1 and 4: which one depends on whether there is a confirmed claim of ours to be re-read. */
    private void lookUp(@Nullable DhtRecord confirmed) {
        DhtContext.then(writer.getOnce(key), got -> {
            DhtRecord holder = got.holder();
            if (holder != null && !isOurs(holder)) {
                lose(holder);
            } else if (holder != null && confirmed != null) {
                succeed(confirmed);
            } else if (!got.conclusive()) {
                retry(
                        () -> lookUp(confirmed),
                        new DhtException(
                                DhtException.Reason.NO_MAJORITY,
                                "only " + got.answered() + " of " + DhtLimits.REPLICAS + " positions answered, "
                                        + DhtLimits.MAJORITY + " are needed"));
            } else if (holder != null) {
                heldBefore = true;
                writer.signer().learn(holder.sequence());
                confirm();
            } else {
                ask();
            }
        });
    }

    private boolean isOurs(DhtRecord record) {
        return record.ownerId().equals(context.identity().publicIdentity().nodeId());
    }

    /** Step 2. */
    private void ask() {
        DhtContext.then(writer.putNewest(() -> writer.signer().tentative(key, value)), round -> {
            remember(round);
            DhtRecord confirmed = round.confirmedRival();
            DhtRecord tentative = round.tentativeRival();
            if (round.hasMajority()) {
                confirm();
            } else if (confirmed != null) {
                lose(confirmed);
            } else if (tentative != null && RecordOrder.outranks(tentative, round.record())) {
                lose(tentative);
            } else {
                retry(this::ask, round.failure());
            }
        });
    }

    /** Step 3. */
    private void confirm() {
        CompletableFuture<PutRound> put =
                writer.putNewest(() -> writer.signer().record(DhtRecord.Kind.CLAIM, key, value, ttlSeconds));
        DhtContext.then(put, round -> {
            remember(round);
            DhtRecord rival = round.confirmedRival();
            if (round.hasMajority()) {
                lookUp(round.record());
            } else if (rival != null) {
                lose(rival);
            } else {
                retry(this::confirm, round.failure());
            }
        });
    }

    private void remember(PutRound round) {
        for (int i = 0; i < DhtLimits.REPLICAS; i++) {
            mayBeAt[i] |= round.mayBeAt(i);
        }
    }

    private void retry(Runnable step, DhtException failure) {
        rounds++;
        if (cancelled || context.isClosed() || rounds >= DhtLimits.CLAIM_ROUNDS_MAX) {
            fail(failure);
        } else {
            long pauseMillis = context.jitterMillis(DhtLimits.CLAIM_PAUSE_MILLIS_MIN, DhtLimits.CLAIM_PAUSE_MILLIS_MAX);
            context.after(pauseMillis, step);
        }
    }

    private void succeed(DhtRecord confirmed) {
        if (cancelled) {
            fail(new DhtException(DhtException.Reason.REFUSED, "the claim was withdrawn by its owner"));
        } else {
            onEnd.run();
            result.complete(confirmed);
        }
    }

    private void lose(DhtRecord holder) {
        fail(new DhtException(DhtException.Reason.HELD, "held by " + holder.owner(), holder));
    }

    private void fail(DhtException failure) {
        // A claim that we held and could not reach to change is still ours.
        boolean keep = heldBefore && !cancelled && failure.reason() != DhtException.Reason.HELD;
        if (!keep) {
            withdraw();
        }
        onEnd.run();
        result.completeExceptionally(failure);
    }

    private void withdraw() {
        writer.withdraw(writer.signer().tombstone(DhtRecord.Kind.CLAIM, key, ttlSeconds), mayBeAt);
    }
}
