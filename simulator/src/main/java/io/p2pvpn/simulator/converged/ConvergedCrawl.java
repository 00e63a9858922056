package io.p2pvpn.simulator.converged;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.shortcuts.far.FarTargets;
import io.p2pvpn.simulator.latency.LatencyMatrix;
import io.p2pvpn.simulator.latency.SiteLatency;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * What a crawl of a settled ring takes, reckoned from its tree: nothing is lost, nobody computes, and an answer of
 * several pieces takes a round trip more for each window of them. What members answer has the length that the codec
 * gives it. Members are at sites whose round trips were measured. Confined to one thread.
 */
public final class ConvergedCrawl {
    /** As the messages have them: an ID with tag and length. */
    private static final int ID_BYTES = OverlayId.BYTES + 2;
    /** Tag and length of a list's entry. */
    private static final int ENTRY_BYTES = 3;
    /** Sums and their tags, and the coverage with its slowest members. */
    private static final int SUMS_BYTES = 20;

    private static final int COVERAGE_BYTES = 300;
    private static final int START_BYTES = 120;
    private static final int NEAR_BYTES = 4 * ID_BYTES;
    private static final int IDS_MAX = 8192;
    private static final int PIECE_BYTES = 12 * 1024;
    private static final int WINDOW = 4;

    /**
     * What it comes to.
     *
     * @param seconds from the start until the source has all
     * @param messages requests and replies
     * @param bytes bodies, those of all links together
     * @param depth links between the source and the farthest member
     */
    public record Result(double seconds, long messages, long bytes, int depth) {}

    private final ConvergedRing ring;
    private final LatencyMatrix matrix = LatencyMatrix.planetLab();
    private final int[] sites;

    /** On that ring, members at drawn sites. */
    public ConvergedCrawl(ConvergedRing ring, SplittableRandom random) {
        this.ring = ring;
        sites = random.ints(ring.size(), 0, matrix.sites()).toArray();
    }

    private long roundTripNanos(int one, int other) {
        return sites[one] == sites[other]
                ? 2 * SiteLatency.WITHIN_SITE_NANOS
                : matrix.roundTripNanos(sites[one], sites[other]);
    }

    /** As a tree. */
    public Result mapReduce(int source, boolean lists) {
        int size = ring.size();
        int[] parents = new int[size];
        int[] order = new int[size];
        int[] count = {0};
        int[] depth = {0};
        long[] readyNanos = new long[size];
        parents[source] = source;
        order[count[0]++] = source;
        ring.broadcast(source, (from, to, hops) -> {
            parents[to] = from;
            order[count[0]++] = to;
            depth[0] = Math.max(depth[0], hops);
            readyNanos[to] = readyNanos[from] + roundTripNanos(from, to) / 2;
        });
        for (int i = 0; !lists && i < size; i++) {
            readyNanos[i] += Math.max(
                    roundTripNanos(i, Math.floorMod(i + 1, size)), roundTripNanos(i, Math.floorMod(i + 2, size)));
        }
        long[] subtree = new long[size];
        long[] doneNanos = readyNanos.clone();
        Arrays.fill(subtree, 1);
        long messages = 0;
        long bytes = 0;
        for (int i = count[0] - 1; i > 0; i--) {
            int member = order[i];
            int parent = parents[member];
            long answer = answerBytes(subtree[member], lists);
            long pieces = Math.max(1, (answer + PIECE_BYTES - 1) / PIECE_BYTES);
            long windows = (pieces - 1) / WINDOW;
            long rtt = roundTripNanos(member, parent);
            doneNanos[parent] = Math.max(doneNanos[parent], doneNanos[member] + rtt / 2 + windows * rtt);
            subtree[parent] += subtree[member];
            messages += 2 + 2 * pieces;
            bytes += START_BYTES + answer + COVERAGE_BYTES;
        }
        if (!lists) {
            messages += 4L * size;
            bytes += 2L * size * NEAR_BYTES;
        }
        return new Result(doneNanos[source] / 1e9, messages, bytes, depth[0]);
    }

    private long answerBytes(long members, boolean lists) {
        int far = FarTargets.count(ring.size());
        long entry = ENTRY_BYTES + (1L + 8 + far) * ID_BYTES;
        return lists ? members * entry : SUMS_BYTES + (members > IDS_MAX ? 0 : members * OverlayId.BYTES);
    }

    /** From member to member: each is asked over the ring, and answers over it. */
    public Result sequential(int source) {
        int far = FarTargets.count(ring.size());
        long nanos = 0;
        long messages = 0;
        for (int step = 1; step < ring.size(); step++) {
            int target = Math.floorMod(source + step, ring.size());
            for (int way = 0; way < 2; way++) {
                int at = way == 0 ? source : target;
                int end = way == 0 ? target : source;
                while (at != end) {
                    int next = ring.next(at, ring.id(end));
                    nanos += roundTripNanos(at, next) / 2;
                    messages++;
                    at = next;
                }
            }
        }
        return new Result(nanos / 1e9, messages, messages / 2 * (1L + 8 + far) * ID_BYTES, ring.size() - 1);
    }
}
