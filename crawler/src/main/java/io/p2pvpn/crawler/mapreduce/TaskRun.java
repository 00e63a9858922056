package io.p2pvpn.crawler.mapreduce;

import io.p2pvpn.crawler.mapreduce.MapReduceTask.Reduced;
import io.p2pvpn.crawler.wire.proto.TreeWire;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Arc;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * A run, as its source sees it: one tree or two, and then, as long as there is time, once more what was too large to be
 * answered at once, part by part. Confined to the node's loop.
 */
final class TaskRun {
    /** What all answers together may have. */
    static final int VALUE_BYTES_MAX = 64 * 1024 * 1024;
    /** Parts that are asked for again. */
    static final int AGAIN_MAX = 256;

    private static final long USEFUL_NANOS = 100_000_000L;

    private final MapReduce engine;
    private final TaskRing ring;
    private final MapReduceTask task;
    private final TaskOptions options;
    private final long beganNanos;
    private final CompletableFuture<TaskReport> result = new CompletableFuture<>();
    private final CoverageSum sum = new CoverageSum();
    private final List<Gap> gaps = new ArrayList<>();
    private final ArrayDeque<Arc> again = new ArrayDeque<>();
    private byte[] value = new byte[0];
    private int open;
    private int asked;

    TaskRun(MapReduce engine, TaskRing ring, MapReduceTask task, TaskOptions options) {
        this.engine = engine;
        this.ring = ring;
        this.task = task;
        this.options = options;
        this.beganNanos = engine.now();
    }

    CompletableFuture<TaskReport> start() {
        Arc part = options.arc();
        Arc arc = part == null ? Arc.whole(ring.self()) : part;
        long number = engine.drawNumber();
        open++;
        switch (options.tree()) {
            case SPLIT -> begin(arc, TreeWire.TREE_SPLIT, number);
            case PATH -> {
                OverlayId target = options.target() == null ? ring.self() : options.target();
                begin(Arc.only(target), TreeWire.TREE_PATH, number);
            }
            case BOTH -> {
                begin(Arc.whole(ring.self()), TreeWire.TREE_CLOCKWISE, number);
                begin(Arc.whole(ring.self()), TreeWire.TREE_COUNTER_CLOCKWISE, number);
            }
        }
        open--;
        goOn();
        return result;
    }

    private long leftNanos() {
        return beganNanos + options.timeoutNanos() - engine.now();
    }

    private void begin(Arc arc, TreeWire tree, long number) {
        open++;
        TaskOrder order = new TaskOrder(
                ring.self(),
                number,
                0,
                arc,
                tree,
                0,
                options.task(),
                options.argument(),
                leftNanos(),
                options.waiting(),
                options.replyBytesMax(),
                new TreeMap<>());
        new Share(
                        engine,
                        ring,
                        order,
                        task,
                        engine.newRun(ring, number),
                        VALUE_BYTES_MAX,
                        (answer, coverage) -> onAnswer(arc, answer, coverage))
                .begin();
    }

    private void onAnswer(Arc arc, byte[] answer, Coverage coverage) {
        open--;
        sum.addWithoutGaps(coverage);
        if (answer.length > 0) {
            Reduced reduced = task.reduce(options.argument(), value, ChildAnswer.of(Arc.whole(ring.self()), answer));
            if (reduced != null && reduced.value().length <= VALUE_BYTES_MAX) {
                value = reduced.value();
            } else {
                gaps.add(new Gap(arc, GapReason.TOO_LARGE, ring.self()));
            }
        }
        for (Gap gap : coverage.gaps()) {
            boolean single = gap.member() != null && gap.arc().equals(Arc.only(gap.member()));
            if (gap.reason() != GapReason.TOO_LARGE || single || asked + again.size() >= AGAIN_MAX) {
                gaps.add(gap);
            } else if (gap.arc().equals(arc)) {
                again.add(new Arc(arc.from(), arc.middle()));
                again.add(new Arc(arc.middle(), arc.to()));
            } else {
                again.add(gap.arc());
            }
        }
        goOn();
    }

    private void goOn() {
        if (open > 0) {
            return;
        }
        if (!again.isEmpty() && leftNanos() > USEFUL_NANOS) {
            asked++;
            begin(again.remove(), TreeWire.TREE_SPLIT, engine.drawNumber());
            return;
        }
        again.forEach(arc -> gaps.add(new Gap(arc, GapReason.TOO_LARGE, null)));
        again.clear();
        gaps.forEach(sum::gap);
        result.complete(new TaskReport(value, sum.toCoverage(), engine.now() - beganNanos));
    }
}
