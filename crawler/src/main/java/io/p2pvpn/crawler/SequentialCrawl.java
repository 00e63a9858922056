package io.p2pvpn.crawler;

import io.p2pvpn.crawler.mapreduce.Coverage;
import io.p2pvpn.crawler.mapreduce.Gap;
import io.p2pvpn.crawler.mapreduce.GapReason;
import io.p2pvpn.crawler.task.Consistency;
import io.p2pvpn.crawler.task.NodeReport;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Arc;
import io.p2pvpn.overlay.ring.RingService;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * From member to member clockwise, over the ring: O(N log N) messages one after the other. A member is asked three
 * times; if it does not answer, the one before it is asked again, and the walk goes on behind the silent one, which is
 * noted; after three such steps back in a row it ends. Confined to the node's loop.
 */
final class SequentialCrawl {
    /** Times that a member is asked. */
    static final int TRIES = 3;
    /** Steps back without one forward. */
    static final int STEPS_BACK = 3;
    /** Members that are visited. */
    static final int MEMBERS_MAX = 1_000_000;

    private static final long PATIENCE_NANOS = 1_600_000_000L;
    private static final long WAITING_NANOS = 8_000_000_000L;
    private static final long MICRO_NANOS = 1000;

    private final NodeRuntime runtime;
    private final RingService ring;
    private final CrawlOptions options;
    private final RingQuestions questions;
    private final long beganNanos;
    private final CompletableFuture<CrawlReport> result = new CompletableFuture<>();
    private final List<NodeReport> reports = new ArrayList<>();
    private final TreeSet<OverlayId> silent = new TreeSet<>();
    private final List<Gap> gaps = new ArrayList<>();
    private long messages;
    private long bytes;
    private int stepsBack;
    private long slowestMicros;
    private boolean ended;

    SequentialCrawl(NodeRuntime runtime, RingService ring, NodeReport own, CrawlOptions options) {
        this.runtime = runtime;
        this.ring = ring;
        this.options = options;
        this.questions = new RingQuestions(runtime, ring);
        this.beganNanos = runtime.clock().nanoTime();
        reports.add(own);
    }

    CompletableFuture<CrawlReport> start() {
        if (!ring.isJoined()) {
            return CompletableFuture.failedFuture(new CallException("not a member of that ring (yet)"));
        }
        runtime.timers().schedule(options.timeoutNanos(), () -> end(GapReason.DEADLINE));
        goOn();
        return result;
    }

    private OverlayId self() {
        return reports.get(0).id();
    }

    private NodeReport last() {
        return reports.get(reports.size() - 1);
    }

    private void goOn() {
        OverlayId next = next(last());
        if (next == null) {
            end(null);
        } else if (reports.size() >= MEMBERS_MAX) {
            end(GapReason.TOO_LARGE);
        } else {
            visit(next, 1);
        }
    }

    /** The first one ahead that has not been silent, short of where the walk began; null if that is reached. */
    private @Nullable OverlayId next(NodeReport report) {
        for (OverlayId each : report.successors()) {
            boolean ahead = report.id().equals(self())
                    ? !each.equals(self())
                    : each.isBetween(report.id(), self()) && !each.equals(self());
            if (!ahead) {
                return null;
            }
            if (!silent.contains(each)) {
                return each;
            }
        }
        return null;
    }

    private void visit(OverlayId member, int tries) {
        long askedNanos = runtime.clock().nanoTime();
        Completions.whenDone(
                runtime.timers(),
                questions.look(member, options.waiting() ? WAITING_NANOS : PATIENCE_NANOS),
                (told, failure) -> {
                    if (ended || told == null) {
                        return;
                    }
                    messages += 2L * Math.max(1, told.hops());
                    bytes += (long) told.bytes() * Math.max(1, told.hops());
                    NodeReport report = told.value();
                    if (report != null) {
                        slowestMicros =
                                Math.max(slowestMicros, (runtime.clock().nanoTime() - askedNanos) / MICRO_NANOS);
                        reports.add(report);
                        stepsBack = 0;
                        goOn();
                    } else if (tries < TRIES) {
                        visit(member, tries + 1);
                    } else {
                        stepBack(member);
                    }
                });
    }

    private void stepBack(OverlayId member) {
        silent.add(member);
        gaps.add(new Gap(Arc.only(member), GapReason.SILENT, member));
        stepsBack++;
        if (stepsBack > STEPS_BACK) {
            end(GapReason.SILENT);
            return;
        }
        NodeReport before = last();
        if (before.id().equals(self())) {
            goOn();
            return;
        }
        Completions.whenDone(runtime.timers(), questions.look(before.id(), PATIENCE_NANOS), (told, failure) -> {
            if (ended || told == null) {
                return;
            }
            messages += 2L * Math.max(1, told.hops());
            NodeReport again = told.value();
            if (again != null) {
                reports.set(reports.size() - 1, again);
            }
            goOn();
        });
    }

    private void end(@Nullable GapReason reason) {
        if (ended) {
            return;
        }
        ended = true;
        if (reason != null) {
            gaps.add(new Gap(new Arc(last().id(), self()), reason, null));
        }
        Coverage coverage = new Coverage(
                reports.size(),
                gaps,
                messages,
                bytes,
                reports.size() - 1,
                0,
                0,
                List.of(new Coverage.Time(self(), slowestMicros, 0)));
        result.complete(CrawlReport.of(
                options,
                Consistency.of(reports),
                coverage,
                reports,
                reports.stream().map(NodeReport::id).toList(),
                runtime.clock().nanoTime() - beganNanos));
    }
}
