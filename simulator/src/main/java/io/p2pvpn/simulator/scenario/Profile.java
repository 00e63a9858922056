package io.p2pvpn.simulator.scenario;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What people can know of a scenario before it runs.
 *
 * @param name what it is called
 * @param summary what it does and measures, in a line
 * @param nodes how many, when nobody says
 * @param nodesMin the fewest that make sense
 * @param nodesMax the most that it takes
 * @param seconds simulated time of the part that is measured, when nobody says; 0: it is over when all is done
 * @param links what the network is like, when nobody says
 * @param parameters its own settings
 */
public record Profile(
        String name,
        String summary,
        int nodes,
        int nodesMin,
        int nodesMax,
        int seconds,
        Links links,
        List<Parameter> parameters) {
    /** Keeps its own copy of the list. */
    public Profile {
        parameters = List.copyOf(parameters);
    }

    /** The parameter of that name, or null. */
    public @Nullable Parameter parameter(String key) {
        for (Parameter each : parameters) {
            if (each.name().equals(key)) {
                return each;
            }
        }
        return null;
    }
}
