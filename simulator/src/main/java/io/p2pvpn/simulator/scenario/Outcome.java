package io.p2pvpn.simulator.scenario;

import io.p2pvpn.simulator.plot.Chart;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a scenario measured.
 *
 * @param metrics by name with the unit in it, in the order in which people should read them: numbers, texts, maps of
 *     them, or lists of such maps
 * @param chart the same as a picture
 */
public record Outcome(Map<String, Object> metrics, Chart chart) {
    /** Keeps its own copy of the map, in its order. */
    public Outcome {
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    }
}
