package io.p2pvpn.simulator;

import io.p2pvpn.dht.Dht;
import io.p2pvpn.dht.RecordPolicy;
import io.p2pvpn.dht.VerifiedRecords;
import io.p2pvpn.simulator.RingWorld.Member;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A {@link RingWorld} in which every running member serves the DHT of the public ring. Confined to the world's thread.
 */
public final class DhtWorld {
    private static final int BOOTSTRAPS = 3;
    private static final int VERIFIED_MAX = 65_536;
    private static final long LEAVE_LIMIT_NANOS = 5 * RingWorld.SECOND_NANOS;
    private static final long START_GAP_NANOS = RingWorld.SECOND_NANOS / 20;

    private final RingWorld ring;
    private final SplittableRandom random;
    private final TreeMap<Integer, Dht> dhts = new TreeMap<>();
    /** By region, shared by its nodes, as identities are. */
    private final Map<Region, VerifiedRecords> verified = new LinkedHashMap<>();

    /** A world without hosts, whose links are like {@code link}. */
    public DhtWorld(long seed, LinkModel link) {
        ring = new RingWorld(seed, link);
        random = new SplittableRandom(seed);
    }

    /** The nodes. */
    public RingWorld ring() {
        return ring;
    }

    /** Where all this happens. */
    public SimWorld world() {
        return ring.world();
    }

    /** Draws of the scenario, which no node sees. */
    public SplittableRandom random() {
        return random;
    }

    /** Starts {@code size} nodes, one soon after the other, and runs until their ring is right; false if it is not. */
    public boolean start(int size, long limitNanos) {
        found();
        for (int i = 1; i < size; i++) {
            join();
            world().runFor(START_GAP_NANOS);
        }
        return ring.runUntilRight(limitNanos) >= 0;
    }

    /** Starts the founder. */
    public Member found() {
        Member member = ring.found();
        serve(member);
        return member;
    }

    /** Starts a node, which calls a few of the members. */
    public Member join() {
        Member member = ring.join(bootstraps());
        serve(member);
        return member;
    }

    /** Has a running member serve its part of the DHT. */
    public void serve(Member member) {
        Dht dht = new Dht(
                life(member),
                member.node().publicRing(),
                verified.computeIfAbsent(
                        member.host().region(), unused -> new VerifiedRecords(new byte[0], VERIFIED_MAX)),
                member.identity(),
                member.node().identities(),
                RecordPolicy.acceptAll());
        dhts.put(member.host().id(), dht);
    }

    private static SimRuntime life(Member member) {
        SimRuntime runtime = member.host().runtime();
        if (runtime == null) {
            throw new IllegalStateException(member.host() + " does not run");
        }
        return runtime;
    }

    /** The DHT of a running member. */
    public Dht dht(Member member) {
        Dht dht = dhts.get(member.host().id());
        if (dht == null || !member.isRunning()) {
            throw new IllegalStateException(member.host() + " does not run");
        }
        return dht;
    }

    /** The members that are of the ring now. */
    public List<Member> joined() {
        List<Member> joined = new ArrayList<>();
        for (Member member : ring.members()) {
            if (member.isRunning() && member.node().publicRing().isJoined()) {
                joined.add(member);
            }
        }
        return joined;
    }

    /** One of the members that are joined, or null. */
    public @Nullable Member drawJoined() {
        for (int i = 0; i < 100; i++) {
            Member member = ring.members().get(random.nextInt(ring.members().size()));
            if (member.isRunning() && member.node().publicRing().isJoined()) {
                return member;
            }
        }
        return null;
    }

    private Member[] bootstraps() {
        List<Member> drawn = new ArrayList<>();
        for (int i = 0; i < BOOTSTRAPS; i++) {
            Member member = drawJoined();
            if (member != null && !drawn.contains(member)) {
                drawn.add(member);
            }
        }
        return drawn.toArray(Member[]::new);
    }

    /** Ends a node without a word. */
    public void crash(Member member) {
        dht(member).close();
        member.crash();
    }

    /** Lets a node say good-bye; {@code then} runs when it is gone. */
    public void leave(Member member, Runnable then) {
        SimRuntime life = life(member);
        Runnable end = () -> {
            if (life.isAlive()) {
                dht(member).close();
                member.node().close();
                member.crash();
                then.run();
            }
        };
        var unused = dht(member).leave().whenComplete((done, failure) -> world().after(0, end));
        world().after(LEAVE_LIMIT_NANOS, end);
    }

    /** Starts a new node, of another identity, on the host of one that is gone. */
    public void replace(Member member) {
        ring.replace(member, bootstraps());
        serve(member);
    }
}
