package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.dht.DhtKeys;
import io.p2pvpn.dht.DhtRecord;
import io.p2pvpn.dht.GetOptions;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.simulator.RingWorld.Member;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Everything at once: 2 % loss, crashes, cuts, boxes that restart or move to another address, hosts that sleep. When it
 * is over, the ring has to be right again, and what anybody puts into the DHT has to be found by everybody.
 *
 * <p>{@code -Dp2pvpn.seeds=20000} runs 1,000 worlds, {@code -Dp2pvpn.seed=N} the one of that seed.
 */
class ChaosTest {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final int SEEDS = Seeds.count(20);
    private static final int OPEN = 4;
    private static final NatBehaviour[] BOXES = {
        NatBehaviour.FULL_CONE,
        NatBehaviour.RESTRICTED,
        NatBehaviour.PORT_RESTRICTED,
        NatBehaviour.SYMMETRIC,
        NatBehaviour.PORT_RESTRICTED,
        NatBehaviour.SYMMETRIC
    };
    private static final int DOWN_MAX = 3;
    private static final int BOOTSTRAPS = 3;
    private static final long START_GAP_NANOS = SECOND_NANOS / 2;
    private static final long CHAOS_NANOS = 60 * SECOND_NANOS;
    private static final double GAP_MEAN_SECONDS = 2;
    private static final long RIGHT_LIMIT_NANOS = 180 * SECOND_NANOS;
    private static final int TTL_SECONDS = 600;

    /** One world. */
    private static final class Chaos {
        private final DhtWorld dhts;
        private final SplittableRandom random;
        private final List<Member> members = new ArrayList<>();
        private final List<SimNat> boxes = new ArrayList<>();
        private final Set<Integer> down = new TreeSet<>();
        private @Nullable Partition cut;
        private long endNanos;
        private int moves;

        Chaos(long seed) {
            dhts = new DhtWorld(seed, LinkModel.INTERNET.withLoss(0.02));
            random = new SplittableRandom(seed);
            dhts.ring().setTraversing(true);
            SimNetwork network = dhts.world().network();
            for (int i = 0; i < OPEN + BOXES.length; i++) {
                SimHost host;
                if (i < OPEN) {
                    host = network.addHost("n" + i);
                } else {
                    SimNat box = network.addNat(BOXES[i - OPEN]);
                    boxes.add(box);
                    host = box.addHost("n" + i);
                }
                Member member = dhts.ring().join(host);
                dhts.serve(member);
                members.add(member);
                dhts.world().runFor(START_GAP_NANOS);
            }
        }

        void run() {
            assertRight("at first");
            endNanos = dhts.world().nanoTime() + CHAOS_NANOS;
            later();
            dhts.world().run(endNanos);
            dhts.world().network().healAll();
            List.copyOf(down).forEach(this::restart);
            assertRight("after the chaos");
            assertFound();
        }

        private void later() {
            double seconds = -StrictMath.log(1 - random.nextDouble()) * GAP_MEAN_SECONDS;
            dhts.world().after((long) (seconds * SECOND_NANOS), () -> {
                if (dhts.world().nanoTime() < endNanos) {
                    happen();
                    later();
                }
            });
        }

        private void happen() {
            switch (random.nextInt(5)) {
                case 0 -> crash(random.nextInt(members.size()));
                case 1 -> cut();
                case 2 -> boxes.get(random.nextInt(boxes.size())).flush();
                case 3 -> move(boxes.get(random.nextInt(boxes.size())));
                default -> members.get(random.nextInt(members.size())).host().sleep(seconds(2, 30));
            }
        }

        private long seconds(int least, int most) {
            return random.nextInt(least, most + 1) * SECOND_NANOS;
        }

        private void crash(int number) {
            if (down.size() < DOWN_MAX && down.add(number)) {
                dhts.crash(members.get(number));
                dhts.world().after(seconds(1, 20), () -> restart(number));
            }
        }

        private void restart(int number) {
            if (down.remove(number)) {
                List<Member> bootstraps = new ArrayList<>(members.subList(0, BOOTSTRAPS));
                bootstraps.remove(members.get(number));
                dhts.ring().restart(members.get(number), bootstraps.toArray(Member[]::new));
                dhts.serve(members.get(number));
            }
        }

        private void cut() {
            if (cut != null) {
                return;
            }
            List<SimHost> island = new ArrayList<>();
            for (Member member : members) {
                if (random.nextInt(3) == 0) {
                    island.add(member.host());
                }
            }
            Partition made = dhts.world().network().isolate(island);
            cut = made;
            dhts.world().after(seconds(3, 25), () -> {
                dhts.world().network().heal(made);
                cut = null;
            });
        }

        private void move(SimNat box) {
            byte[] address = {99, 0, 0, (byte) ++moves};
            var outside = Endpoint.of(Endpoint.Kind.UDP, address, SimNetwork.DEFAULT_PORT);
            if (outside != null) {
                box.setOutside(outside);
            }
        }

        private void assertRight(String when) {
            boolean right = dhts.ring().runUntilRight(RIGHT_LIMIT_NANOS) >= 0;
            assertThat(right).as("%s: %s", when, dhts.ring().wrong()).isTrue();
        }

        private void assertFound() {
            List<String> missing = new ArrayList<>();
            for (Member writer : members) {
                byte[] name = writer.host().name().getBytes(StandardCharsets.US_ASCII);
                OverlayId key = DhtKeys.of("chaos", name);
                var put = dhts.dht(writer).put(key, name, TTL_SECONDS);
                dhts.world().runUntil(put::isDone, 30 * SECOND_NANOS);
                for (Member reader : members) {
                    var get = dhts.dht(reader).get(key, GetOptions.MAJORITY);
                    dhts.world().runUntil(get::isDone, 30 * SECOND_NANOS);
                    List<DhtRecord> found = get.isDone() ? get.join().records() : List.of();
                    if (found.size() != 1
                            || !new String(found.get(0).value(), StandardCharsets.US_ASCII)
                                    .equals(writer.host().name())) {
                        missing.add(
                                writer.host().name() + " for " + reader.host().name());
                    }
                }
            }
            assertThat(missing).isEmpty();
        }
    }

    @Test
    void lossCrashesCutsNewMappingsAndSleep_areHealed() {
        SimSeeds.forEach(SEEDS, seed -> new Chaos(seed).run());
    }
}
