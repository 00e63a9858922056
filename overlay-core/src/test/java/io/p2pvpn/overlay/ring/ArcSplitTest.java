package io.p2pvpn.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.ArcSplit.Part;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ArcSplitTest {
    private static OverlayId randomId(SplittableRandom random) {
        byte[] bytes = new byte[OverlayId.BYTES];
        random.nextBytes(bytes);
        return OverlayId.of(bytes);
    }

    private static OverlayId id(int last) {
        byte[] bytes = new byte[OverlayId.BYTES];
        bytes[OverlayId.BYTES - 1] = (byte) last;
        return OverlayId.of(bytes);
    }

    private static Arc arc(int from, int to) {
        return new Arc(id(from), id(to));
    }

    @Test
    void arc_isHalfOpen_andTheWholeRingIfItsEndsAreOne() {
        assertThat(arc(3, 6).contains(id(3))).isFalse();
        assertThat(arc(3, 6).contains(id(4))).isTrue();
        assertThat(arc(3, 6).contains(id(6))).isTrue();
        assertThat(arc(3, 6).contains(id(7))).isFalse();
        assertThat(arc(6, 3).contains(id(255))).isTrue();
        assertThat(arc(6, 3).contains(id(5))).isFalse();
        assertThat(Arc.whole(id(3)).contains(id(3))).isTrue();
        assertThat(Arc.whole(id(3)).contains(id(4))).isTrue();
        assertThat(Arc.only(OverlayId.ZERO).contains(OverlayId.ZERO)).isTrue();
        assertThat(Arc.only(OverlayId.ZERO).contains(id(1))).isFalse();
        assertThat(arc(3, 6).middle()).isEqualTo(id(4));
    }

    @Test
    void arc_containsAnother_asItsPositionsSay() {
        for (int from = 0; from < 8; from++) {
            for (int to = 0; to < 8; to++) {
                for (int otherFrom = 0; otherFrom < 8; otherFrom++) {
                    for (int otherTo = 0; otherTo < 8; otherTo++) {
                        Arc one = arc(from, to);
                        Arc other = arc(otherFrom, otherTo);
                        boolean all = true;
                        for (int i = 0; i < 9; i++) {
                            all &= one.contains(id(i)) || !other.contains(id(i));
                        }
                        assertThat(one.contains(other)).as(one + " " + other).isEqualTo(all);
                    }
                }
            }
        }
    }

    /** Every position in the arc but our own is in one part, nothing else is in any, and each child is in its part. */
    @Test
    void split_ofSmallArcs_isAPartition() {
        for (long seed = 1; seed <= 3000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int size = 2 + random.nextInt(14);
            Arc arc = arc(random.nextInt(size), random.nextInt(size));
            OverlayId self = id(random.nextInt(size));
            TreeSet<OverlayId> links = new TreeSet<>();
            for (int i = random.nextInt(6); i > 0; i--) {
                links.add(id(random.nextInt(size)));
            }
            List<Part> parts = ArcSplit.split(arc, self, links);
            TreeSet<OverlayId> children = new TreeSet<>();
            parts.forEach(part -> assertThat(part.arc().contains(part.child())).isTrue());
            parts.forEach(part -> children.add(part.child()));
            links.removeIf(link -> !arc.contains(link) || link.equals(self));
            assertThat(children).isEqualTo(links).hasSameSizeAs(parts);
            for (int i = 0; i <= size; i++) {
                OverlayId at = id(i);
                long holders =
                        parts.stream().filter(part -> part.arc().contains(at)).count();
                boolean isAlone = parts.isEmpty() || hasNoChildOnItsSide(at, arc, self, children);
                boolean isOthers = arc.contains(at) && !at.equals(self) && !isAlone;
                assertThat(holders).as("seed " + seed + ", " + i).isEqualTo(isOthers ? 1 : 0);
            }
        }
    }

    /** Nobody is linked between us and that end of the arc: on a right ring there is nobody. */
    private static boolean hasNoChildOnItsSide(OverlayId at, Arc arc, OverlayId self, Set<OverlayId> children) {
        return arc.contains(self)
                && children.stream().noneMatch(child -> arc.compare(child, self) > 0 == arc.compare(at, self) > 0);
    }

    /** A ring at rest: four neighbours a side, ceil(log2(N) / 2) far links of each at Symphony's distances. */
    private static Map<OverlayId, Set<OverlayId>> ring(int size, SplittableRandom random) {
        TreeMap<OverlayId, Set<OverlayId>> links = new TreeMap<>();
        while (links.size() < size) {
            links.put(randomId(random), new TreeSet<>());
        }
        List<OverlayId> ids = new ArrayList<>(links.keySet());
        int far = (int) Math.ceil(Math.log(size) / Math.log(2) / 2);
        for (int i = 0; i < size; i++) {
            for (int k = 1; k <= NeighbourTable.NEAR; k++) {
                link(links, ids.get(i), ids.get((i + k) % size));
            }
            for (int k = 0; k < far; k++) {
                int steps = (int) Math.pow(size, random.nextDouble());
                link(links, ids.get(i), ids.get(Math.floorMod(random.nextBoolean() ? i + steps : i - steps, size)));
            }
        }
        return links;
    }

    private static void link(Map<OverlayId, Set<OverlayId>> links, OverlayId one, OverlayId other) {
        if (!one.equals(other)) {
            links.getOrDefault(one, new TreeSet<>()).add(other);
            links.getOrDefault(other, new TreeSet<>()).add(one);
        }
    }

    /** How each is reached from the first on: the sum of all hops. Fails if one is reached twice or not at all. */
    private static int hops(Map<OverlayId, Set<OverlayId>> links, boolean clockwiseOnly) {
        record Task(OverlayId at, Arc arc, int hops) {}
        OverlayId source = links.keySet().iterator().next();
        TreeMap<OverlayId, Integer> reached = new TreeMap<>(Map.of(source, 0));
        Deque<Task> tasks = new ArrayDeque<>(List.of(new Task(source, Arc.whole(source), 0)));
        while (!tasks.isEmpty()) {
            Task task = tasks.remove();
            Set<OverlayId> known = links.getOrDefault(task.at(), new TreeSet<>());
            List<Part> parts = clockwiseOnly
                    ? clockwise(task.arc(), task.at(), known)
                    : ArcSplit.split(task.arc(), task.at(), known);
            for (Part part : parts) {
                assertThat(reached.put(part.child(), task.hops() + 1)).isNull();
                tasks.add(new Task(part.child(), part.arc(), task.hops() + 1));
            }
        }
        assertThat(reached).hasSameSizeAs(links);
        return reached.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** What was published: a child sees to what lies from itself up to the next child. */
    private static List<Part> clockwise(Arc arc, OverlayId self, Set<OverlayId> links) {
        List<OverlayId> children = new ArrayList<>(links);
        children.removeIf(link -> !arc.contains(link) || link.equals(self));
        children.sort(arc::compare);
        OverlayId end = arc.isWhole() ? self.minus(Arc.STEP) : arc.to();
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < children.size(); i++) {
            OverlayId to = i == children.size() - 1 ? end : children.get(i + 1).minus(Arc.STEP);
            parts.add(new Part(children.get(i), new Arc(children.get(i).minus(Arc.STEP), to)));
        }
        return parts;
    }

    @Test
    void ringAtRest_reachesEachMemberOnce_inFewerHopsThanOneWayOnly() {
        for (int size : new int[] {1, 2, 9, 16, 64, 256, 1024}) {
            int both = 0;
            int one = 0;
            for (long seed = 1; seed <= 10; seed++) {
                Map<OverlayId, Set<OverlayId>> links = ring(size, new SplittableRandom(seed));
                both += hops(links, false);
                one += hops(links, true);
            }
            System.out.printf(
                    "broadcast, static model: %d members: mean hops %.2f, one way %.2f%n",
                    size, both / 10.0 / size, one / 10.0 / size);
            assertThat(both).isLessThanOrEqualTo(one);
        }
    }
}
