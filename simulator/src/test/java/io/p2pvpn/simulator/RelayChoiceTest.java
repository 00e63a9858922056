package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.wire.Frame;
import io.p2pvpn.simulator.VpnWorld.Node;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Which relay carries a session, and what is felt when it fails. */
class RelayChoiceTest {
    private static final int PUBLIC_MEMBERS = Integer.getInteger("p2pvpn.relay.members", 12);
    private static final int SETTLE_SECONDS = Integer.getInteger("p2pvpn.relay.seconds", 60);
    private static final double OVER_BEST_MAX = 1.1;
    private static final long FRAME_GAP_MILLIS = 50;
    private static final long GAP_MAX_MILLIS = 1_000;

    @Test
    void relayAfterAMinute_isWithinATenthOfTheBest() {
        SimSeeds.forEach(Seeds.count(33), seed -> {
            RelayWorld world = new RelayWorld(seed, PUBLIC_MEMBERS, NatBehaviour.SYMMETRIC);
            world.longestGapMillis(SETTLE_SECONDS, 1000);
            for (Node from : new Node[] {world.first(), world.second()}) {
                Node to = from == world.first() ? world.second() : world.first();
                Path active = RelayWorld.active(from, to);
                assertThat(world.relay(from, to)).as("path " + active).isNotNull();
                double rtt = world.rttBy(Objects.requireNonNull(world.relay(from, to)));
                System.out.printf(
                        Locale.ROOT,
                        "seed %d, %s: relayed %.1f ms (measured %.1f), best %.1f ms%n",
                        seed,
                        from.host().name(),
                        rtt,
                        Objects.requireNonNull(active).rttNanos() / 1e6,
                        world.bestRtt());
                assertThat(rtt).isLessThanOrEqualTo(world.bestRtt() * OVER_BEST_MAX);
            }
        });
    }

    @Test
    void relayThatCrashes_isHardlyFelt_andBothTakeTheSpare() {
        SimSeeds.forEach(Seeds.count(10), seed -> {
            RelayWorld world = new RelayWorld(seed, 4, NatBehaviour.SYMMETRIC);
            world.longestGapMillis(20, FRAME_GAP_MILLIS);
            Node relay = Objects.requireNonNull(world.relay(world.first(), world.second()));
            relay.crash();
            long gap = world.longestGapMillis(10, FRAME_GAP_MILLIS);
            System.out.printf(Locale.ROOT, "seed %d: relay crashed, longest gap %d ms%n", seed, gap);
            assertThat(gap).isLessThanOrEqualTo(GAP_MAX_MILLIS);
            assertThat(world.relay(world.first(), world.second())).isNotNull();
            assertThat(world.relay(world.second(), world.first())).isNotNull();
        });
    }

    @Test
    void spareOfASessionWithoutPackets_isKept() {
        SimSeeds.forEach(Seeds.count(3), seed -> {
            RelayWorld world = new RelayWorld(seed, 4, NatBehaviour.SYMMETRIC);
            world.longestGapMillis(20, FRAME_GAP_MILLIS);
            // The keys that carried these packets are replaced by then.
            world.vpn().runFor(200);
            for (int minute = 1; minute <= 10; minute++) {
                world.vpn().runFor(60);
                assertThat(world.relayPaths()).as("minute %s", minute).isGreaterThanOrEqualTo(2);
            }
        });
    }

    @Test
    void relayThatLosesFrames_isLeft() {
        SimSeeds.forEach(Seeds.count(33), seed -> {
            RelayWorld world = new RelayWorld(seed, 4, NatBehaviour.SYMMETRIC);
            world.longestGapMillis(20, FRAME_GAP_MILLIS);
            Node relay = Objects.requireNonNull(world.relay(world.first(), world.second()));
            var address = relay.host().address();
            SplittableRandom random = new SplittableRandom(seed);
            world.vpn().world().network().addTap((now, from, to, frame) -> {
                boolean forwarded = from.equals(address) && Frame.label(frame, 0) != 0;
                return forwarded && random.nextDouble() < 0.3 ? null : frame;
            });
            int seconds = 0;
            while (seconds < 60
                    && (world.relay(world.first(), world.second()) == relay
                            || world.relay(world.second(), world.first()) == relay)) {
                world.longestGapMillis(1, FRAME_GAP_MILLIS);
                seconds++;
            }
            System.out.printf(Locale.ROOT, "seed %d: losing relay left after %d s%n", seed, seconds);
            assertThat(seconds).isLessThanOrEqualTo(10);
            world.longestGapMillis(30, FRAME_GAP_MILLIS);
            assertThat(world.relay(world.first(), world.second())).isNotNull().isNotSameAs(relay);
        });
    }
}
