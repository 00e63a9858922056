package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingReply;
import io.p2pvpn.overlay.ring.RingService.Delivery;
import io.p2pvpn.shortcuts.far.FarTargets;
import io.p2pvpn.simulator.RingWorld.Member;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * Far links of real nodes: how many, how many hops they leave, and how well the size of the ring is known. With
 * {@code -Dp2pvpn.ring.nodes=1024} at that size.
 */
class FarLinkTest {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final int NODES = Integer.getInteger("p2pvpn.ring.nodes", 96);
    private static final int CALLS = 1500;

    /**
     * Mean greedy hops by log2 N from 4 on, in a static model of Brunet's steady state: 4 near links a side,
     * ceil(log2(N) / 2) far ones. Ours may be fewer, not many more.
     */
    private static final double[] MODEL_HOPS = {1.31, 1.69, 2.29, 2.78, 3.57, 4.16, 5.05};

    private static RingWorld ring(int size, long seed) {
        RingWorld ring = RingWorld.joined(size, seed, LinkModel.INTERNET);
        ring.world().runFor(90 * SECOND_NANOS);
        assertThat(ring.wrong()).isNull();
        return ring;
    }

    @Test
    void steadyRing_countHopsAndSize_areThoseOfTheSmallWorld() {
        RingWorld ring = ring(NODES, 1);
        int[] estimates = ring.members().stream()
                .mapToInt(member -> member.node().publicRing().sizeEstimate())
                .sorted()
                .toArray();
        assertThat(estimates[NODES / 2]).isBetween(NODES * 9 / 10, NODES * 11 / 10);
        assertThat(estimates[NODES / 20]).isGreaterThan(NODES * 2 / 3);
        assertThat(estimates[NODES - 1 - NODES / 20]).isLessThan(NODES * 3 / 2);
        for (Member member : ring.members()) {
            int size = member.node().publicRing().sizeEstimate();
            assertThat(member.farLinks().members().size())
                    .isBetween(FarTargets.count(size) - 1, 2 * FarTargets.count(size));
            assertThat(member.farLinks().members()).doesNotContain(member.id());
        }
        double model = MODEL_HOPS[Math.min(MODEL_HOPS.length - 1, (int) Math.ceil(Math.log(NODES) / Math.log(2)) - 4)];
        assertThat(meanHops(ring, new SplittableRandom(1))).isBetween(0.6 * model, 1.15 * model);
    }

    private static double meanHops(RingWorld ring, SplittableRandom random) {
        List<CompletableFuture<RingReply>> replies = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            Member from = ring.members().get(random.nextInt(ring.members().size()));
            byte[] position = new byte[OverlayId.BYTES];
            random.nextBytes(position);
            replies.add(from.node()
                    .publicRing()
                    .call(OverlayId.of(position), Delivery.NEAREST, Ring.CONTACT_METHOD, new byte[0]));
        }
        ring.world().runFor(6 * SECOND_NANOS);
        return replies.stream().mapToInt(reply -> reply.join().hops()).average().orElse(Double.NaN);
    }

    @Test
    void ringOfTen_hasNone() {
        RingWorld ring = ring(10, 2);
        assertThat(ring.members())
                .allSatisfy(member -> assertThat(member.farLinks().members()).isEmpty());
    }

    @Test
    void lostFarLinks_areReplaced_andSurplusOnesLetGo() {
        RingWorld ring = ring(32, 3);
        Member watched = ring.members().get(5);
        List<OverlayId> before = watched.farLinks().members();
        assertThat(before).isNotEmpty();
        ring.members().stream()
                .filter(member -> member != watched && before.contains(member.id()))
                .forEach(Member::crash);
        ring.world().runFor(60 * SECOND_NANOS);
        assertThat(ring.wrong()).isNull();
        assertThat(watched.farLinks().members())
                .hasSizeGreaterThanOrEqualTo(
                        FarTargets.count(watched.node().publicRing().sizeEstimate()))
                .doesNotContainAnyElementsOf(before);
        List<Member> rest = new ArrayList<>(ring.members());
        rest.removeIf(member -> member == watched || !member.isRunning());
        rest.subList(7, rest.size()).forEach(Member::crash);
        ring.world().runFor(60 * SECOND_NANOS);
        assertThat(ring.wrong()).isNull();
        assertThat(watched.farLinks().members()).isEmpty();
    }

    @Test
    void sameSeed_sameHistory() {
        String[] digests = new String[2];
        Arrays.setAll(digests, i -> ring(24, 4).world().digest());
        assertThat(digests[0]).isEqualTo(digests[1]);
    }
}
