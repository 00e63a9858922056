package io.p2pvpn.simulator.converged;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.crawler.CrawlOptions;
import io.p2pvpn.crawler.CrawlReport;
import io.p2pvpn.crawler.mapreduce.MapReduce;
import io.p2pvpn.crawler.wire.proto.TaskStart;
import io.p2pvpn.crawler.wire.proto.TreeWire;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.simulator.SimWorld;
import io.p2pvpn.simulator.converged.LightNetwork.State;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * Crawls of a settled ring, message by message in a {@link LightNetwork}, and the tree that each made: who handed whom
 * a part. Confined to one thread.
 */
public final class ConvergedCrawl {
    private static final long LATE_NANOS = 2_000_000_000L;
    /** By then all is quiet, and limits are whole again. */
    private static final long PAUSE_NANOS = 30_000_000_000L;

    private static final long NOT_REACHED = -1;

    /**
     * What came of one.
     *
     * @param report what the source got
     * @param pathNanos how long messages are on their way from the source down to the farthest member, tree upon tree
     * @param orders parts that were handed over
     * @param sentMessages over one link each, repetitions and confirmations included
     * @param sentBytes what all members sent for it
     * @param sentBytesMax what the busiest one did
     */
    public record Result(
            CrawlReport report, long pathNanos, int orders, long sentMessages, long sentBytes, long sentBytesMax) {
        /** The time that it took in relation to the way down and up again. */
        public double overPath() {
            return report.nanos() / (2.0 * pathNanos);
        }
    }

    private final SimWorld world;
    private final RingLinks links;
    private final LightNetwork network;
    private final Map<TreeWire, long[]> pathNanos = new EnumMap<>(TreeWire.class);
    private final TreeSet<Long> orders = new TreeSet<>();

    /** In that world, which has nothing else to do. */
    public ConvergedCrawl(SimWorld world, RingLinks links, SplittableRandom random) {
        this.world = world;
        this.links = links;
        this.network = new LightNetwork(world, links, random);
        network.setListener(this::onCall);
    }

    /** Who answers. */
    public LightNetwork network() {
        return network;
    }

    private void onCall(int from, int to, String method, byte[] body) {
        if (!method.equals(MapReduce.START_METHOD)) {
            return;
        }
        try {
            TaskStart order = TaskStart.parseFrom(body);
            orders.add(order.getPart());
            long[] paths = pathNanos.computeIfAbsent(order.getTree(), unused -> unreached());
            long before = order.getHops() == 1 ? 0 : Math.max(0, paths[from]);
            if (paths[to] == NOT_REACHED && network.state(to) == State.WELL) {
                paths[to] = before + links.oneWayNanos(from, to);
            }
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("an order is no order", e);
        }
    }

    private long[] unreached() {
        long[] paths = new long[links.size()];
        Arrays.fill(paths, NOT_REACHED);
        return paths;
    }

    /** A member crawls, and then there is a pause. */
    public Result crawl(int source, CrawlOptions options) {
        pathNanos.clear();
        orders.clear();
        long messagesBefore = network.sentMessages();
        long[] bytesBefore = network.sentBytes();
        LightMember member = network.member(source);
        CompletableFuture<CrawlReport> crawled = member.crawler().crawl(member.ring(), options);
        world.runUntil(crawled::isDone, options.timeoutNanos() + LATE_NANOS);
        if (!crawled.isDone()) {
            throw new IllegalStateException("a crawl did not end");
        }
        long[] bytes = network.sentBytes();
        Arrays.setAll(bytes, i -> bytes[i] - bytesBefore[i]);
        long farthest =
                pathNanos.values().stream().flatMapToLong(Arrays::stream).max().orElse(0);
        Result result = new Result(
                crawled.join(),
                farthest,
                orders.size(),
                network.sentMessages() - messagesBefore,
                Arrays.stream(bytes).sum(),
                Arrays.stream(bytes).max().orElse(0));
        world.runFor(PAUSE_NANOS);
        return result;
    }

    /** How long it takes to ask one member after the other over the ring and hear its answer: the mean of some. */
    public double meanRoundTripSeconds(int source, int samples, SplittableRandom random) {
        long nanos = 0;
        for (int i = 0; i < samples; i++) {
            int target = Math.floorMod(source + 1 + random.nextInt(links.size() - 1), links.size());
            nanos += wayNanos(source, target) + wayNanos(target, source);
        }
        return nanos / 1e9 / samples;
    }

    private long wayNanos(int from, int to) {
        OverlayId position = links.id(to);
        long nanos = 0;
        for (int at = from; at != to; ) {
            int next = network.member(at).next(position);
            if (next < 0) {
                throw new IllegalStateException("no way to " + position);
            }
            nanos += links.oneWayNanos(at, next);
            at = next;
        }
        return nanos;
    }
}
