package io.p2pvpn.dht;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

final class ArcTest {
    private final long seed = Long.getLong("p2pvpn.seed", 17);
    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(seed);

    private OverlayId draw() {
        byte[] bytes = new byte[OverlayId.BYTES];
        random.nextBytes(bytes);
        return OverlayId.of(bytes);
    }

    @Test
    void zone_ofEachMember_holdsThePositionsThatItIsNearestTo() {
        for (int size = 1; size < 12; size++) {
            List<OverlayId> members = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                members.add(draw());
            }
            members.sort(null);
            for (int run = 0; run < 100; run++) {
                OverlayId position = draw();
                OverlayId nearest = members.stream()
                        .min((a, b) -> a.ringDistanceTo(position).compareTo(b.ringDistanceTo(position)))
                        .orElseThrow();
                for (int i = 0; i < size; i++) {
                    OverlayId self = members.get(i);
                    Arc zone = Arc.zone(members.get(Math.floorMod(i - 1, size)), self, members.get((i + 1) % size));
                    assertThat(zone.contains(position))
                            .as("seed %d size %d", seed, size)
                            .isEqualTo(self.equals(nearest));
                }
            }
        }
    }

    @Test
    void shifted_byAPositionsIndex_containsTheKeyOfAPositionWithin() {
        for (int run = 0; run < 1000; run++) {
            Arc arc = new Arc(draw(), draw());
            OverlayId key = draw();
            for (int i = 0; i < DhtLimits.REPLICAS; i++) {
                OverlayId position = DhtKeys.position(key, i);
                assertThat(arc.shifted(DhtLimits.REPLICAS - i).contains(key))
                        .as("seed %d", seed)
                        .isEqualTo(arc.contains(position));
            }
        }
    }

    @Test
    void first_isInTheArcAndNothingIsBeforeIt() {
        for (int run = 0; run < 100; run++) {
            Arc arc = new Arc(draw(), draw());
            assertThat(arc.contains(arc.first())).isTrue();
            assertThat(arc.contains(arc.from())).isFalse();
            assertThat(arc.after(arc.first()).contains(arc.first())).isFalse();
        }
    }
}
