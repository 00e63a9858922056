package io.p2pvpn.simulator;

import io.p2pvpn.dht.Dht;
import io.p2pvpn.dht.DhtKeys;
import io.p2pvpn.dht.DhtRecord;
import io.p2pvpn.dht.FalseReplica;
import io.p2pvpn.dht.GetOptions;
import io.p2pvpn.dht.GetResult;
import io.p2pvpn.dht.RecordPolicy;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.ring.Cabal;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.simulator.RingWorld.Member;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A public ring of which some nodes are malicious, and what the honest ones get out of it. The malicious ones join
 * among the others and do harm from the middle of that on: half of the honest nodes have to join under attack, each by
 * three random members, one of them honest.
 */
final class EclipseWorld {
    private static final long SECOND_NANOS = RingWorld.SECOND_NANOS;
    private static final long START_GAP_NANOS = SECOND_NANOS / 20;
    private static final long CALL_GAP_NANOS = SECOND_NANOS / 50;
    private static final int SETTLE_SECONDS = 10;
    private static final int JOIN_SECONDS = 40;
    private static final int ANSWER_SECONDS = 20;
    private static final int WRITE_SECONDS = 15;
    private static final int BOOTSTRAPS = 3;
    private static final int TTL_SECONDS = 3600;
    private static final int ROUNDS = 2;
    private static final int GROUND_POOL = 4096;
    private static final int GROUND_PER_SIDE = 4;

    /**
     * How the ring is made up.
     *
     * @param nodes all of them
     * @param malicious how many of them, at random places in the order of joining
     * @param answersShare the share of the calls passing by that they answer falsely; the others they swallow
     * @param ground whether the malicious ones chose their places: the nearest to the eight positions of the founder's
     *     record first, then beside one victim, the others at random
     */
    record Options(int nodes, int malicious, double answersShare, boolean ground) {}

    /** Look-ups of one kind by random honest nodes, or by the one that was surrounded, of what honest nodes wrote. */
    record Question(GetOptions options, DhtRecord.Kind kind, boolean byVictim, boolean ofFounder) {}

    /** What look-ups of one kind came to. */
    static final class Tally {
        private int asked;
        private int right;
        private int stale;
        private int inconclusive;
        private int absent;
        private int wrong;

        /** The share that found what its owner last wrote. */
        double rightShare() {
            return asked == 0 ? 0 : (double) right / asked;
        }

        /** A record of the owner's with something in it that the owner did not write, or a stranger's claim. */
        int wrong() {
            return wrong;
        }

        /** A majority said that there is no record. */
        int absent() {
            return absent;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%d of %d right (%.2f %%), %d older, %d inconclusive, %d absent, %d wrong",
                    right,
                    asked,
                    100 * rightShare(),
                    stale,
                    inconclusive,
                    absent,
                    wrong);
        }
    }

    /** What an honest node wrote. */
    private record Entry(OverlayId key, OverlayId owner, DhtRecord.Kind kind, List<String> values) {
        String last() {
            return values.get(values.size() - 1);
        }
    }

    private final Options options;
    private final SplittableRandom random;
    private final RingWorld ring;
    private final Cabal cabal;
    private final FalseReplica replicas;
    private final Identity victimIdentity;
    private final List<Identity> places;
    private final List<Member> honest = new ArrayList<>();
    private final List<Member> malicious = new ArrayList<>();
    private final TreeSet<OverlayId> honestOwners = new TreeSet<>();
    private final TreeMap<Integer, Dht> dhts = new TreeMap<>();
    private final List<Entry> entries = new ArrayList<>();
    private boolean struck;
    private int writes;
    private int failedWrites;

    EclipseWorld(long seed, Options options) {
        this.options = options;
        random = new SplittableRandom(seed);
        ring = new RingWorld(seed, LinkModel.INTERNET);
        cabal = new Cabal(random.split(), options.answersShare());
        replicas = new FalseReplica(random.split());
        victimIdentity = identity();
        places = options.ground() ? grind() : List.of();
        for (int i = 0; i < Cabal.INVENTED_PER_NODE * options.malicious(); i++) {
            cabal.invent(identity().publicIdentity());
        }
        start();
        runFor(JOIN_SECONDS);
    }

    private Identity identity() {
        return Identity.generate(random::nextBytes);
    }

    // ------------------------------------------------------------------ the ring

    /** Tries keys until enough of them stand where they should. */
    private List<Identity> grind() {
        TreeMap<OverlayId, Identity> pool = new TreeMap<>();
        for (int i = 0; i < GROUND_POOL; i++) {
            Identity identity = identity();
            pool.put(identity.publicIdentity().nodeId(), identity);
        }
        List<Identity> ground = new ArrayList<>();
        for (OverlayId position : DhtKeys.positions(key("n0", DhtRecord.Kind.PLAIN))) {
            OverlayId nearest = pool.firstKey();
            for (OverlayId id : pool.keySet()) {
                if (position.ringDistanceTo(id).compareTo(position.ringDistanceTo(nearest)) < 0) {
                    nearest = id;
                }
            }
            ground.add(pool.remove(nearest));
        }
        OverlayId victim = victimIdentity.publicIdentity().nodeId();
        for (int i = 0; i < GROUND_PER_SIDE; i++) {
            OverlayId after = pool.ceilingKey(victim);
            OverlayId before = pool.floorKey(victim);
            ground.add(pool.remove(after == null ? pool.firstKey() : after));
            ground.add(pool.remove(before == null ? pool.lastKey() : before));
        }
        return ground.subList(0, Math.min(ground.size(), options.malicious()));
    }

    private void start() {
        List<Boolean> order = new ArrayList<>();
        for (int i = 1; i < options.nodes(); i++) {
            order.add(random.nextInt(order.size() + 1), i <= options.malicious());
        }
        serve(ring.found());
        for (int i = 0; i < order.size(); i++) {
            if (i == order.size() / 2) {
                runFor(SETTLE_SECONDS);
                strike();
            }
            if (order.get(i)) {
                recruit();
            } else {
                serve(ring.join(honest.size() == 1 ? victimIdentity : identity(), bootstraps()));
            }
            ring.world().runFor(START_GAP_NANOS);
        }
    }

    /** Random members, the first of them an honest one: who is led astray by all that it knows has no way out. */
    private Member[] bootstraps() {
        List<Member> drawn = new ArrayList<>();
        for (int i = 0; i < 100 && drawn.size() < BOOTSTRAPS; i++) {
            List<Member> candidates = drawn.isEmpty() ? honest : ring.members();
            Member member = candidates.get(random.nextInt(candidates.size()));
            if (member.node().publicRing().isJoined() && !drawn.contains(member)) {
                drawn.add(member);
            }
        }
        return drawn.toArray(Member[]::new);
    }

    private void serve(Member member) {
        honest.add(member);
        honestOwners.add(member.id());
        // As where certificates say who may claim; plain records are everybody's, as in the public ring.
        RecordPolicy policy = record -> record.kind() != DhtRecord.Kind.CLAIM
                || honestOwners.contains(record.owner().nodeId());
        dhts.put(member.host().id(), dht(member, policy));
    }

    private void recruit() {
        ring.setRings(cabal);
        Identity identity = malicious.size() < places.size() ? places.get(malicious.size()) : identity();
        Member member = ring.join(identity, bootstraps());
        ring.setRings(Ring::new);
        malicious.add(member);
        dhts.put(member.host().id(), dht(member, RecordPolicy.acceptAll()));
        if (struck) {
            corrupt(member);
        }
    }

    private void strike() {
        struck = true;
        cabal.strike();
        malicious.forEach(this::corrupt);
    }

    private void corrupt(Member member) {
        replicas.corrupt(
                life(member),
                member.node().publicRing(),
                member.identity(),
                member.node().identities());
    }

    private static Dht dht(Member member, RecordPolicy policy) {
        return new Dht(
                life(member),
                member.node().publicRing(),
                new byte[0],
                member.identity(),
                member.node().identities(),
                policy);
    }

    private static SimRuntime life(Member member) {
        SimRuntime runtime = member.host().runtime();
        if (runtime == null) {
            throw new IllegalStateException(member.host() + " does not run");
        }
        return runtime;
    }

    private Dht dht(Member member) {
        Dht dht = dhts.get(member.host().id());
        if (dht == null) {
            throw new IllegalStateException(member.host() + " does not serve");
        }
        return dht;
    }

    private void runFor(long seconds) {
        ring.world().runFor(seconds * SECOND_NANOS);
    }

    /** The honest members whose first neighbour on both sides is not the right one. */
    int misplaced() {
        TreeSet<OverlayId> all = new TreeSet<>();
        ring.members().forEach(member -> all.add(member.id()));
        int misplaced = 0;
        for (Member member : honest) {
            OverlayId after = all.higher(member.id());
            OverlayId before = all.lower(member.id());
            boolean right = (after == null ? all.first() : after).equals(first(member, true))
                    && (before == null ? all.last() : before).equals(first(member, false));
            misplaced += right ? 0 : 1;
        }
        return misplaced;
    }

    private static @Nullable OverlayId first(Member member, boolean clockwise) {
        List<RingPeer> near = member.node().publicRing().near(clockwise);
        return near.isEmpty() ? null : near.get(0).id();
    }

    /** What became of the ring itself. */
    String report() {
        TreeSet<OverlayId> theirs = new TreeSet<>();
        malicious.forEach(member -> theirs.add(member.id()));
        int farLinks = 0;
        int farToThem = 0;
        for (Member member : honest) {
            for (OverlayId far : member.farLinks().members()) {
                farLinks++;
                farToThem += theirs.contains(far) ? 1 : 0;
            }
        }
        return String.format(
                Locale.ROOT,
                "%d honest members, %d of them not between their right neighbours, %d of %d far links to malicious"
                        + " ones, %d of %d writes failed",
                honest.size(),
                misplaced(),
                farToThem,
                farLinks,
                failedWrites,
                writes);
    }

    // --------------------------------------------------------------- the records

    private static OverlayId key(String host, DhtRecord.Kind kind) {
        return DhtKeys.of("eclipse " + kind, host.getBytes(StandardCharsets.US_ASCII));
    }

    /** Every honest node writes a record and a claim, and then both once more with another value. */
    void write() {
        for (Member member : honest) {
            for (DhtRecord.Kind kind : DhtRecord.Kind.values()) {
                OverlayId key = key(member.host().name(), kind);
                entries.add(new Entry(key, member.id(), kind, new ArrayList<>()));
            }
        }
        for (int round = 1; round <= ROUNDS; round++) {
            for (int i = 0; i < entries.size(); i++) {
                write(honest.get(i / 2), entries.get(i), "value " + round);
                ring.world().runFor(CALL_GAP_NANOS);
            }
            runFor(WRITE_SECONDS);
        }
        entries.removeIf(entry -> entry.values().size() < ROUNDS);
    }

    private void write(Member member, Entry entry, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
        writes++;
        CompletableFuture<DhtRecord> written = entry.kind() == DhtRecord.Kind.CLAIM
                ? dht(member).claim(entry.key(), bytes, TTL_SECONDS, null)
                : dht(member).put(entry.key(), bytes, TTL_SECONDS);
        var unused = written.whenComplete((record, failure) -> {
            if (failure == null) {
                entry.values().add(value);
            } else {
                failedWrites++;
            }
        });
    }

    /** Asks so many times. */
    Tally lookUp(int count, Question question) {
        Tally tally = new Tally();
        List<Entry> candidates = entries.stream()
                .filter(entry -> entry.kind() == question.kind()
                        && (!question.ofFounder()
                                || entry.owner().equals(honest.get(0).id())))
                .toList();
        for (int i = 0; i < count && !candidates.isEmpty(); i++) {
            Entry entry = candidates.get(random.nextInt(candidates.size()));
            Member asker = honest.get(question.byVictim() ? 1 : random.nextInt(honest.size()));
            tally.asked++;
            var unused = dht(asker).get(entry.key(), question.options()).whenComplete((result, failure) -> {
                if (failure == null) {
                    judge(tally, entry, result);
                } else {
                    tally.inconclusive++;
                }
            });
            ring.world().runFor(CALL_GAP_NANOS);
        }
        runFor(ANSWER_SECONDS);
        return tally;
    }

    private static void judge(Tally tally, Entry entry, GetResult result) {
        String found = null;
        for (DhtRecord record : result.records()) {
            boolean asked = entry.kind() == DhtRecord.Kind.CLAIM
                    ? record.kind() == DhtRecord.Kind.CLAIM
                    : record.owner().nodeId().equals(entry.owner());
            if (asked) {
                found = new String(record.value(), StandardCharsets.US_ASCII);
            }
        }
        if (entry.last().equals(found)) {
            tally.right++;
        } else if (found != null && entry.values().contains(found)) {
            tally.stale++;
        } else if (found != null) {
            tally.wrong++;
        } else if (result.majorityAbsent()) {
            tally.absent++;
        } else {
            tally.inconclusive++;
        }
    }
}
