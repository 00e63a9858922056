package io.p2pvpn.simulator;

import io.p2pvpn.dht.Dht;
import io.p2pvpn.dht.DhtException;
import io.p2pvpn.dht.DhtKeys;
import io.p2pvpn.dht.DhtRecord;
import io.p2pvpn.dht.GetOptions;
import io.p2pvpn.dht.GetResult;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.RingService;
import io.p2pvpn.simulator.RingWorld.Member;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Nodes come and go, each keeps a plain record and a claim and rewrites them now and then, and random nodes look up
 * what others wrote; {@link DhtOracle} judges every answer.
 *
 * <p>Sessions are exponential. Half of them end by a crash, half by a good-bye; another node starts on the host at
 * once, so that the population is constant. Confined to the world's thread.
 */
public final class DhtChurn {
    private static final long SECOND_NANOS = RingWorld.SECOND_NANOS;
    private static final long POLL_NANOS = SECOND_NANOS / 4;
    private static final long REWRITE_MEAN_NANOS = 300 * SECOND_NANOS;
    private static final int CLAIM_KEYS_PER_NODE = 8;
    private static final int PLAIN_TTL_SECONDS = 600;
    private static final int CLAIM_TTL_SECONDS = 3600;
    private static final int FORMER_MAX = 256;
    private static final int FAULTS_MAX = 50;

    /** Time for what is under way when nothing new begins any more. */
    private static final long LAST_NANOS = 30 * SECOND_NANOS;

    /**
     * How much of it.
     *
     * @param nodes how many there are at any time
     * @param durationNanos for how long nodes end, write and ask
     * @param medianSessionNanos half of the sessions are shorter
     * @param lookUpsPerSecond of all nodes together, on average
     * @param auditNanos how often all stores are searched for what was acknowledged
     */
    public record Options(
            int nodes, long durationNanos, long medianSessionNanos, double lookUpsPerSecond, long auditNanos) {}

    private final Options options;
    private final DhtWorld dhts;
    private final SplittableRandom random;
    private final List<DhtOracle.Entry> living = new ArrayList<>();
    private final TreeMap<OverlayId, List<DhtOracle.Entry>> livingByOwner = new TreeMap<>();
    private final List<DhtOracle.Entry> former = new ArrayList<>();
    private final TreeMap<OverlayId, DhtOracle.Entry> holders = new TreeMap<>();
    /** Nodes that say good-bye: what they write meanwhile is kept by nobody. */
    private final TreeSet<OverlayId> leaving = new TreeSet<>();

    private final List<Long> latenciesNanos = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private int wrong;
    private int unanswered;
    private int refusedWrites;
    private int writes;
    private int crashes;
    private int leaves;
    private int lostClaims;
    private int doubleClaims;
    private int audited;
    private int lost;
    private int fewestCopies = Integer.MAX_VALUE;
    private long startNanos;
    private long endNanos;

    /** What happens on a world that has started. */
    public DhtChurn(DhtWorld dhts, Options options) {
        this.dhts = dhts;
        this.options = options;
        this.random = dhts.random();
    }

    /** Lets it happen, and runs until it is over. */
    public void run() {
        dhts.world().run(begin());
    }

    /** Lets it happen from now on; the world's time at which it is over. */
    public long begin() {
        startNanos = dhts.world().nanoTime();
        endNanos = startNanos + options.durationNanos();
        dhts.ring().members().forEach(this::live);
        after(options.auditNanos(), this::audit);
        after(drawNanos(SECOND_NANOS / options.lookUpsPerSecond()), this::lookUpAny);
        return endNanos + LAST_NANOS;
    }

    /** Lets nothing new happen from now on; the world's time at which what is under way is over. */
    public long endNow() {
        endNanos = Math.min(endNanos, dhts.world().nanoTime());
        return endNanos + LAST_NANOS;
    }

    /** For how long nodes ended, wrote and asked. */
    public long nanos() {
        return endNanos - startNanos;
    }

    private void after(long delayNanos, Runnable action) {
        dhts.world().after(delayNanos, () -> {
            if (dhts.world().nanoTime() < endNanos) {
                action.run();
            }
        });
    }

    /** What a node has found out changes what is kept here only while no node runs. */
    private void tell(Runnable news) {
        dhts.world().report(news);
    }

    private long drawNanos(double meanNanos) {
        return (long) (-StrictMath.log(1 - random.nextDouble()) * meanNanos);
    }

    // ---------------------------------------------------------------------- lives

    private void live(Member member) {
        SimRuntime life = member.host().runtime();
        after(drawNanos(options.medianSessionNanos() / StrictMath.log(2)), () -> end(member));
        after(POLL_NANOS, () -> whenJoined(member, life));
    }

    private static boolean isAlive(@Nullable SimRuntime life) {
        return life != null && life.isAlive();
    }

    private void whenJoined(Member member, @Nullable SimRuntime life) {
        if (!isAlive(life)) {
            return;
        }
        if (!member.node().publicRing().isJoined()) {
            after(POLL_NANOS, () -> whenJoined(member, life));
            return;
        }
        OverlayId plainKey = DhtKeys.of("plain", member.id().toByteArray());
        keep(member, life, new DhtOracle.Entry(plainKey, member.id(), false));
        claim(member, life);
    }

    private void claim(Member member, @Nullable SimRuntime life) {
        int number = random.nextInt(CLAIM_KEYS_PER_NODE * options.nodes());
        byte[] address = ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
        keep(member, life, new DhtOracle.Entry(DhtKeys.of("claim", address), member.id(), true));
    }

    private void end(Member member) {
        List.copyOf(livingByOwner.getOrDefault(member.id(), List.of())).forEach(this::retire);
        if (random.nextBoolean()) {
            crashes++;
            dhts.crash(member);
            replace(member);
        } else {
            leaves++;
            OverlayId id = member.id();
            leaving.add(id);
            dhts.leave(member, () -> {
                leaving.remove(id);
                replace(member);
            });
        }
    }

    private void replace(Member member) {
        dhts.replace(member);
        live(member);
    }

    private void retire(DhtOracle.Entry entry) {
        entry.ownerEnds(dhts.world().nanoTime());
        living.remove(entry);
        List<DhtOracle.Entry> its = livingByOwner.get(entry.owner());
        if (its != null && its.remove(entry) && its.isEmpty()) {
            livingByOwner.remove(entry.owner());
        }
        holders.remove(entry.key(), entry);
        former.add(entry);
        if (former.size() > FORMER_MAX) {
            former.remove(0);
        }
    }

    // --------------------------------------------------------------------- writes

    private void keep(Member member, @Nullable SimRuntime life, DhtOracle.Entry entry) {
        write(member, life, entry, member.id().toShortString() + "/" + writes);
    }

    private void write(Member member, @Nullable SimRuntime life, DhtOracle.Entry entry, @Nullable String value) {
        writes++;
        entry.begin(value);
        Dht dht = dhts.dht(member);
        byte[] bytes = value == null ? new byte[0] : value.getBytes(StandardCharsets.US_ASCII);
        var put = value == null
                ? dht.remove(entry.key())
                : entry.isClaim()
                        ? dht.claim(entry.key(), bytes, CLAIM_TTL_SECONDS, winner -> tell(() -> onLost(entry, winner)))
                        : dht.put(entry.key(), bytes, PLAIN_TTL_SECONDS);
        var unused = put.whenComplete((done, failure) -> {
            long doneNanos = dhts.world().nanoTime();
            tell(() -> {
                entry.end(failure == null, doneNanos);
                if (isAlive(life) && entry.hasOwner()) {
                    onWritten(member, life, entry, value, failure);
                }
            });
        });
    }

    private void onWritten(
            Member member,
            @Nullable SimRuntime life,
            DhtOracle.Entry entry,
            @Nullable String value,
            @Nullable Throwable failure) {
        if (leaving.contains(entry.owner())) {
            retire(entry);
            return;
        }
        boolean known = living.contains(entry);
        if (failure == null && !known) {
            living.add(entry);
            livingByOwner
                    .computeIfAbsent(entry.owner(), unused -> new ArrayList<>())
                    .add(entry);
        }
        if (failure == null && entry.isClaim() && value != null) {
            DhtOracle.Entry other = holders.put(entry.key(), entry);
            if (other != null && other != entry) {
                doubleClaims++;
                fault("two holders of " + entry.key() + ": " + other.owner() + " and " + entry.owner());
            }
        } else if (failure != null) {
            refusedWrites++;
            DhtRecord holder = failure instanceof DhtException refused ? refused.holder() : null;
            if (known && entry.isClaim() && holder != null) {
                onLost(entry, holder);
                return;
            }
        }
        if (failure != null && entry.isClaim() && !known) {
            after(SECOND_NANOS, () -> {
                if (isAlive(life)) {
                    claim(member, life);
                }
            });
            return;
        }
        long pauseNanos = failure == null && value != null ? drawNanos(REWRITE_MEAN_NANOS) : SECOND_NANOS;
        after(pauseNanos, () -> rewrite(member, life, entry));
    }

    private void rewrite(Member member, @Nullable SimRuntime life, DhtOracle.Entry entry) {
        if (isAlive(life) && entry.hasOwner()) {
            boolean remove = !entry.isClaim() && random.nextInt(8) == 0;
            write(member, life, entry, remove ? null : member.id().toShortString() + "/" + writes);
        }
    }

    private void onLost(DhtOracle.Entry entry, DhtRecord winner) {
        lostClaims++;
        fault("claim " + entry.key() + " of " + entry.owner() + " was lost to " + winner);
        retire(entry);
    }

    // ------------------------------------------------------------------- look-ups

    private void lookUpAny() {
        after(drawNanos(SECOND_NANOS / options.lookUpsPerSecond()), this::lookUpAny);
        Member asker = dhts.drawJoined();
        boolean past = !former.isEmpty() && random.nextInt(10) == 0;
        List<DhtOracle.Entry> from = past ? former : living;
        if (asker == null || from.isEmpty()) {
            return;
        }
        DhtOracle.Entry entry = from.get(random.nextInt(from.size()));
        SimRuntime life = asker.host().runtime();
        long beganNanos = dhts.world().nanoTime();
        var unused = dhts.dht(asker).get(entry.key(), GetOptions.MAJORITY).whenComplete((result, failure) -> {
            long tookNanos = dhts.world().nanoTime() - beganNanos;
            tell(() -> {
                if (isAlive(life)) {
                    judge(entry, asker, beganNanos, tookNanos, result);
                }
            });
        });
    }

    private void judge(
            DhtOracle.Entry entry, Member asker, long beganNanos, long tookNanos, @Nullable GetResult result) {
        latenciesNanos.add(tookNanos);
        String answer = result == null ? null : answer(entry, result);
        if (result == null || (answer == null && !result.conclusive())) {
            unanswered++;
            fault("unanswered: " + describe(entry, asker, beganNanos) + ", "
                    + (result == null ? "failed" : result.answered() + " answers"));
        } else if (!entry.mayAnswer(answer, beganNanos) && !(entry.isClaim() && !entry.hasOwner())) {
            wrong++;
            fault("wrong: " + describe(entry, asker, beganNanos) + ": " + answer + " is not "
                    + entry.acknowledged(beganNanos));
        }
    }

    private static @Nullable String answer(DhtOracle.Entry entry, GetResult result) {
        for (DhtRecord record : result.records()) {
            if (entry.isClaim() || record.owner().nodeId().equals(entry.owner())) {
                return new String(record.value(), StandardCharsets.US_ASCII);
            }
        }
        return null;
    }

    private String describe(DhtOracle.Entry entry, Member asker, long beganNanos) {
        return (entry.isClaim() ? "claim " : "record ") + entry.key().toShortString() + " by "
                + asker.host().name() + " at " + beganNanos / (SECOND_NANOS / 1000) + " ms"
                + (entry.hasOwner() ? "" : " (owner gone)");
    }

    // ---------------------------------------------------------------------- audit

    private void audit() {
        after(options.auditNanos(), this::audit);
        checkOwners();
        TreeMap<String, Integer> copies = new TreeMap<>();
        for (Member member : dhts.joined()) {
            for (DhtRecord record : dhts.dht(member).storedRecords()) {
                String value = new String(record.value(), StandardCharsets.US_ASCII);
                copies.merge(record.key() + value + record.isTentative(), 1, Integer::sum);
            }
        }
        for (DhtOracle.Entry entry : living) {
            String value = entry.acknowledged(dhts.world().nanoTime());
            if (value != null && entry.isSettled()) {
                int count = copies.getOrDefault(entry.key() + value + false, 0);
                audited++;
                fewestCopies = Math.min(fewestCopies, count);
                if (count == 0) {
                    lost++;
                    fault("lost: " + describeLost(entry, value));
                }
            }
        }
    }

    /** What there is instead of a record, and what its owner makes of it. */
    private String describeLost(DhtOracle.Entry entry, String value) {
        TreeMap<String, Integer> instead = new TreeMap<>();
        String owner = "";
        for (Member member : dhts.ring().members()) {
            boolean isOwner = member.id().equals(entry.owner());
            if (member.isRunning() && (isOwner || member.node().publicRing().isJoined())) {
                Dht dht = dhts.dht(member);
                dht.storedRecords().stream()
                        .filter(record -> record.key().equals(entry.key()))
                        .forEach(record -> instead.merge(describe(record), 1, Integer::sum));
                if (isOwner) {
                    RingService ring = member.node().publicRing();
                    owner = "; its owner, with " + ring.successors().size() + " successors and "
                            + ring.predecessors().size() + " predecessors, keeps " + dht.ownRecords();
                }
            }
        }
        long nowNanos = dhts.world().nanoTime();
        return (entry.isClaim() ? "claim " : "record ") + entry.key().toShortString() + " " + value + " at "
                + nowNanos / SECOND_NANOS + " s, acknowledged " + entry.sinceAcknowledgedNanos(nowNanos) / SECOND_NANOS
                + " s before; stored are " + instead + owner;
    }

    private static String describe(DhtRecord record) {
        String value = record.isTombstone() ? "removed" : new String(record.value(), StandardCharsets.US_ASCII);
        return record + " " + value + (record.isTentative() ? " asked for" : "");
    }

    /** Nobody renews the records of a node that is gone: what is expected to live has an owner that runs. */
    private void checkOwners() {
        TreeSet<OverlayId> running = new TreeSet<>();
        dhts.ring().members().forEach(member -> running.add(member.id()));
        for (DhtOracle.Entry entry : living) {
            if (!running.contains(entry.owner())) {
                throw new IllegalStateException(
                        entry.key() + " is expected to live, but " + entry.owner() + " is gone");
            }
        }
    }

    private void fault(String text) {
        if (faults.size() < FAULTS_MAX) {
            faults.add(text);
        }
    }

    // -------------------------------------------------------------------- figures

    /** How many look-ups ended. */
    public int lookUps() {
        return latenciesNanos.size();
    }

    /** How many nodes ended without a word. */
    public int crashes() {
        return crashes;
    }

    /** How many nodes said good-bye. */
    public int leaves() {
        return leaves;
    }

    /** How many answers were wrong. */
    public int wrong() {
        return wrong;
    }

    /** How many look-ups found nothing and had no majority of answers. */
    public int unanswered() {
        return unanswered;
    }

    /** How often an acknowledged record was found to be nowhere. */
    public int lost() {
        return lost;
    }

    /** How many claims their holders lost. */
    public int lostClaims() {
        return lostClaims;
    }

    /** How often a claim was acknowledged while another node held it. */
    public int doubleClaims() {
        return doubleClaims;
    }

    /** What went wrong, in words; the first ones only. */
    public List<String> faults() {
        return faults;
    }

    /** The latency that this share of the look-ups did not exceed. */
    public long latencyNanos(double share) {
        List<Long> sorted = latenciesNanos.stream().sorted().toList();
        return sorted.get((int) Math.min(sorted.size() - 1L, (long) (share * sorted.size())));
    }

    /** All figures in a line. */
    public String report(long linkDelayNanos) {
        return String.format(
                "%d nodes, %d s: %d crashes, %d leaves; %d look-ups: %d wrong, %d unanswered, p50 %.1f p99 %.1f p99.9"
                        + " %.1f link delays; %d writes, %d not acknowledged; %d audits, %d lost, fewest copies %d;"
                        + " %d claims lost",
                options.nodes(),
                options.durationNanos() / SECOND_NANOS,
                crashes,
                leaves,
                lookUps(),
                wrong,
                unanswered,
                latencyNanos(0.5) / (double) linkDelayNanos,
                latencyNanos(0.99) / (double) linkDelayNanos,
                latencyNanos(0.999) / (double) linkDelayNanos,
                writes,
                refusedWrites,
                audited,
                lost,
                fewestCopies,
                lostClaims);
    }
}
