package io.p2pvpn.crawler.mapreduce;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.crawler.wire.proto.TaskResult;
import io.p2pvpn.crawler.wire.proto.TaskStart;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks at all members of the rings of a node, and does its part in those of others. One per node. Confined to the
 * node's loop.
 */
public final class MapReduce {
    /** Session call: hands a part over. */
    public static final String START_METHOD = "mapreduce.start";
    /** Session call: an answer, or a piece of one. */
    public static final String RESULT_METHOD = "mapreduce.result";

    /** Links that a run may cross. */
    static final int HOPS_MAX = 64;
    /** Parts of others' runs that are seen to at a time; others are refused. */
    static final int SHARES_MAX = 128;
    /** Parts handed over and not answered yet. */
    static final int AWAITED_MAX = 2048;
    /** Bytes of answers that are kept while they are not whole. */
    static final int PARTIAL_BYTES_MAX = 32 * 1024 * 1024;
    /** Runs of our own at a time. */
    static final int RUNS_MAX = 8;

    private static final String REFUSED = "refused";
    private static final String NO_ANSWER = "no answer";

    private record Awaited(Share share, Part part) {}

    private final TaskNode node;
    private final NodeRuntime runtime;
    private final NodeFacts facts;
    private final Map<String, MapReduceTask> tasks = new TreeMap<>();
    private final Map<Share, Boolean> shares = new LinkedHashMap<>();
    private final Map<Long, Awaited> awaited = new TreeMap<>();
    private final TaskHistory history = new TaskHistory();
    private final TaskRates rates;
    private int partialBytes;
    private int runs;
    private Timers.@Nullable Timer review;

    /** Answers others from now on, with the tasks that are installed. */
    public MapReduce(TaskNode node, NodeFacts facts) {
        this.node = node;
        this.runtime = node.runtime();
        this.facts = facts;
        this.rates = new TaskRates(now());
        node.handle(START_METHOD, this::onStart);
        node.handle(RESULT_METHOD, this::onResult);
    }

    /** Adds a task, or puts it in the place of one of the same name. */
    public void install(MapReduceTask task) {
        tasks.put(task.name(), task);
    }

    /**
     * Runs a task.
     *
     * @return completes within the time that the options give; exceptionally with a {@link CallException} if the task
     *     is not installed here, this node is no member of the ring, or too much is asked for at a time
     */
    public CompletableFuture<TaskReport> run(TaskRing ring, TaskOptions options) {
        MapReduceTask task = tasks.get(options.task());
        if (task == null) {
            return CompletableFuture.failedFuture(
                    new CallException("no task " + options.task() + " is installed here"));
        }
        if (!ring.isJoined()) {
            return CompletableFuture.failedFuture(new CallException("not a member of that ring (yet)"));
        }
        if (runs >= RUNS_MAX) {
            return CompletableFuture.failedFuture(new CallException("too many runs at a time"));
        }
        runs++;
        count("runs");
        return new TaskRun(this, ring, task, options).start().whenComplete((report, failure) -> runs--);
    }

    // ------------------------------------------------------------------ what comes in

    private CompletableFuture<byte[]> onStart(TaskLink from, byte[] request) throws InvalidProtocolBufferException {
        TaskStart wire = TaskStart.parseFrom(request);
        TaskRing ring = node.ring(wire.getRing());
        TaskPeer peer = ring == null ? null : ring.peer(from);
        if (ring == null || peer == null) {
            return refuse("not-a-member");
        }
        TaskOrder order = TaskOrder.fromWire(wire);
        if (order == null) {
            return refuse("malformed");
        }
        if (history.isKnown(from.nodeId(), order.part())) {
            return done();
        }
        if (!ring.isJoined()) {
            return refuse("not-joined");
        }
        if (isMisplaced(order, peer.id(), ring.self())) {
            return refuse("misplaced");
        }
        if (shares.size() >= SHARES_MAX || !rates.admit(order.source(), peer.id(), now())) {
            return refuse("rate");
        }
        MapReduceTask task = tasks.get(order.task());
        if (task == null) {
            return refuse("unknown-task");
        }
        history.remember(from.nodeId(), order.part());
        count("taken");
        TaskHistory.Run run = history.run(ring.ringIdBytes(), order.source(), order.number());
        long untilNanos = now() + order.leftNanos();
        // The reply goes out before the answer does: the parent then knows that it is being seen to.
        runtime.timers().execute(() -> {
            if (run.take(order.tree(), order.arc())) {
                new Share(
                                this,
                                ring,
                                order,
                                task,
                                run,
                                order.bytesMax(),
                                (value, coverage) -> answer(from, order, value, coverage, untilNanos))
                        .begin();
            } else {
                count("duplicate");
                answer(from, order, new byte[0], new CoverageSum().toCoverage(), untilNanos);
            }
        });
        return done();
    }

    private void answer(TaskLink parent, TaskOrder order, byte[] value, Coverage coverage, long untilNanos) {
        if (parent.isOpen()) {
            ResultPost.send(
                    runtime,
                    parent,
                    order.part(),
                    value,
                    CoverageSum.toWire(coverage, order.arc()),
                    untilNanos + order.leftNanos() / 2);
        }
    }

    /** No honest member hands over its own place, or that of the source. */
    private static boolean isMisplaced(TaskOrder order, OverlayId peer, OverlayId self) {
        boolean first = order.hops() == 1;
        return order.source().equals(self)
                || (first && !order.source().equals(peer))
                || (!order.isPath()
                        && (order.arc().contains(peer) || order.arc().contains(order.source())));
    }

    private CompletableFuture<byte[]> onResult(TaskLink from, byte[] request) throws InvalidProtocolBufferException {
        TaskResult result = TaskResult.parseFrom(request);
        Awaited waiting = awaited.get(result.getPart());
        if (waiting == null || !waiting.part().link().equals(from)) {
            // Confirmed all the same: it shall not be sent again.
            count("drop.late-result");
            return done();
        }
        int before = waiting.part().bytes();
        if (partialBytes + result.getBody().size() > PARTIAL_BYTES_MAX) {
            waiting.share().fail(waiting.part(), GapReason.TOO_LARGE);
            return done();
        }
        partialBytes += result.getBody().size();
        waiting.share().onPiece(waiting.part(), result, request.length);
        // What was no new piece is not kept; what became whole has been forgotten, new piece and all.
        partialBytes -= result.getBody().size() - (waiting.part().bytes() - before);
        return done();
    }

    private static CompletableFuture<byte[]> done() {
        return CompletableFuture.completedFuture(new byte[0]);
    }

    private CompletableFuture<byte[]> refuse(String reason) {
        count("drop." + reason);
        return CompletableFuture.failedFuture(new CallException(REFUSED));
    }

    /** Whether a call failed because nobody answered, and not because it was refused. */
    static boolean isNoAnswer(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return String.valueOf(cause.getMessage()).startsWith(NO_ANSWER);
    }

    // ------------------------------------------------------------------------ shares

    void onBegin(Share share) {
        shares.put(share, Boolean.TRUE);
        if (review == null) {
            review = timers().everySecond(() -> List.copyOf(shares.keySet()).forEach(Share::review));
        }
    }

    void onEnd(Share share) {
        shares.remove(share);
        if (shares.isEmpty() && review != null) {
            review.cancel();
            review = null;
        }
    }

    /** Expects an answer about that part: false if too many are expected. */
    boolean await(Share share, Part part) {
        if (awaited.size() >= AWAITED_MAX) {
            return false;
        }
        awaited.put(part.order().part(), new Awaited(share, part));
        return true;
    }

    void forget(Part part) {
        if (awaited.remove(part.order().part()) != null) {
            partialBytes -= part.bytes();
        }
    }

    TaskHistory.Run newRun(TaskRing ring, long number) {
        return history.run(ring.ringIdBytes(), ring.self(), number);
    }

    /** Not to be guessed by anybody. */
    long drawNumber() {
        return runtime.keys().nextLong();
    }

    TaskNode node() {
        return node;
    }

    NodeFacts facts() {
        return facts;
    }

    Timers timers() {
        return runtime.timers();
    }

    long now() {
        return runtime.clock().nanoTime();
    }

    void count(String what) {
        runtime.counters().counter("mapreduce." + what).increment();
    }
}
