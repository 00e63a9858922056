package io.p2pvpn.nat.punch;

import io.p2pvpn.nat.behaviour.PortSequence;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** All ports from 1024 up, each once: those that are to be expected, then the others in an order like chance. */
final class PortOrder {
    static final int PORT_MIN = 1024;
    /** 2 to the 10th by 9 by 7: a step without these factors visits every port. */
    static final int PORTS = 65_536 - PORT_MIN;
    /** How many of the next ones are tried first. */
    static final int EXPECTED = 64;

    private final @Nullable PortSequence expected;
    private final int start;
    private final int stride;
    private int expectedTried;
    private int tried;

    PortOrder(RandomGenerator random, @Nullable PortSequence expected) {
        this.expected = expected;
        this.start = random.nextInt(PORTS);
        int candidate = 1 + 2 * random.nextInt(PORTS / 2);
        while (candidate % 3 == 0 || candidate % 7 == 0) {
            candidate += 2;
        }
        this.stride = candidate;
    }

    /** The next port; after all of them it starts again. */
    int next() {
        if (expected != null && expectedTried < EXPECTED) {
            int port = expected.next() + expected.step() * expectedTried++;
            if (port >= PORT_MIN && port < PORT_MIN + PORTS) {
                return port;
            }
        }
        return PORT_MIN + (int) ((start + (long) stride * tried++) % PORTS);
    }
}
