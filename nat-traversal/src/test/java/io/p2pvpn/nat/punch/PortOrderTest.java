package io.p2pvpn.nat.punch;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.nat.behaviour.PortSequence;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PortOrderTest {
    @Test
    void next_asOftenAsThereArePorts_visitsEachOnce() {
        SplittableRandom random = new SplittableRandom(1);
        for (int run = 0; run < 50; run++) {
            PortOrder order = new PortOrder(random, null);
            BitSet seen = new BitSet();
            for (int i = 0; i < PortOrder.PORTS; i++) {
                int port = order.next();
                assertThat(port >= PortOrder.PORT_MIN && port <= 65_535 && !seen.get(port))
                        .as("run %d, port %d", run, port)
                        .isTrue();
                seen.set(port);
            }
            assertThat(seen.cardinality()).isEqualTo(PortOrder.PORTS);
        }
    }

    @Test
    void next_withExpectedOnes_triesThemFirst() {
        PortOrder order = new PortOrder(new SplittableRandom(2), new PortSequence(5000, 3));
        for (int i = 0; i < PortOrder.EXPECTED; i++) {
            assertThat(order.next()).isEqualTo(5000 + 3 * i);
        }
        BitSet others = new BitSet();
        for (int i = 0; i < PortOrder.PORTS; i++) {
            others.set(order.next());
        }
        assertThat(others.cardinality()).isEqualTo(PortOrder.PORTS);
    }

    @Test
    void next_expectedOnesBeyondTheLastPort_arePortsAllTheSame() {
        PortOrder order = new PortOrder(new SplittableRandom(3), new PortSequence(65_530, 10));
        assertThat(order.next()).isEqualTo(65_530);
        for (int i = 0; i < 1000; i++) {
            assertThat(order.next()).isBetween(PortOrder.PORT_MIN, 65_535);
        }
    }
}
