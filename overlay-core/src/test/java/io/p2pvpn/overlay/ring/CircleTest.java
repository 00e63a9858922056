package io.p2pvpn.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CircleTest {
    private static final int STEPS = 20_000;

    /** Few of them, so that they meet; half of them share their first bits. */
    private static OverlayId id(SplittableRandom random) {
        byte[] bytes = new byte[OverlayId.BYTES];
        bytes[0] = random.nextBoolean() ? 7 : (byte) random.nextInt(256);
        bytes[OverlayId.BYTES - 1] = (byte) random.nextInt(16);
        return OverlayId.of(bytes);
    }

    private static List<String> around(Circle<String> circle, OverlayId from, boolean clockwise) {
        List<String> met = new ArrayList<>();
        int place = circle.lowerBound(from);
        for (int k = 0; k < circle.size(); k++) {
            met.add(circle.value(circle.around(place, k, clockwise)));
        }
        return met;
    }

    @Test
    void anyCalls_agreeWithATreeMap() {
        SplittableRandom random = new SplittableRandom(1);
        Circle<String> circle = new Circle<>();
        TreeMap<OverlayId, String> oracle = new TreeMap<>();
        for (int step = 0; step < STEPS; step++) {
            OverlayId id = id(random);
            if (random.nextInt(3) == 0) {
                assertThat(circle.remove(id)).isEqualTo(oracle.remove(id));
            } else {
                assertThat(circle.put(id, "v" + step)).isEqualTo(oracle.put(id, "v" + step));
            }
            OverlayId asked = id(random);
            assertThat(circle.get(asked)).isEqualTo(oracle.get(asked));
            assertThat(circle.contains(asked)).isEqualTo(oracle.containsKey(asked));
            assertThat(circle.lowerBound(asked))
                    .isEqualTo(oracle.headMap(asked, false).size());
        }
        assertThat(circle.values()).isEqualTo(List.copyOf(oracle.values()));
    }

    @Test
    void around_bothWays_meetsEachOnce() {
        SplittableRandom random = new SplittableRandom(2);
        Circle<String> circle = new Circle<>();
        TreeMap<OverlayId, String> oracle = new TreeMap<>();
        for (int i = 0; i < 50; i++) {
            OverlayId from = id(random);
            List<String> clockwise = new ArrayList<>(oracle.tailMap(from).values());
            clockwise.addAll(oracle.headMap(from).values());
            assertThat(around(circle, from, true)).isEqualTo(clockwise);
            Collections.reverse(clockwise);
            assertThat(around(circle, from, false)).isEqualTo(clockwise);
            OverlayId id = id(random);
            circle.put(id, "v" + i);
            oracle.put(id, "v" + i);
        }
    }
}
