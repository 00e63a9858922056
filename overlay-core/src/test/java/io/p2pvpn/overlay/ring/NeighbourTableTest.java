package io.p2pvpn.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.runtime.TestNet;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.session.TestPeer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class NeighbourTableTest {
    private final TestPeer a;
    private final Session session;

    NeighbourTableTest() {
        TestNet net = new TestNet(1);
        a = new TestPeer(net.add(1));
        TestPeer b = new TestPeer(net.add(2));
        a.call(b);
        net.runFor(1_000_000_000L);
        session = a.with(b);
    }

    private static OverlayId randomId(SplittableRandom random) {
        byte[] bytes = new byte[OverlayId.BYTES];
        random.nextBytes(bytes);
        return OverlayId.of(bytes);
    }

    private RingPeer peer(OverlayId id, boolean joined) {
        RingPeer peer = new RingPeer(id, session, 0, new byte[0]);
        assertThat(peer.onStatus(joined, 1, 0, 0)).isTrue();
        return peer;
    }

    /** The first four clockwise (or not) from {@code self} in a sorted list. */
    private static List<OverlayId> oracle(OverlayId self, Set<OverlayId> ids, boolean clockwise) {
        return oracle(self, ids, clockwise, NeighbourTable.NEAR);
    }

    private static List<OverlayId> oracle(OverlayId self, Set<OverlayId> ids, boolean clockwise, int count) {
        List<OverlayId> sorted = new ArrayList<>(ids);
        sorted.sort((x, y) -> clockwise
                ? self.clockwiseDistanceTo(x).compareTo(self.clockwiseDistanceTo(y))
                : x.clockwiseDistanceTo(self).compareTo(y.clockwiseDistanceTo(self)));
        return sorted.subList(0, Math.min(count, sorted.size()));
    }

    @Test
    void isAmongNearest_ofManyPeers_areAsManyOnBothSides() {
        SplittableRandom random = new SplittableRandom(1);
        for (int size : new int[] {1, 2 * NeighbourTable.NEARBY, 2 * NeighbourTable.NEARBY + 1, 60}) {
            OverlayId self = randomId(random);
            NeighbourTable table = new NeighbourTable(self);
            List<OverlayId> ids = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                ids.add(randomId(random));
                table.add(peer(ids.get(i), true));
            }
            ids.sort((x, y) -> self.clockwiseDistanceTo(x).compareTo(self.clockwiseDistanceTo(y)));
            for (int i = 0; i < size; i++) {
                assertThat(table.isAmongNearest(ids.get(i)))
                        .as("the %dth of %d", i, size)
                        .isEqualTo(i < NeighbourTable.NEARBY || size - 1 - i < NeighbourTable.NEARBY);
            }
        }
    }

    @Test
    void near_ofRandomPeers_agreesWithASortedList() {
        for (long seed = 1; seed <= 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            OverlayId self = randomId(random);
            NeighbourTable table = new NeighbourTable(self);
            TreeSet<OverlayId> joined = new TreeSet<>();
            int size = random.nextInt(30);
            for (int i = 0; i < size; i++) {
                boolean isJoined = random.nextInt(4) > 0;
                OverlayId id = randomId(random);
                table.add(peer(id, isJoined));
                if (isJoined) {
                    joined.add(id);
                }
            }
            for (boolean clockwise : new boolean[] {true, false}) {
                List<OverlayId> near =
                        table.near(clockwise).stream().map(RingPeer::id).toList();
                assertThat(near).as("seed " + seed).isEqualTo(oracle(self, joined, clockwise));
                assertThat(table.wanted(clockwise)).isEqualTo(oracle(self, joined, clockwise));
            }
            assertNearestEdge(table, joined, randomId(random));
        }
    }

    private static void assertNearestEdge(NeighbourTable table, Set<OverlayId> joined, OverlayId position) {
        RingPeer nearest = table.nearestEdge(position);
        OverlayId expected = null;
        for (OverlayId id : joined) {
            boolean nearer =
                    expected == null || position.ringDistanceTo(id).compareTo(position.ringDistanceTo(expected)) < 0;
            expected = nearer ? id : expected;
        }
        assertThat(nearest == null ? null : nearest.id()).isEqualTo(expected);
    }

    @Test
    void nearness_ofAnyId_isWhetherTheSortedListWouldTakeIt() {
        PublicIdentity identity = a.identity().publicIdentity();
        for (long seed = 1; seed <= 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            OverlayId self = randomId(random);
            NeighbourTable table = new NeighbourTable(self);
            TreeSet<OverlayId> ids = new TreeSet<>();
            int size = random.nextInt(20);
            for (int i = 0; i < size; i++) {
                OverlayId id = randomId(random);
                ids.add(id);
                table.add(new Contact(id, identity, List.of()));
            }
            OverlayId asked = randomId(random);
            TreeSet<OverlayId> with = new TreeSet<>(ids);
            with.add(asked);
            boolean expected = oracle(self, with, true).contains(asked)
                    || oracle(self, with, false).contains(asked);
            assertThat(table.nearness().test(asked)).as("seed " + seed).isEqualTo(expected);
            int withSpares = NeighbourTable.NEAR + NeighbourTable.SPARE;
            boolean expectedSpare = oracle(self, with, true, withSpares).contains(asked)
                    || oracle(self, with, false, withSpares).contains(asked);
            assertThat(table.nearnessWithSpares().test(asked))
                    .as("seed " + seed)
                    .isEqualTo(expectedSpare);
        }
    }

    @Test
    void remove_ofAMember_leavesASuspectThatTakesNobodysPlace() {
        SplittableRandom random = new SplittableRandom(4);
        OverlayId self = randomId(random);
        NeighbourTable table = new NeighbourTable(self);
        TreeSet<OverlayId> ids = new TreeSet<>();
        for (int i = 0; i < 9; i++) {
            ids.add(self.plusFraction(i + 1, 100));
        }
        // All share one session, which is that of the last one added.
        ids.descendingSet()
                .forEach(id ->
                        table.add(id.equals(ids.first()) ? peer(id, true) : new RingPeer(id, session, 0, new byte[0])));
        OverlayId lost = ids.first();
        ids.forEach(id -> {
            RingPeer known = table.peer(id);
            assertThat(known).isNotNull();
            known.onStatus(true, 2, 0, 0);
        });
        assertThat(table.remove(session)).isNotNull();
        List<OverlayId> wanted = table.wanted(true);
        assertThat(wanted).hasSize(NeighbourTable.NEAR + 1).contains(lost);
        assertThat(table.first(true)).isEqualTo(lost);
        table.onFailed(lost, 0);
        assertThat(table.first(true)).isEqualTo(self.plusFraction(2, 100));
        assertThat(table.wanted(true)).hasSize(NeighbourTable.NEAR).doesNotContain(lost);
        assertThat(table.hasFailed(lost, 14_000_000_000L)).isTrue();
        assertThat(table.hasFailed(lost, 16_000_000_000L)).isFalse();
    }

    @Test
    void wanted_withManyThatWereOnlyNamed_keepsTheLinkedOnes() {
        NeighbourTable table = new NeighbourTable(OverlayId.ZERO);
        PublicIdentity identity = a.identity().publicIdentity();
        for (int i = 1; i <= 20; i++) {
            table.add(new Contact(OverlayId.ZERO.plusFraction(i, 1000), identity, List.of()));
        }
        OverlayId linked = OverlayId.ZERO.plusFraction(30, 1000);
        table.add(peer(linked, true));
        assertThat(table.wanted(true)).hasSize(NeighbourTable.NEAR + 1).endsWith(linked);
    }

    @Test
    void add_ofTooManyContacts_keepsTheNearest() {
        SplittableRandom random = new SplittableRandom(5);
        OverlayId self = randomId(random);
        NeighbourTable table = new NeighbourTable(self);
        PublicIdentity identity = a.identity().publicIdentity();
        TreeSet<OverlayId> ids = new TreeSet<>();
        for (int i = 0; i < 500; i++) {
            OverlayId id = randomId(random);
            ids.add(id);
            table.add(new Contact(id, identity, List.of()));
        }
        long kept = ids.stream().filter(table::isKnown).count();
        assertThat(kept).isEqualTo(NeighbourTable.CONTACTS_MAX);
        assertThat(table.wanted(true)).isEqualTo(oracle(self, ids, true));
        assertThat(table.wanted(false)).isEqualTo(oracle(self, ids, false));
    }

    @Test
    void sizeEstimate_ofAnEvenRing_isAboutRight() {
        OverlayId self = OverlayId.ZERO;
        NeighbourTable table = new NeighbourTable(self);
        assertThat(table.sizeEstimate()).isEqualTo(1);
        for (int i = 1; i <= 4; i++) {
            table.add(peer(self.plusFraction(i, 1000), true));
            table.add(peer(self.plusFraction(1000 - i, 1000), true));
        }
        assertThat(table.sizeEstimate()).isBetween(999, 1001);
    }
}
