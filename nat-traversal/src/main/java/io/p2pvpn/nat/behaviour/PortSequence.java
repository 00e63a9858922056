package io.p2pvpn.nat.behaviour;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which outside port a box will give next, guessed from those it gave (the predictor of symmetric NATs in Brunet:
 * differences of the last ports, used while they scatter little).
 *
 * @param next the port to be expected next
 * @param step how far apart ports are, at least 1
 */
public record PortSequence(int next, int step) {
    private static final int SAMPLES_MIN = 3;
    private static final int STEP_MAX = 32;
    private static final double DEVIATION_MAX = 5;
    private static final int PORT_MAX = 65_535;

    /**
     * The sequence behind these ports, or null if there is none to be seen.
     *
     * @param ports distinct ports in the order in which they were given
     */
    public static @Nullable PortSequence of(List<Integer> ports) {
        if (ports.size() < SAMPLES_MIN) {
            return null;
        }
        double sum = 0;
        double squares = 0;
        int smallest = Integer.MAX_VALUE;
        for (int i = 1; i < ports.size(); i++) {
            int difference = ports.get(i) - ports.get(i - 1);
            sum += difference;
            squares += (double) difference * difference;
            smallest = Math.min(smallest, difference);
        }
        int count = ports.size() - 1;
        double mean = sum / count;
        double deviation = Math.sqrt(Math.max(0, squares / count - mean * mean));
        int next = ports.get(ports.size() - 1) + smallest;
        boolean isSequence = smallest >= 1 && mean <= STEP_MAX && deviation < DEVIATION_MAX && next <= PORT_MAX;
        return isSequence ? new PortSequence(next, smallest) : null;
    }
}
