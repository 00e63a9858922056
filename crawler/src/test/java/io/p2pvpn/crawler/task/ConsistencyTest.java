package io.p2pvpn.crawler.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.p2pvpn.crawler.mapreduce.MapReduceTask.Reduced;
import io.p2pvpn.crawler.wire.proto.NodeReportList;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Arc;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The published formula on rings whose consistency is known. */
class ConsistencyTest {
    private static final double EXACT = 1e-9;

    private static OverlayId id(int place) {
        byte[] bytes = new byte[OverlayId.BYTES];
        bytes[0] = (byte) place;
        return OverlayId.of(bytes);
    }

    /** A ring of these places, whose members have up to four neighbours on each side, out of those that they know. */
    static List<NodeReport> ring(List<Integer> places, List<Integer> hidden) {
        List<NodeReport> reports = new ArrayList<>();
        for (int place : places) {
            List<Integer> known = new ArrayList<>(places);
            known.removeIf(each -> hidden.contains(each) && each != place);
            int at = known.indexOf(place);
            List<OverlayId> successors = new ArrayList<>();
            List<OverlayId> predecessors = new ArrayList<>();
            for (int step = 1; step <= Math.min(4, known.size() - 1); step++) {
                successors.add(id(known.get((at + step) % known.size())));
                predecessors.add(id(known.get(Math.floorMod(at - step, known.size()))));
            }
            reports.add(NodeReport.of(id(place), successors, predecessors));
        }
        return reports;
    }

    private static List<Integer> places(int count) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            places.add(1 + 10 * i);
        }
        return places;
    }

    @Test
    void of_perfectRingOfTen_isOne() {
        Consistency consistency = Consistency.of(ring(places(10), List.of()));
        assertThat(consistency.value()).isEqualTo(1);
        assertThat(consistency.faults()).isEmpty();
    }

    @Test
    void of_oneThatKnowsAllAndIsKnownByNone_isNineTenths() {
        Consistency consistency = Consistency.of(ring(places(10), List.of(31)));
        assertThat(consistency.value()).isCloseTo(0.9, within(EXACT));
        assertThat(consistency.faults())
                .containsExactly(
                        new Inconsistency(id(31), id(41), id(21), 1), new Inconsistency(id(31), id(51), id(21), 2));
    }

    @Test
    void of_twoSuchMembersAdjacentOrNot_isEightTenths() {
        assertThat(Consistency.of(ring(places(10), List.of(31, 41))).value()).isCloseTo(0.8, within(EXACT));
        assertThat(Consistency.of(ring(places(10), List.of(31, 71))).value()).isCloseTo(0.8, within(EXACT));
    }

    @Test
    void of_ringSplitIntoTwoInterleavedOnes_isOne() {
        List<Integer> all = places(10);
        List<NodeReport> reports = new ArrayList<>();
        for (int half = 0; half < 2; half++) {
            List<Integer> places = new ArrayList<>();
            for (int i = half; i < all.size(); i += 2) {
                places.add(all.get(i));
            }
            reports.addAll(ring(places, List.of()));
        }
        assertThat(Consistency.of(reports).value()).isEqualTo(1);
    }

    @Test
    void of_smallRings_isOneWhereNobodyDisagrees() {
        for (int count = 0; count <= 5; count++) {
            assertThat(Consistency.of(ring(places(count), List.of())).value())
                    .as("of " + count)
                    .isEqualTo(1);
        }
        NodeReport thinksThree = NodeReport.of(id(1), List.of(id(11), id(21)), List.of(id(21), id(11)));
        NodeReport thinksTwo = NodeReport.of(id(11), List.of(id(1)), List.of(id(1)));
        assertThat(Consistency.of(List.of(thinksThree, thinksTwo)).value()).isLessThan(1);
        NodeReport alone = NodeReport.of(id(21), List.of(), List.of());
        assertThat(Consistency.of(List.of(alone, thinksTwo)).left1()).isZero();
    }

    @Test
    void prune_ofRandomRingsInAnyOrder_leavesTheConsistencyAsItIs() {
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            List<Integer> places = places(1 + random.nextInt(24));
            List<Integer> hidden = new ArrayList<>(places);
            Collections.shuffle(hidden, random);
            int hide = places.size() < 5 ? 0 : random.nextInt(3);
            List<NodeReport> reports = new ArrayList<>(ring(places, hidden.subList(0, hide)));
            if (random.nextInt(4) == 0) {
                reports.add(NodeReport.of(id(5), List.of(), List.of()));
            }
            Consistency expected = Consistency.of(reports);
            Collections.shuffle(reports, random);
            List<byte[]> values = new ArrayList<>(values(reports));
            while (values.size() > 1) {
                byte[] one = values.remove(random.nextInt(values.size()));
                byte[] other = values.remove(random.nextInt(values.size()));
                values.add(pruned(one, other));
            }
            Consistency pruned = NeighbourListsTask.consistency(values.get(0));
            assertThat(pruned.nodes()).isEqualTo(expected.nodes());
            assertThat(pruned.left1()).isEqualTo(expected.left1());
            assertThat(pruned.left2()).isEqualTo(expected.left2());
        }
    }

    @Test
    void prune_ofMembersThatAgree_keepsFourOfAStretch_andNobodyOfAWholeRing() {
        List<byte[]> values = values(ring(places(100), List.of()));
        byte[] stretch = values.get(0);
        for (int i = 1; i < 99; i++) {
            stretch = pruned(stretch, values.get(i));
            assertThat(NeighbourListsTask.reports(stretch)).hasSizeLessThanOrEqualTo(4);
        }
        byte[] whole = pruned(stretch, values.get(99));
        assertThat(NeighbourListsTask.reports(whole)).isEmpty();
        assertThat(NeighbourListsTask.consistency(whole)).isEqualTo(new Consistency(100, 100, 100, List.of()));
    }

    private static List<byte[]> values(List<NodeReport> reports) {
        return reports.stream()
                .map(report -> NodeReportList.newBuilder()
                        .addNodes(report.toWire())
                        .build()
                        .toByteArray())
                .toList();
    }

    private static byte[] pruned(byte[] one, byte[] other) {
        Reduced both = new NeighbourListsTask(new NoView())
                .reduce(NeighbourListsTask.prune(), one, Answers.of(Arc.whole(id(0)), other));
        assertThat(both).isNotNull();
        return both.value();
    }
}
