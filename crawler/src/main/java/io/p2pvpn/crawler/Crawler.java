package io.p2pvpn.crawler;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.crawler.CrawlOptions.By;
import io.p2pvpn.crawler.CrawlOptions.Method;
import io.p2pvpn.crawler.mapreduce.MapReduce;
import io.p2pvpn.crawler.mapreduce.NodeFacts;
import io.p2pvpn.crawler.mapreduce.TaskNode;
import io.p2pvpn.crawler.mapreduce.TaskOptions;
import io.p2pvpn.crawler.mapreduce.TaskReport;
import io.p2pvpn.crawler.mapreduce.TaskRing;
import io.p2pvpn.crawler.mapreduce.Tree;
import io.p2pvpn.crawler.task.Consistency;
import io.p2pvpn.crawler.task.CountTask;
import io.p2pvpn.crawler.task.HistogramTask;
import io.p2pvpn.crawler.task.Inconsistency;
import io.p2pvpn.crawler.task.LocalConsistencyTask;
import io.p2pvpn.crawler.task.NeighbourListsTask;
import io.p2pvpn.crawler.task.NeighbourView;
import io.p2pvpn.crawler.task.NodeReport;
import io.p2pvpn.crawler.task.TopTask;
import io.p2pvpn.crawler.wire.proto.AboutAsk;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.ring.Contacts;
import io.p2pvpn.overlay.ring.RingCall;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Walks over the members of the rings of a node, and answers others that do. One per node; it brings the node's
 * {@link MapReduce} along, with the built-in tasks. Confined to the node's loop.
 */
public final class Crawler {
    /** Ring call, exact: what a member says of its place. */
    static final String LOOK_METHOD = "crawl.look";
    /** Ring call, exact: what a member says of another one. */
    static final String ABOUT_METHOD = "crawl.about";

    private final TaskNode node;
    private final NeighbourView view;
    private final MapReduce mapReduce;

    /**
     * Answers from now on; {@link #serve} does so in each ring besides.
     *
     * @param facts what the node says of itself
     */
    public Crawler(OverlayNode node, NodeFacts facts) {
        this(TaskNode.of(node), facts, NeighbourView.of(node, facts));
    }

    /** The same with another view of the neighbours, or of another kind of node: for tests and simulations. */
    public Crawler(TaskNode node, NodeFacts facts, NeighbourView view) {
        this.node = node;
        this.view = view;
        this.mapReduce = new MapReduce(node, facts);
        mapReduce.install(new NeighbourListsTask(view));
        mapReduce.install(new LocalConsistencyTask(node, view));
        mapReduce.install(new CountTask());
        mapReduce.install(HistogramTask.ofAny());
        mapReduce.install(HistogramTask.ofLogLevel());
        mapReduce.install(new TopTask());
    }

    /** Answers those that go from member to member of this ring, and those that look into what is wrong there. */
    public void serve(TaskRing ring) {
        ring.service()
                .handle(
                        LOOK_METHOD,
                        call -> CompletableFuture.completedFuture(
                                view.look(ring).toWire().toByteArray()));
        ring.service().handle(ABOUT_METHOD, call -> CompletableFuture.completedFuture(about(ring, call)));
    }

    private byte[] about(TaskRing ring, RingCall call) {
        try {
            OverlayId member = Contacts.id(AboutAsk.parseFrom(call.request()).getMember());
            return member == null ? new byte[0] : view.about(ring, member).encode();
        } catch (InvalidProtocolBufferException e) {
            return new byte[0];
        }
    }

    /** Runs tasks, built-in and others. */
    public MapReduce mapReduce() {
        return mapReduce;
    }

    /**
     * Crawls a ring.
     *
     * @return completes within the time that the options give; exceptionally with a
     *     {@link io.p2pvpn.overlay.rpc.CallException} if this node is no member of the ring, or too much is asked for
     */
    public CompletableFuture<CrawlReport> crawl(TaskRing ring, CrawlOptions options) {
        if (options.method() == Method.SEQUENTIAL) {
            return new SequentialCrawl(node.runtime(), ring.service(), view.look(ring), options).start();
        }
        boolean lists = options.by() == By.LISTS;
        byte[] argument = lists && options.pruned() ? NeighbourListsTask.prune() : new byte[0];
        TaskOptions run = new TaskOptions(
                lists ? NeighbourListsTask.NAME : LocalConsistencyTask.NAME,
                argument,
                options.bothWays() ? Tree.BOTH : Tree.SPLIT,
                null,
                null,
                options.timeoutNanos(),
                options.waiting(),
                TaskOptions.REPLY_BYTES_MAX);
        return mapReduce
                .run(ring, run)
                .thenApply(report -> lists ? byLists(options, report) : byLocal(options, report));
    }

    private static CrawlReport byLists(CrawlOptions options, TaskReport report) {
        Consistency consistency = NeighbourListsTask.consistency(report.value());
        // Of a pruned list the rest is nobody's whole ring.
        List<NodeReport> ring = options.pruned() ? List.of() : NeighbourListsTask.reports(report.value());
        List<OverlayId> found =
                options.pruned() ? null : ring.stream().map(NodeReport::id).toList();
        return CrawlReport.of(options, consistency, report.coverage(), ring, found, report.nanos());
    }

    private static CrawlReport byLocal(CrawlOptions options, TaskReport report) {
        return CrawlReport.of(
                options,
                LocalConsistencyTask.consistency(report.value()),
                report.coverage(),
                List.of(),
                LocalConsistencyTask.members(report.value()),
                report.nanos());
    }

    /**
     * Looks again at what did not agree, after a pause, and into why what still does not.
     *
     * @param pauseNanos how long rings may take to repair themselves: 15 s or more in one that changes
     * @return completes with what is wrong, each missing link once
     */
    public CompletableFuture<List<Finding>> investigate(TaskRing ring, List<Inconsistency> faults, long pauseNanos) {
        return new Investigator(node.runtime(), ring.service(), faults, pauseNanos).start();
    }
}
