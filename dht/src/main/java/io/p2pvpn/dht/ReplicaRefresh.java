package io.p2pvpn.dht;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.concurrent.CompletableFuture;

/**
 * Replicas keep each other complete. Members come and go faster than owners renew, so each replica offers what it
 * keeps to the other positions from time to time; one that was offered a record meanwhile waits anew, so that one
 * round per record and period is the rule. What the others know better is taken over.
 */
final class ReplicaRefresh {
    private final DhtContext context;
    private final RecordStore store;
    private final Intake intake;
    private final Replicas replicas;
    private final CallPacer pacer;

    ReplicaRefresh(DhtContext context, RecordStore store, Intake intake, Replicas replicas, CallPacer pacer) {
        this.context = context;
        this.store = store;
        this.intake = intake;
        this.replicas = replicas;
        this.pacer = pacer;
    }

    /** Purges, and offers what is due; called every {@link DhtLimits#TICK_MILLIS}. */
    void onTick() {
        long nowMillis = context.nowMillis();
        store.purge(nowMillis);
        if (!context.isServing()) {
            return;
        }
        Neighbourhood now = null;
        for (int i = 0; i < DhtLimits.REFRESHES_PER_TICK_MAX; i++) {
            RecordStore.Stored due = store.pollRefresh(nowMillis);
            if (due == null) {
                return;
            }
            now = now == null ? Neighbourhood.of(context.ring()) : now;
            // What we keep although its positions have moved on is left to expire.
            if (!due.record().isTentative() && now.isServedHere(due.record().key())) {
                offer(now, due);
            }
        }
    }

    private void offer(Neighbourhood now, RecordStore.Stored stored) {
        DhtRecord record = stored.record();
        for (OverlayId position : DhtKeys.positions(record.key())) {
            if (!now.isNearest(context.ring().self(), position)) {
                pacer.offer(() -> offer(position, stored));
            }
        }
    }

    private CompletableFuture<?> offer(OverlayId position, RecordStore.Stored stored) {
        long remainingMillis = stored.remainingMillis(context.nowMillis()) - DhtLimits.TRANSFER_MILLIS;
        if (remainingMillis <= 0 || !context.isServing()) {
            return CompletableFuture.completedFuture(null);
        }
        return replicas.put(position, stored.record(), remainingMillis).thenAccept(answer -> {
            Replicas.Copy standing = answer.standing();
            if (standing != null) {
                intake.merge(standing.record(), standing.remainingMillis() - DhtLimits.TRANSFER_MILLIS);
            }
        });
    }
}
