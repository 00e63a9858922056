package io.p2pvpn.dht;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Look-ups and stores of whole records at all their positions. */
final class Writer {
    private final DhtContext context;
    private final Replicas replicas;
    private final CallPacer pacer;
    private final OwnSigner signer;

    Writer(DhtContext context, Replicas replicas, CallPacer pacer, OwnSigner signer) {
        this.context = context;
        this.replicas = replicas;
        this.pacer = pacer;
        this.signer = signer;
    }

    OwnSigner signer() {
        return signer;
    }

    CompletableFuture<GetResult> get(OverlayId key, GetOptions options, Consumer<DhtRecord> first) {
        return GetRound.start(context, replicas, pacer, key, options, first, DhtLimits.GET_ROUNDS);
    }

    /** The same without asking silent positions again: for callers that come back themselves. */
    CompletableFuture<GetResult> getOnce(OverlayId key) {
        return GetRound.start(context, replicas, pacer, key, GetOptions.MAJORITY, record -> {}, 1);
    }

    /** Puts a new record of our own. */
    CompletableFuture<PutRound> put(DhtRecord record) {
        return put(record, record.ttlMillis());
    }

    CompletableFuture<PutRound> put(DhtRecord record, long remainingMillis) {
        return PutRound.start(context, replicas, record, remainingMillis);
    }

    /**
     * Signs and puts; once more with a larger number where a replica knows a newer record of ours: one of an earlier
     * life with another clock, which readers would go on to see even if a majority had taken this one.
     */
    CompletableFuture<PutRound> putNewest(Supplier<DhtRecord> signing) {
        return put(signing.get()).thenCompose(round -> {
            if (round.newerSequence() == 0) {
                return CompletableFuture.completedFuture(round);
            }
            signer.learn(round.newerSequence());
            return put(signing.get());
        });
    }

    /** Puts a tombstone where a record may be, without waiting. */
    void withdraw(DhtRecord tombstone, boolean[] positions) {
        for (int i = 0; i < DhtLimits.REPLICAS; i++) {
            OverlayId position = DhtKeys.position(tombstone.key(), i);
            if (positions[i]) {
                CompletableFuture<?> unused = replicas.put(position, tombstone, tombstone.ttlMillis());
            }
        }
    }
}
