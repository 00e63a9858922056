package io.p2pvpn.crawler.mapreduce;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.crawler.wire.proto.TreeWire;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Arc;
import io.p2pvpn.overlay.ring.ArcSplit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Trees over random rings: every member is in one part, whichever way they go, and with members passed by. */
class TreesTest {
    private static final int NODES = 200;
    private static final int DEPTH_MAX = 16;

    private final TreeSet<OverlayId> ids = new TreeSet<>();
    private final TreeMap<OverlayId, List<OverlayId>> links = new TreeMap<>();

    private void ring(Random random) {
        byte[] bytes = new byte[OverlayId.BYTES];
        while (ids.size() < NODES) {
            random.nextBytes(bytes);
            ids.add(OverlayId.of(bytes));
        }
        List<OverlayId> sorted = new ArrayList<>(ids);
        for (int i = 0; i < NODES; i++) {
            List<OverlayId> its = new ArrayList<>();
            for (int step : new int[] {-110, -50, -21, -9, -4, -3, -2, -1, 1, 2, 3, 4, 9, 21, 50, 110}) {
                its.add(sorted.get(Math.floorMod(i + step, NODES)));
            }
            links.put(sorted.get(i), its);
        }
    }

    private int reach(TreeWire tree, OverlayId member, Arc arc, int depth, Map<OverlayId, Integer> reached) {
        reached.merge(member, 1, Integer::sum);
        int deepest = depth;
        for (ArcSplit.Part part : Trees.split(tree, arc, member, links.getOrDefault(member, List.of()))) {
            assertThat(part.arc().contains(part.child())).isTrue();
            assertThat(part.arc().contains(member)).isFalse();
            deepest = Math.max(deepest, reach(tree, part.child(), part.arc(), depth + 1, reached));
        }
        return deepest;
    }

    @Test
    void split_anyWay_reachesEveryMemberOnceWithinTwiceTheLogarithm() {
        ring(new Random(1));
        for (TreeWire tree : List.of(TreeWire.TREE_SPLIT, TreeWire.TREE_CLOCKWISE, TreeWire.TREE_COUNTER_CLOCKWISE)) {
            for (OverlayId source : ids) {
                TreeMap<OverlayId, Integer> reached = new TreeMap<>();
                int depth = reach(tree, source, Arc.whole(source), 0, reached);
                assertThat(reached)
                        .as(tree.name())
                        .hasSize(NODES)
                        .allSatisfy((id, times) -> assertThat(times).isEqualTo(1));
                assertThat(depth).isLessThanOrEqualTo(DEPTH_MAX);
            }
        }
    }

    @Test
    void bounded_tooManyGaps_leaveOutNothingThatTheyLeftOut() {
        ring(new Random(2));
        List<Gap> gaps = ids.stream().map(id -> Gap.only(id, GapReason.SILENT)).toList();
        List<Gap> some = CoverageSum.bounded(gaps, Arc.whole(ids.last()));
        assertThat(some).hasSize(CoverageSum.GAPS_MAX);
        assertThat(ids)
                .allSatisfy(id -> assertThat(some).anyMatch(gap -> gap.arc().contains(id)));
    }
}
