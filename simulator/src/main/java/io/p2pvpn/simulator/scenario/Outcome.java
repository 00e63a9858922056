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
 * @param faults what went wrong, in words; the first ones only
 */
public record Outcome(Map<String, Object> metrics, List<Chart> charts, List<String> faults) {
    /** Without a fault. */
    public Outcome(Map<String, Object> metrics, List<Chart> charts) {
        this(metrics, charts, List.of());
    }

    /** With one picture, and without a fault. */
    public Outcome(Map<String, Object> metrics, Chart chart) {
        this(metrics, List.of(chart));
    }

    /** Keeps its own copies, the map's in its order. */
    public Outcome {
        faults = List.copyOf(faults);
        charts = List.copyOf(charts);
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    }
}
