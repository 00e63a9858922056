package io.p2pvpn.vpn.control;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A node's counters as Prometheus text: counter {@code session.drop.replay} becomes
 * {@code p2pvpn_session_drop_replay_total}. Confined to the node's loop.
 */
final class MetricsText {
    private static final String PREFIX = "p2pvpn.";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Set<String> registered = new HashSet<>();
    private Map<String, Long> latest = Map.of();

    /** The text for this snapshot. Counter names are fixed by the code, so the registry does not grow with input. */
    String render(Map<String, Long> snapshot) {
        latest = snapshot;
        for (String name : snapshot.keySet()) {
            if (registered.add(name)) {
                FunctionCounter.builder(PREFIX + name.replace('-', '_'), this, text -> text.value(name))
                        .register(registry);
            }
        }
        return registry.scrape();
    }

    private double value(String name) {
        return latest.getOrDefault(name, 0L);
    }
}
