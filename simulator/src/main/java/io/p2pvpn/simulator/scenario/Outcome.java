package io.p2pvpn.simulator.scenario;

import io.p2pvpn.simulator.plot.Chart;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a scenario measured.
 *
 * @param metrics by name with the unit in it, in the order in which people should read them: numbers, texts, maps of
 *     them, or lists of such maps
 * @param charts the same as pictures, at least one
 */
public record Outcome(Map<String, Object> metrics, List<Chart> charts) {
    /** With one picture. */
    public Outcome(Map<String, Object> metrics, Chart chart) {
        this(metrics, List.of(chart));
    }

    /** Keeps its own copies, the map's in its order. */
    public Outcome {
        charts = List.copyOf(charts);
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    }
}
