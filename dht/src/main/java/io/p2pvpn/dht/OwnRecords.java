package io.p2pvpn.dht;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.id.OverlayId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's own records: renewed at half their life, put again where a position did not take them and after the ring
 * became another, claims also every few minutes, so that their holder learns of a claim that beat its own.
 */
final class OwnRecords {
    private static final Logger LOG = LoggerFactory.getLogger(OwnRecords.class);
    private static final int ROUNDS_IN_FLIGHT_MAX = 2;

    /** One record that is kept alive. */
    private static final class Own {
        private final DhtRecord.Kind kind;
        private final OverlayId key;
        private final ByteString value;
        private final int ttlSeconds;
        private final @Nullable Consumer<DhtRecord> onLost;
        private @Nullable DhtRecord record;
        private @Nullable Own previous;
        private long expiresMillis;
        private long renewMillis;
        private long checkMillis;
        private long checkPauseMillis = DhtLimits.CLAIM_CHECK_MILLIS;
        private long mendMillis = Long.MAX_VALUE;
        private boolean busy;

        private Own(
                DhtRecord.Kind kind,
                OverlayId key,
                ByteString value,
                int ttlSeconds,
                @Nullable Consumer<DhtRecord> onLost) {
            this.kind = kind;
            this.key = key;
            this.value = value;
            this.ttlSeconds = ttlSeconds;
            this.onLost = onLost;
        }
    }

    private final DhtContext context;
    private final Writer writer;
    private final CallPacer pacer = new CallPacer(ROUNDS_IN_FLIGHT_MAX, DhtLimits.OWN_RECORDS_MAX);
    private final TreeMap<OverlayId, Own> plain = new TreeMap<>();
    private final TreeMap<OverlayId, Own> claims = new TreeMap<>();
    private final TreeMap<OverlayId, ClaimOperation> claiming = new TreeMap<>();
    private boolean reputPending;
    private long lastReputMillis;

    OwnRecords(DhtContext context, Writer writer) {
        this.context = context;
        this.writer = writer;
        this.lastReputMillis = context.nowMillis() - DhtLimits.REPUT_PAUSE_MILLIS;
    }

    /** Whether another key would be one too many. */
    boolean isFullFor(OverlayId key) {
        boolean known = plain.containsKey(key) || claims.containsKey(key) || claiming.containsKey(key);
        return !known && plain.size() + claims.size() + claiming.size() >= DhtLimits.OWN_RECORDS_MAX;
    }

    /** The records kept alive, plain ones first, by key. */
    List<DhtRecord> records() {
        List<DhtRecord> records = new ArrayList<>();
        for (Own own : all()) {
            if (own.record != null) {
                records.add(own.record);
            }
        }
        return records;
    }

    private List<Own> all() {
        List<Own> all = new ArrayList<>(plain.values());
        all.addAll(claims.values());
        return all;
    }

    private Map<OverlayId, Own> of(DhtRecord.Kind kind) {
        return kind == DhtRecord.Kind.CLAIM ? claims : plain;
    }

    private boolean isKept(Own own) {
        return !context.isClosed() && of(own.kind).get(own.key) == own;
    }

    /** Puts a plain record; kept only if a majority took it, else what was kept before stays. */
    CompletableFuture<DhtRecord> put(OverlayId key, ByteString value, int ttlSeconds) {
        Own own = new Own(DhtRecord.Kind.PLAIN, key, value, ttlSeconds, null);
        Own standing = plain.get(key);
        own.previous = standing != null && standing.record == null ? standing.previous : standing;
        own.busy = true;
        plain.put(key, own);
        CompletableFuture<DhtRecord> result = new CompletableFuture<>();
        DhtContext.then(writer.putNewest(() -> sign(own)), round -> {
            own.busy = false;
            buryIfRemoved(own, round);
            if (round.hasMajority()) {
                keep(own, round);
                result.complete(round.record());
            } else {
                restore(own);
                result.completeExceptionally(round.failure());
            }
        });
        return result;
    }

    /** Signs what the key is to say now, which a put after this one may have changed. */
    private DhtRecord sign(Own renewed) {
        Own own = of(renewed.kind).getOrDefault(renewed.key, renewed);
        return writer.signer().record(own.kind, own.key, own.value, own.ttlSeconds);
    }

    private void restore(Own own) {
        if (!isKept(own)) {
            return;
        }
        if (own.previous == null) {
            plain.remove(own.key);
        } else {
            plain.put(own.key, own.previous);
        }
    }

    /** Keeps what a majority took, and comes back to the positions that did not or know a newer record. */
    private void keep(Own own, PutRound round) {
        keep(own, round.record());
        DhtContext.then(round.settled(), all -> {
            if (own.record == all.record() && all.newerSequence() > 0) {
                writer.signer().learn(all.newerSequence());
                own.renewMillis = context.nowMillis();
            } else if (own.record == all.record() && all.hasHoles()) {
                own.mendMillis = context.nowMillis() + DhtLimits.MEND_MILLIS;
            }
        });
    }

    private void keep(Own own, DhtRecord record) {
        long nowMillis = context.nowMillis();
        own.record = record;
        own.previous = null;
        own.expiresMillis = nowMillis + record.ttlMillis();
        long halfMillis = record.ttlMillis() / 2;
        // A little early and not all at once.
        own.renewMillis = nowMillis + halfMillis - context.jitterMillis(0, halfMillis / 8);
        own.checkMillis = nowMillis + own.checkPauseMillis;
        own.mendMillis = Long.MAX_VALUE;
    }

    /** Claims a key; kept when it succeeds. A claim that is held already changes its value. */
    CompletableFuture<DhtRecord> claim(
            OverlayId key, ByteString value, int ttlSeconds, @Nullable Consumer<DhtRecord> onLost) {
        CompletableFuture<DhtRecord> result = new CompletableFuture<>();
        if (claiming.containsKey(key)) {
            result.completeExceptionally(
                    new DhtException(DhtException.Reason.BUSY, "this key is being claimed already"));
            return result;
        }
        Own own = new Own(DhtRecord.Kind.CLAIM, key, value, ttlSeconds, onLost);
        CompletableFuture<?> unused = runClaim(own).whenComplete((record, error) -> {
            if (record != null) {
                claims.put(key, own);
                keep(own, record);
                result.complete(record);
            } else {
                if (isHeldByAnother(error)) {
                    claims.remove(key);
                }
                result.completeExceptionally(error);
            }
        });
        return result;
    }

    private CompletableFuture<DhtRecord> runClaim(Own own) {
        ClaimOperation operation =
                new ClaimOperation(context, writer, own.key, own.value, own.ttlSeconds, () -> claiming.remove(own.key));
        claiming.put(own.key, operation);
        return operation.start();
    }

    private static boolean isHeldByAnother(@Nullable Throwable error) {
        return error instanceof DhtException failure && failure.reason() == DhtException.Reason.HELD;
    }

    /** Puts tombstones; nothing is renewed from now on, whatever becomes of them. */
    CompletableFuture<Void> remove(OverlayId key) {
        ClaimOperation operation = claiming.get(key);
        if (operation != null) {
            operation.cancel();
        }
        Own ownPlain = plain.remove(key);
        Own ownClaim = claims.remove(key);
        // After a restart we do not know what we put: then both kinds, for as long as either might live.
        boolean unknown = ownPlain == null && ownClaim == null;
        CompletableFuture<Void> result = new CompletableFuture<>();
        Runnable claimNext = () -> bury(DhtRecord.Kind.CLAIM, key, ownClaim, result, () -> result.complete(null));
        boolean claim = ownClaim != null || unknown;
        if (ownPlain != null || unknown) {
            bury(DhtRecord.Kind.PLAIN, key, ownPlain, result, claim ? claimNext : () -> result.complete(null));
        } else {
            claimNext.run();
        }
        return result;
    }

    private void bury(
            DhtRecord.Kind kind, OverlayId key, @Nullable Own own, CompletableFuture<Void> result, Runnable next) {
        int ttlSeconds = own == null ? DhtLimits.TTL_SECONDS_MAX : own.ttlSeconds;
        DhtContext.then(writer.putNewest(() -> writer.signer().tombstone(kind, key, ttlSeconds)), round -> {
            if (round.hasMajority()) {
                next.run();
            } else {
                result.completeExceptionally(round.failure());
            }
        });
    }

    /** Does what is due; called every {@link DhtLimits#TICK_MILLIS}. */
    void onTick() {
        long nowMillis = context.nowMillis();
        for (Own own : all()) {
            boolean check = own.kind == DhtRecord.Kind.CLAIM && nowMillis >= own.checkMillis;
            if (check || nowMillis >= own.renewMillis || nowMillis >= own.mendMillis) {
                refresh(own);
            }
        }
    }

    /** Puts everything again, soon and not too often. */
    void reclaim() {
        if (reputPending) {
            return;
        }
        reputPending = true;
        long sinceLastMillis = context.nowMillis() - lastReputMillis;
        long pauseMillis = Math.max(0, DhtLimits.REPUT_PAUSE_MILLIS - sinceLastMillis);
        long jitterMillis = context.jitterMillis(DhtLimits.REPUT_MILLIS_MIN, DhtLimits.REPUT_MILLIS_MAX);
        context.after(Math.max(pauseMillis, jitterMillis), () -> {
            reputPending = false;
            lastReputMillis = context.nowMillis();
            all().forEach(own -> {
                own.checkPauseMillis = DhtLimits.CLAIM_CHECK_MILLIS;
                refresh(own);
            });
        });
    }

    private void refresh(Own own) {
        if (own.busy || own.record == null || !context.isServing()) {
            return;
        }
        // Set first: the call may run, and clear it, before the offer returns.
        own.busy = true;
        if (!pacer.offer(() -> refreshNow(own))) {
            own.busy = false;
        }
    }

    private CompletableFuture<?> refreshNow(Own own) {
        DhtRecord record = own.record;
        if (!isKept(own) || record == null || claiming.containsKey(own.key)) {
            own.busy = false;
            return CompletableFuture.completedFuture(null);
        }
        long nowMillis = context.nowMillis();
        if (own.kind == DhtRecord.Kind.CLAIM && hasLapsed(own, record)) {
            return claimAgain(own);
        }
        long remainingMillis = own.expiresMillis - nowMillis;
        own.checkPauseMillis = Math.min(2 * own.checkPauseMillis, DhtLimits.CLAIM_CHECK_MILLIS_MAX);
        own.checkMillis = nowMillis + own.checkPauseMillis;
        own.mendMillis = Long.MAX_VALUE;
        if (nowMillis >= own.renewMillis || remainingMillis <= DhtLimits.TRANSFER_MILLIS) {
            return writer.putNewest(() -> sign(own)).thenAccept(round -> onRenewed(own, round));
        }
        return writer.put(record, remainingMillis).thenAccept(round -> onPutAgain(own, round));
    }

    /** By either clock: the monotonic one stands still while a host sleeps, the other may be set. */
    private boolean hasLapsed(Own own, DhtRecord record) {
        long byWallClock = record.createdEpochMillis() + record.ttlMillis() - context.epochMillis();
        return context.nowMillis() >= own.expiresMillis || byWallClock <= 0;
    }

    /** Others were free to take what we let lapse, so we ask again instead of asserting. */
    private CompletableFuture<?> claimAgain(Own own) {
        return runClaim(own).handle((record, error) -> {
            own.busy = false;
            if (record != null && isKept(own)) {
                keep(own, record);
            } else if (error instanceof DhtException failure && isHeldByAnother(error)) {
                lose(own, failure.holder());
            } else {
                retryLater(own);
            }
            return null;
        });
    }

    private void onRenewed(Own own, PutRound round) {
        own.busy = false;
        buryIfRemoved(own, round);
        if (!isKept(own)) {
            return;
        }
        if (round.hasMajority()) {
            keep(own, round);
        } else if (isLost(own, round)) {
            lose(own, round);
        } else {
            own.record = round.record();
            retryLater(own);
        }
    }

    private void onPutAgain(Own own, PutRound round) {
        own.busy = false;
        if (isKept(own) && isLost(own, round)) {
            lose(own, round);
        } else if (round.newerSequence() > 0) {
            writer.signer().learn(round.newerSequence());
            own.renewMillis = context.nowMillis();
        }
    }

    /** Removed while the put was under way: its retry may have been signed after the tombstone. */
    private void buryIfRemoved(Own own, PutRound round) {
        boolean removed = !of(own.kind).containsKey(own.key) && !claiming.containsKey(own.key);
        if (removed && !context.isClosed()) {
            withdraw(own, round);
        }
    }

    private static boolean isLost(Own own, PutRound round) {
        return own.kind == DhtRecord.Kind.CLAIM && !round.hasMajority() && round.confirmedRival() != null;
    }

    private void retryLater(Own own) {
        context.counter("dht.renew.failed").increment();
        long retryMillis = DhtLimits.RENEWAL_RETRY_MILLIS;
        own.renewMillis = context.nowMillis() + retryMillis + context.jitterMillis(0, retryMillis / 2);
    }

    private void lose(Own own, PutRound round) {
        withdraw(own, round);
        lose(own, round.confirmedRival());
    }

    private void withdraw(Own own, PutRound round) {
        boolean[] positions = new boolean[DhtLimits.REPLICAS];
        for (int i = 0; i < positions.length; i++) {
            positions[i] = round.mayBeAt(i);
        }
        writer.withdraw(writer.signer().tombstone(own.kind, own.key, own.ttlSeconds), positions);
    }

    private void lose(Own own, @Nullable DhtRecord rival) {
        if (!isKept(own)) {
            return;
        }
        claims.remove(own.key);
        context.counter("dht.claim.lost").increment();
        LOG.info("our claim of key {} was lost to {}", own.key.toShortString(), rival == null ? "?" : rival.owner());
        if (own.onLost != null && rival != null) {
            own.onLost.accept(rival);
        }
    }
}
