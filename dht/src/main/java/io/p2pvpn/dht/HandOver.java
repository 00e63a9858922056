package io.p2pvpn.dht;

import io.p2pvpn.dht.wire.proto.HandOverRequest;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.RingService.Delivery;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/** Gives a new neighbour the records whose positions it is now the nearest to. */
final class HandOver {
    private final DhtContext context;
    private final RecordStore store;
    private final CallPacer pacer;
    private SortedSet<OverlayId> known = new TreeSet<>();
    private boolean pending;

    HandOver(DhtContext context, RecordStore store, CallPacer pacer) {
        this.context = context;
        this.store = store;
        this.pacer = pacer;
    }

    /** Looks for new neighbours a moment from now: a join changes several in a row. */
    void onRingChanged() {
        if (!pending) {
            pending = true;
            context.after(DhtLimits.HAND_OVER_DELAY_MILLIS, this::compare);
        }
    }

    private void compare() {
        pending = false;
        if (!context.isServing()) {
            return;
        }
        Neighbourhood now = Neighbourhood.of(context.ring());
        SortedSet<OverlayId> present = now.others();
        for (OverlayId member : present) {
            if (!known.contains(member)) {
                send(member, keysFor(now, member));
            }
        }
        known = present;
    }

    /** The stored keys with a position that {@code member} is the nearest to. */
    private Deque<OverlayId> keysFor(Neighbourhood now, OverlayId member) {
        Set<OverlayId> keys = new LinkedHashSet<>();
        OverlayId before = now.before(member);
        OverlayId after = now.after(member);
        for (int i = 0; i < DhtLimits.REPLICAS; i++) {
            // Positions between its neighbours' places belong to keys that lie i eighths further back.
            OverlayId back = OverlayId.ZERO.plusFraction(i, DhtLimits.REPLICAS);
            for (OverlayId key : store.keysBetween(before.minus(back), after.minus(back))) {
                if (now.isNearest(member, DhtKeys.position(key, i))) {
                    keys.add(key);
                }
            }
        }
        return new ArrayDeque<>(keys);
    }

    /** Sends batch after batch; a member that does not take one is gone, or will be found by repair. */
    private void send(OverlayId member, Deque<OverlayId> keys) {
        if (keys.isEmpty() || !context.isServing()) {
            return;
        }
        pacer.offer(() -> {
            byte[] batch = nextBatch(keys);
            return context.ring()
                    .call(member, Delivery.EXACT, DhtContext.HAND_OVER, batch)
                    .whenComplete((reply, error) -> {
                        if (error == null) {
                            send(member, keys);
                        }
                    });
        });
    }

    /** Gives all records to those who will be nearest without us; completes when they have them, or did not answer. */
    CompletableFuture<Void> leave() {
        Neighbourhood now = Neighbourhood.of(context.ring());
        OverlayId self = context.ring().self();
        TreeMap<OverlayId, Set<OverlayId>> keysByHeir = new TreeMap<>();
        if (!now.after(self).equals(self)) {
            for (DhtRecord record : store.all()) {
                for (OverlayId position : DhtKeys.positions(record.key())) {
                    if (now.isNearest(self, position)) {
                        keysByHeir
                                .computeIfAbsent(now.heirOf(position), unused -> new LinkedHashSet<>())
                                .add(record.key());
                    }
                }
            }
        }
        List<CompletableFuture<Void>> sent = new ArrayList<>();
        keysByHeir.forEach((heir, keys) -> sent.add(sendNow(heir, new ArrayDeque<>(keys))));
        return CompletableFuture.allOf(sent.toArray(new CompletableFuture<?>[0]));
    }

    private CompletableFuture<Void> sendNow(OverlayId member, Deque<OverlayId> keys) {
        if (keys.isEmpty() || !context.isServing()) {
            return CompletableFuture.completedFuture(null);
        }
        return context.ring()
                .call(member, Delivery.EXACT, DhtContext.HAND_OVER, nextBatch(keys))
                .handle((reply, error) -> error == null)
                .thenCompose(taken -> taken ? sendNow(member, keys) : CompletableFuture.completedFuture(null));
    }

    private byte[] nextBatch(Deque<OverlayId> keys) {
        HandOverRequest.Builder batch = HandOverRequest.newBuilder();
        long nowMillis = context.nowMillis();
        int bytes = 0;
        while (!keys.isEmpty() && bytes < DhtLimits.HAND_OVER_BYTES_MAX) {
            int keyBytes = 0;
            for (RecordStore.Stored stored : store.get(keys.remove(), nowMillis)) {
                long remainingMillis = stored.remainingMillis(nowMillis) - DhtLimits.TRANSFER_MILLIS;
                if (remainingMillis > 0) {
                    batch.addRecords(context.toWire(stored.record(), remainingMillis));
                    keyBytes += stored.record().sizeBytes();
                }
            }
            bytes += keyBytes;
        }
        context.counter("dht.handover.records").add(batch.getRecordsCount());
        return batch.build().toByteArray();
    }
}
