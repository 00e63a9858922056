package io.p2pvpn.dht;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The answers of several positions to one question, merged by {@link RecordOrder}: the same in any order. */
final class MergedAnswers {
    /** Whose record of which kind. */
    private record Slot(DhtRecord.Kind kind, OverlayId owner) implements Comparable<Slot> {
        private static final Comparator<Slot> ORDER =
                Comparator.comparing(Slot::owner).thenComparing(Slot::kind);

        static Slot of(DhtRecord record) {
            return new Slot(record.kind(), record.ownerId());
        }

        @Override
        public int compareTo(Slot other) {
            return ORDER.compare(this, other);
        }
    }

    /** A record that a position lacks. */
    record Hole(OverlayId position, Replicas.Copy copy) {}

    /** What one member has. */
    private record Seen(OverlayId position, TreeMap<Slot, DhtRecord> records, boolean sampled) {}

    private final TreeMap<Slot, Replicas.Copy> best = new TreeMap<>();
    private final TreeMap<OverlayId, Seen> byResponder = new TreeMap<>();
    private final TreeSet<OverlayId> signers = new TreeSet<>();
    private int answered;

    void add(OverlayId position, Replicas.Answer answer) {
        answered++;
        if (answer.signer() != null) {
            signers.add(answer.signer().nodeId());
        }
        Seen seen = new Seen(position, new TreeMap<>(), answer.sampled());
        for (Replicas.Copy copy : answer.copies()) {
            Slot slot = Slot.of(copy.record());
            seen.records.put(slot, copy.record());
            Replicas.Copy known = best.get(slot);
            if (known == null || isBetter(copy, known)) {
                best.put(slot, copy);
            }
        }
        byResponder.putIfAbsent(answer.responder(), seen);
    }

    private static boolean isBetter(Replicas.Copy copy, Replicas.Copy known) {
        return copy.record().isSameAs(known.record())
                ? copy.remainingMillis() > known.remainingMillis()
                : RecordOrder.supersedes(copy.record(), known.record());
    }

    int answered() {
        return answered;
    }

    int signers() {
        return signers.size();
    }

    /** What a reader sees: living plain records by owner, and the claim that holds the key. */
    List<DhtRecord> visible() {
        DhtRecord holder = holder();
        List<DhtRecord> records = new ArrayList<>();
        for (Replicas.Copy copy : best.values()) {
            DhtRecord record = copy.record();
            if (record.isVisible() && (!record.isClaim() || record == holder)) {
                records.add(record);
            }
        }
        return records;
    }

    private @Nullable DhtRecord holder() {
        DhtRecord holder = null;
        for (Replicas.Copy copy : best.values()) {
            DhtRecord record = copy.record();
            boolean claims = record.isVisible() && record.isClaim();
            if (claims && (holder == null || RecordOrder.displaces(record, holder))) {
                holder = record;
            }
        }
        return holder;
    }

    /**
     * What is to be put where: visible records to those who lack them or have an older one, tombstones to those who
     * still have what they remove. A claim that lost is not spread, nor is anything to a member that sent a sample.
     */
    List<Hole> holes() {
        DhtRecord holder = holder();
        List<Hole> holes = new ArrayList<>();
        for (Replicas.Copy copy : best.values()) {
            DhtRecord record = copy.record();
            boolean spread = record.isTombstone() || (record.isVisible() && (!record.isClaim() || record == holder));
            for (Seen seen : byResponder.values()) {
                if (spread && !seen.sampled && lacks(seen, record)) {
                    holes.add(new Hole(seen.position, copy));
                }
            }
        }
        return holes;
    }

    private static boolean lacks(Seen seen, DhtRecord record) {
        DhtRecord there = seen.records.get(Slot.of(record));
        return there == null ? !record.isTombstone() : !there.isSameAs(record);
    }
}
