package io.p2pvpn.vpn.control;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A node's counters and gauges as Prometheus text: counter {@code session.drop.replay} becomes
 * {@code p2pvpn_session_drop_replay_total}, gauge {@code uptime} in {@code seconds} becomes
 * {@code p2pvpn_uptime_seconds}. Confined to the node's loop.
 */
final class MetricsText {
    private static final String PREFIX = "p2pvpn.";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Set<String> registered = new HashSet<>();
    private final Map<String, MultiGauge> gauges = new LinkedHashMap<>();
    private Map<String, Long> latest = Map.of();

    /** The text for this snapshot. Names are fixed by the code, so the registry does not grow with input. */
    String render(Map<String, Long> snapshot, List<Gauge> values) {
        latest = snapshot;
        for (String name : snapshot.keySet()) {
            if (registered.add(name)) {
                FunctionCounter.builder(PREFIX + name.replace('-', '_'), this, text -> text.value(name))
                        .register(registry);
            }
        }
        set(values);
        return registry.scrape();
    }

    /** What is not among the values any more is not in the text any more. */
    private void set(List<Gauge> values) {
        Map<String, List<MultiGauge.Row<?>>> rows = new LinkedHashMap<>();
        gauges.keySet().forEach(name -> rows.put(name, new ArrayList<>()));
        for (Gauge each : values) {
            gauges.computeIfAbsent(
                    each.name(),
                    name -> MultiGauge.builder(PREFIX + name)
                            .description(each.description())
                            .baseUnit(each.unit().isEmpty() ? null : each.unit())
                            .register(registry));
            rows.computeIfAbsent(each.name(), name -> new ArrayList<>())
                    .add(MultiGauge.Row.of(tags(each.labels()), each.value()));
        }
        gauges.forEach((name, gauge) -> gauge.register(rows.getOrDefault(name, List.of()), true));
    }

    private static Tags tags(Map<String, String> labels) {
        Tags tags = Tags.empty();
        for (Map.Entry<String, String> label : labels.entrySet()) {
            tags = tags.and(label.getKey(), label.getValue());
        }
        return tags;
    }

    private double value(String name) {
        return latest.getOrDefault(name, 0L);
    }
}
