package io.p2pvpn.nat.punch;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.nat.behaviour.NatLearner;
import io.p2pvpn.nat.behaviour.PortSequence;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.nat.Dependence;
import io.p2pvpn.overlay.nat.NatFacts;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.Endpoints;
import io.p2pvpn.overlay.wire.proto.NatPunch;
import io.p2pvpn.overlay.wire.proto.NatPunchReply;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Finds a direct way where one end's boxes give every destination another outside port and the other's let nobody in
 * who was not written to: the first opens many ports towards the second, which tries the expected ports and then random
 * ones. Where both ends' boxes do so, only counting ones can be met, each end trying the other's next ports.
 *
 * <p>Bounded by a {@link PunchBudget}, at both ends: what a peer asks for never costs more; and by {@link Permits}: it
 * costs the peer as much. Confined to the loop.
 */
public final class HolePuncher {
    /** Pairs whose attempts are remembered; the one tried longest ago gives way. */
    static final int PAIRS_MAX = 256;
    /** Pairs that wait for their turn. */
    static final int WAITING_MAX = 64;

    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long WATCH_NANOS = 100_000_000L;
    /** Simple probing gets so many rounds of candidates before. */
    private static final int PLAIN_ROUNDS = 2;

    private static final long BACKOFF_NANOS = 10 * SECOND_NANOS;
    private static final int DOUBLINGS_MAX = 9;
    private static final long ANSWER_NANOS = 3 * SECOND_NANOS;
    /** Ports tried where both ends' boxes count: each may turn out to be a path. */
    private static final int BOTH_PROBES = 12;

    /** What was tried for one pair. */
    private static final class Pair {
        private int rounds;
        private int attempts;
        private long notBeforeNanos;
        private boolean waiting;
        /** Until then the peer's ports are tried because it asked for it. */
        private long askedUntilNanos;

        private boolean asked;
    }

    private final OverlayNode node;
    private final NodeRuntime runtime;
    private final NatLearner learner;
    private final PunchBudget budget;
    private final KnockPacer pacer;
    private final Map<OverlayId, Pair> pairs = new LinkedHashMap<>();
    private final ArrayDeque<Session> waiting = new ArrayDeque<>();
    private @Nullable Session current;
    private boolean closed;

    /** Answers those who ask, from now on. */
    public HolePuncher(OverlayNode node, NatLearner learner, PunchBudget budget) {
        this.node = node;
        this.runtime = node.runtime();
        this.learner = learner;
        this.budget = budget;
        this.pacer = new KnockPacer(runtime, budget.packetsPerSecond());
        node.calls().handle("nat.punch", this::onPunch);
    }

    /** What it may cost. */
    public PunchBudget budget() {
        return budget;
    }

    /** Ends what is under way. */
    public void close() {
        closed = true;
        waiting.clear();
    }

    /** True while ports are being tried for this session, or soon will be. */
    public boolean isTrying(Session session) {
        Pair pair = pairs.get(session.nodeId());
        boolean asked = pair != null
                && pair.asked
                && !session.isOverUdp()
                && runtime.clock().nanoTime() - pair.askedUntilNanos < 0;
        return session.equals(current) || asked || (pair != null && pair.waiting);
    }

    /** Candidates were exchanged, and did not help so far. */
    public void onIndirect(Session session) {
        Pair pair = pair(session.nodeId());
        pair.rounds++;
        if (pair.rounds > PLAIN_ROUNDS && isOurs(session) && !pair.waiting && !isBarred(pair)) {
            if (waiting.size() < WAITING_MAX) {
                pair.waiting = true;
                waiting.add(session);
            }
            next();
        }
    }

    private Pair pair(OverlayId nodeId) {
        Pair pair = pairs.remove(nodeId);
        if (pair == null) {
            pair = new Pair();
            if (pairs.size() >= PAIRS_MAX) {
                pairs.remove(pairs.keySet().iterator().next());
            }
        }
        pairs.put(nodeId, pair);
        return pair;
    }

    private boolean isBarred(Pair pair) {
        return runtime.clock().nanoTime() - pair.notBeforeNanos < 0 && pair.attempts > 0;
    }

    /** Whether it is for us to begin: the end with the harder boxes does, or the one with the smaller ID. */
    private boolean isOurs(Session session) {
        NatFacts ours = learner.facts();
        NatFacts theirs = session.peerNat();
        boolean possible = budget.packetsPerSecond() > 0
                && ours.udp() != NatFacts.Passage.BLOCKED
                && theirs.udp() != NatFacts.Passage.BLOCKED
                && ours.mapping().isDependent();
        if (!possible) {
            return false;
        }
        if (theirs.mapping() == Dependence.ENDPOINT_INDEPENDENT) {
            return true;
        }
        boolean first = node.identity().nodeId().compareTo(session.nodeId()) < 0;
        return theirs.mapping().isDependent() && first && learner.ports() != null;
    }

    private void next() {
        while (current == null && !closed && !waiting.isEmpty()) {
            Session session = waiting.poll();
            pair(session.nodeId()).waiting = false;
            if (session.isOpen() && !session.isOverUdp()) {
                begin(session);
            }
        }
    }

    // ------------------------------------------------------------------ the asking end

    private void begin(Session session) {
        current = session;
        defer(pair(session.nodeId()));
        List<Endpoint> outside = learner.outside();
        if (outside.isEmpty()) {
            current = null;
            return;
        }
        NatPunch.Builder request = NatPunch.newBuilder()
                .setOutside(Endpoints.toProto(outside.get(0)))
                .setSockets(budget.sockets());
        PortSequence ports = learner.ports();
        if (ports != null) {
            request.setNextPort(ports.next()).setPortStep(ports.step());
        }
        count("begun");
        Permits permits = new Permits(runtime, session);
        Completions.whenDone(
                runtime.timers(),
                node.calls().call(session, "nat.punch", request.build().toByteArray()),
                (body, failure) -> {
                    if (failure == null && session.isOpen() && !closed) {
                        onAgreed(session, permits, body);
                    } else {
                        end(session, null);
                    }
                });
    }

    private void onAgreed(Session session, Permits permits, byte[] body) {
        NatPunchReply reply;
        try {
            reply = NatPunchReply.parseFrom(body);
        } catch (InvalidProtocolBufferException e) {
            end(session, null);
            return;
        }
        Endpoint target = Endpoints.fromProto(reply.getOutside());
        if (target == null || !isTarget(target)) {
            end(session, null);
        } else if (session.peerNat().mapping().isDependent()) {
            search(session, permits, target, sequence(reply.getNextPort(), reply.getPortStep()), BOTH_PROBES);
            permits.pay(BOTH_PROBES);
            watch(session, null, deadline(BOTH_PROBES));
        } else {
            PortFan fan = new PortFan(node.sessions(), session, target, budget.sockets(), permits);
            pacer.add(fan);
            permits.pay(budget.probes());
            watch(session, fan, deadline(budget.sockets() + budget.probes()));
        }
    }

    /** When so many knocks must have found an answer. */
    private long deadline(int knocks) {
        return runtime.clock().nanoTime() + ANSWER_NANOS + knocks * SECOND_NANOS / budget.packetsPerSecond();
    }

    private void watch(Session session, @Nullable PortFan fan, long deadlineNanos) {
        boolean late = runtime.clock().nanoTime() - deadlineNanos >= 0;
        if (closed || late || !session.isOpen() || session.isOverUdp()) {
            end(session, fan);
        } else {
            runtime.timers().schedule(WATCH_NANOS, () -> watch(session, fan, deadlineNanos));
        }
    }

    private void end(Session session, @Nullable PortFan fan) {
        if (fan != null) {
            pacer.remove(fan);
            fan.end();
        }
        boolean found = session.isOpen() && session.isOverUdp();
        count(found ? "found" : "failed");
        if (found) {
            pair(session.nodeId()).attempts = 0;
        }
        current = null;
        next();
    }

    private void defer(Pair pair) {
        long pause = Math.min(budget.backoffMaxNanos(), BACKOFF_NANOS << Math.min(pair.attempts, DOUBLINGS_MAX));
        pair.notBeforeNanos = runtime.clock().nanoTime() + pause;
        pair.attempts++;
    }

    // ------------------------------------------------------------------- the asked end

    private CompletableFuture<byte[]> onPunch(Session from, byte[] body) throws InvalidProtocolBufferException {
        NatPunch asked = NatPunch.parseFrom(body);
        Endpoint target = Endpoints.fromProto(asked.getOutside());
        List<Endpoint> outside = learner.outside();
        if (target == null || !isTarget(target)) {
            return CompletableFuture.failedFuture(new CallException("malformed"));
        }
        Pair pair = pair(from.nodeId());
        PortSequence ports = sequence(asked.getNextPort(), asked.getPortStep());
        boolean both = learner.facts().mapping().isDependent();
        if (closed || from.isOverUdp() || outside.isEmpty() || isBarred(pair) || (both && ports == null)) {
            return CompletableFuture.failedFuture(new CallException("not now"));
        }
        int probes = both ? BOTH_PROBES : budget.probes();
        Permits permits = new Permits(runtime, from);
        if (!search(from, permits, target, ports, probes)) {
            return CompletableFuture.failedFuture(new CallException("too much at a time"));
        }
        permits.pay(both ? BOTH_PROBES : Math.min(PunchBudget.DEFAULT.sockets(), asked.getSockets()));
        defer(pair);
        pair.asked = true;
        pair.askedUntilNanos = deadline(both ? BOTH_PROBES : budget.sockets() + budget.probes());
        count("asked");
        NatPunchReply.Builder reply = NatPunchReply.newBuilder().setOutside(Endpoints.toProto(outside.get(0)));
        PortSequence ours = learner.ports();
        if (both && ours != null) {
            reply.setNextPort(ours.next()).setPortStep(ours.step());
        }
        return CompletableFuture.completedFuture(reply.build().toByteArray());
    }

    private boolean search(
            Session session, Permits permits, Endpoint target, @Nullable PortSequence ports, int probes) {
        PortOrder order = new PortOrder(runtime.random(), ports);
        // By then the other end has closed its ports; and one that does not pay must not keep others waiting.
        long until = deadline(probes);
        return pacer.add(new PortSearch(
                session, runtime.transport(), target.address(), order, permits, probes, () -> isOver(session, until)));
    }

    private boolean isOver(Session session, long untilNanos) {
        return session.isOverUdp() || runtime.clock().nanoTime() - untilNanos >= 0;
    }

    private static boolean isTarget(Endpoint target) {
        return target.kind() == Endpoint.Kind.UDP && !target.isIpv6() && !target.isUnusable();
    }

    private static @Nullable PortSequence sequence(int next, int step) {
        boolean sensible = next > 0 && next <= 65_535 && step > 0 && step <= 64;
        return sensible ? new PortSequence(next, step) : null;
    }

    private void count(String what) {
        runtime.counters().counter("nat.punch." + what).increment();
    }
}
