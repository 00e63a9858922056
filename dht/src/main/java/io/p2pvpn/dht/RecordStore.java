package io.p2pvpn.dht;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The records that one node keeps, for itself and for others: bounded, each until its time is over.
 *
 * <p>Merges what arrives by {@link RecordOrder}; knows nothing of calls, signatures or the ring. Times are those of
 * {@link LoopTime}.
 */
final class RecordStore {
    /** What a record costs beside its bytes, by estimate. */
    private static final int RECORD_OVERHEAD_BYTES = 512;

    /** A record in the store. */
    static final class Stored {
        private final DhtRecord record;
        private final long expiresMillis;
        private final long serial;
        private long refreshMillis;
        /** The delay of the next refresh is drawn and doubled so many times. */
        private int refreshDoublings;

        private Stored(DhtRecord record, long expiresMillis, long serial) {
            this.record = record;
            this.expiresMillis = expiresMillis;
            this.serial = serial;
        }

        DhtRecord record() {
            return record;
        }

        /** How long it still lives. */
        long remainingMillis(long nowMillis) {
            return expiresMillis - nowMillis;
        }

        private int costBytes() {
            return record.sizeBytes() + RECORD_OVERHEAD_BYTES;
        }
    }

    /** What became of a record, and which one stands in its way. */
    record PutResult(PutStatus status, @Nullable Stored standing) {}

    /** The records of one key, by owner. */
    private static final class Slots {
        private final TreeMap<OverlayId, Stored> plain = new TreeMap<>();
        private final TreeMap<OverlayId, Stored> claims = new TreeMap<>();

        private NavigableMap<OverlayId, Stored> of(DhtRecord.Kind kind) {
            return kind == DhtRecord.Kind.CLAIM ? claims : plain;
        }

        private boolean isEmpty() {
            return plain.isEmpty() && claims.isEmpty();
        }

        private @Nullable Stored holderOtherThan(OverlayId owner) {
            for (Stored claim : claims.values()) {
                if (!claim.record.isTombstone() && !claim.record.ownerId().equals(owner)) {
                    return claim;
                }
            }
            return null;
        }
    }

    private final StoreLimits limits;
    private final LongSupplier refreshDelayMillis;
    private final TreeMap<OverlayId, Slots> byKey = new TreeMap<>();
    private final TreeMap<OverlayId, Integer> perOwner = new TreeMap<>();
    private final TreeSet<Stored> byExpiry =
            new TreeSet<>(Comparator.<Stored>comparingLong(s -> s.expiresMillis).thenComparingLong(s -> s.serial));
    private final TreeSet<Stored> byRefresh =
            new TreeSet<>(Comparator.<Stored>comparingLong(s -> s.refreshMillis).thenComparingLong(s -> s.serial));
    private long nextSerial;
    private long bytes;

    /** @param refreshDelayMillis draws how long after it was last heard of a record is offered to other replicas */
    RecordStore(StoreLimits limits, LongSupplier refreshDelayMillis) {
        this.limits = limits;
        this.refreshDelayMillis = refreshDelayMillis;
    }

    /** Merges a verified record with what is there. */
    PutResult put(DhtRecord record, long remainingMillis, long nowMillis) {
        purge(nowMillis);
        Slots slots = byKey.get(record.key());
        Stored standing = slots == null ? null : slots.of(record.kind()).get(record.ownerId());
        if (standing != null) {
            if (standing.record.isSameAs(record)) {
                scheduleRefresh(standing, nowMillis);
                return new PutResult(PutStatus.STORED, null);
            }
            if (!RecordOrder.supersedes(record, standing.record)) {
                return new PutResult(PutStatus.OLDER, standing);
            }
        }
        Stored displaced = null;
        if (slots != null && record.isClaim() && !record.isTombstone()) {
            displaced = slots.holderOtherThan(record.ownerId());
            if (displaced != null && !RecordOrder.displaces(record, displaced.record)) {
                return new PutResult(PutStatus.HELD, displaced);
            }
        }
        Stored added = new Stored(record, nowMillis + remainingMillis, nextSerial++);
        boolean fits = standing == null ? hasRoom(added, slots, displaced) : mayReplace(standing, added);
        if (!fits) {
            return new PutResult(PutStatus.FULL, null);
        }
        if (standing != null) {
            added.refreshDoublings = standing.refreshDoublings;
            remove(standing);
        }
        if (displaced != null) {
            remove(displaced);
        }
        add(added, nowMillis);
        return new PutResult(PutStatus.STORED, null);
    }

    /** A renewal or a tombstone takes its predecessor's place even in a full store, but must not make it fuller. */
    private boolean mayReplace(Stored standing, Stored added) {
        long grownBytes = added.costBytes() - (long) standing.costBytes();
        return grownBytes <= 0 || bytes + grownBytes <= limits.bytesMax();
    }

    private boolean hasRoom(Stored added, @Nullable Slots slots, @Nullable Stored displaced) {
        int freedRecords = displaced == null ? 0 : 1;
        long freedBytes = displaced == null ? 0 : displaced.costBytes();
        if (byExpiry.size() - freedRecords >= limits.recordsMax()
                || bytes - freedBytes + added.costBytes() > limits.bytesMax()
                || perOwner.getOrDefault(added.record.ownerId(), 0) >= limits.perOwnerMax()) {
            return false;
        }
        if (slots == null) {
            return true;
        }
        Map<OverlayId, Stored> beside = slots.of(added.record.kind());
        int most = added.record.isClaim() ? limits.claimsPerKeyMax() : limits.plainPerKeyMax();
        return beside.size() - freedRecords < most || evictTombstone(beside.values());
    }

    /** A tombstone guards against late copies of one record; a full key needs its place more. */
    private boolean evictTombstone(Collection<Stored> candidates) {
        Stored first = null;
        for (Stored candidate : candidates) {
            if (candidate.record.isTombstone()
                    && (first == null || byExpiry.comparator().compare(candidate, first) < 0)) {
                first = candidate;
            }
        }
        if (first != null) {
            remove(first);
        }
        return first != null;
    }

    private void add(Stored stored, long nowMillis) {
        DhtRecord record = stored.record;
        byKey.computeIfAbsent(record.key(), unused -> new Slots())
                .of(record.kind())
                .put(record.ownerId(), stored);
        perOwner.merge(record.ownerId(), 1, Integer::sum);
        bytes += stored.costBytes();
        byExpiry.add(stored);
        drawRefresh(stored, nowMillis);
    }

    private void remove(Stored stored) {
        DhtRecord record = stored.record;
        byExpiry.remove(stored);
        byRefresh.remove(stored);
        bytes -= stored.costBytes();
        perOwner.computeIfPresent(record.ownerId(), (unused, count) -> count == 1 ? null : count - 1);
        Slots slots = byKey.get(record.key());
        if (slots != null) {
            slots.of(record.kind()).remove(record.ownerId());
            if (slots.isEmpty()) {
                byKey.remove(record.key());
            }
        }
    }

    private void drawRefresh(Stored stored, long nowMillis) {
        stored.refreshMillis = nowMillis + (refreshDelayMillis.getAsLong() << stored.refreshDoublings);
        byRefresh.add(stored);
    }

    /** It was offered or heard of: all replicas know it, and need to less and less often while nothing changes. */
    private void scheduleRefresh(Stored stored, long nowMillis) {
        byRefresh.remove(stored);
        stored.refreshDoublings = Math.min(stored.refreshDoublings + 1, DhtLimits.REFRESH_DOUBLINGS_MAX);
        drawRefresh(stored, nowMillis);
    }

    /** The ring has become another: who keeps what may be others, so all is offered as soon as what is new. */
    void refreshSooner(long nowMillis) {
        List<Stored> all = List.copyOf(byRefresh);
        byRefresh.clear();
        for (Stored stored : all) {
            stored.refreshDoublings = 0;
            drawRefresh(stored, nowMillis);
        }
    }

    /** Drops what does not pass. */
    void retain(Predicate<DhtRecord> passes) {
        List<Stored> out = new ArrayList<>(byExpiry);
        out.removeIf(stored -> passes.test(stored.record));
        out.forEach(this::remove);
    }

    /** Drops what has lived its time. */
    void purge(long nowMillis) {
        while (!byExpiry.isEmpty() && byExpiry.first().expiresMillis <= nowMillis) {
            remove(byExpiry.first());
        }
    }

    /** The records of a key, tombstones and tentative claims too: plain ones first, each kind by owner. */
    List<Stored> get(OverlayId key, long nowMillis) {
        purge(nowMillis);
        List<Stored> found = new ArrayList<>();
        Slots slots = byKey.get(key);
        if (slots != null) {
            found.addAll(slots.plain.values());
            found.addAll(slots.claims.values());
        }
        return found;
    }

    /** True if exactly this record is stored. */
    boolean holds(DhtRecord record) {
        Slots slots = byKey.get(record.key());
        Stored standing = slots == null ? null : slots.of(record.kind()).get(record.ownerId());
        return standing != null && standing.record.isSameAs(record);
    }

    /** The first keys of an arc, in order, at most so many. */
    List<OverlayId> firstKeysOf(Arc arc, int most) {
        List<OverlayId> keys = new ArrayList<>();
        boolean wraps = arc.from().compareTo(arc.to()) >= 0;
        NavigableMap<OverlayId, Slots> ahead =
                wraps ? byKey.tailMap(arc.from(), false) : byKey.subMap(arc.from(), false, arc.to(), true);
        ahead.keySet().stream().limit(most).forEach(keys::add);
        if (wraps) {
            byKey.headMap(arc.to(), true).keySet().stream()
                    .limit(most - keys.size())
                    .forEach(keys::add);
        }
        return keys;
    }

    /** The keys that lie strictly within the clockwise arc; both ends equal: all keys but that one. */
    List<OverlayId> keysBetween(OverlayId from, OverlayId to) {
        List<OverlayId> keys = new ArrayList<>();
        if (from.compareTo(to) < 0) {
            keys.addAll(byKey.subMap(from, false, to, false).keySet());
        } else {
            keys.addAll(byKey.tailMap(from, false).keySet());
            keys.addAll(byKey.headMap(to, false).keySet());
        }
        return keys;
    }

    /** The next record that is due to be offered to other replicas, put off to its next time; null if none is due. */
    @Nullable
    Stored pollRefresh(long nowMillis) {
        if (byRefresh.isEmpty() || byRefresh.first().refreshMillis > nowMillis) {
            return null;
        }
        Stored due = byRefresh.first();
        scheduleRefresh(due, nowMillis);
        return due;
    }

    /** Every record, by key. */
    List<DhtRecord> all() {
        List<DhtRecord> records = new ArrayList<>();
        for (Map.Entry<OverlayId, Slots> entry : byKey.entrySet()) {
            entry.getValue().plain.values().forEach(stored -> records.add(stored.record));
            entry.getValue().claims.values().forEach(stored -> records.add(stored.record));
        }
        return records;
    }

    int size() {
        return byExpiry.size();
    }

    long bytes() {
        return bytes;
    }
}
