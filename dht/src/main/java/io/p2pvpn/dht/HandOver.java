package io.p2pvpn.dht;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.dht.wire.proto.HandOverReply;
import io.p2pvpn.dht.wire.proto.HandOverRequest;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.RingService.Delivery;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
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
                send(member, keysFor(now, member), DhtLimits.HAND_OVER_TRIES);
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

    /** Sends batch after batch, when their turn comes. */
    private void send(OverlayId member, Deque<OverlayId> keys, int triesLeft) {
        if (!keys.isEmpty() && context.isServing()) {
            pacer.offer(() -> sendBatch(member, keys).thenAccept(taken -> {
                if (taken) {
                    send(member, keys, triesLeft);
                } else if (triesLeft > 1) {
                    context.after(DhtLimits.HAND_OVER_PAUSE_MILLIS, () -> send(member, keys, triesLeft - 1));
                }
            }));
        }
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
        return sendBatch(member, keys)
                .thenCompose(taken -> taken ? sendNow(member, keys) : CompletableFuture.completedFuture(null));
    }

    /** Sends the records of the next keys; those that were not taken are put back. */
    private CompletableFuture<Boolean> sendBatch(OverlayId member, Deque<OverlayId> keys) {
        List<OverlayId> sent = new ArrayList<>();
        HandOverRequest batch = nextBatch(keys, sent);
        return context.ring()
                .call(member, Delivery.EXACT, DhtContext.HAND_OVER, batch.toByteArray())
                .handle((reply, error) -> {
                    boolean taken = reply != null && isTaken(reply.body());
                    if (taken) {
                        context.counter("dht.handover.records").add(batch.getRecordsCount());
                    } else {
                        sent.forEach(keys::addFirst);
                    }
                    return taken;
                });
    }

    private static boolean isTaken(byte[] body) {
        try {
            return !HandOverReply.parseFrom(body).getNotReady();
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }

    /** The records of as many keys as fit; of a key with more than a call holds, those that do. */
    private HandOverRequest nextBatch(Deque<OverlayId> keys, List<OverlayId> sent) {
        HandOverRequest.Builder batch = HandOverRequest.newBuilder();
        long nowMillis = context.nowMillis();
        int bytesLeft = DhtLimits.HAND_OVER_BYTES_MAX;
        while (!keys.isEmpty() && bytesLeft > 0) {
            OverlayId key = keys.remove();
            sent.add(key);
            List<RecordStore.Stored> records = store.get(key, nowMillis);
            records.sort(Comparator.comparing(stored -> !stored.record().isClaim()));
            for (RecordStore.Stored stored : records) {
                long remainingMillis = stored.remainingMillis(nowMillis) - DhtLimits.TRANSFER_MILLIS;
                if (remainingMillis > 0 && bytesLeft > -DhtLimits.HAND_OVER_BYTES_MAX / 2) {
                    batch.addRecords(context.toWire(stored.record(), remainingMillis));
                    bytesLeft -= stored.record().sizeBytes();
                }
            }
        }
        return batch.build();
    }
}
