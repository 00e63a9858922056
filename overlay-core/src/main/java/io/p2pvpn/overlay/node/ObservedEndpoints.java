package io.p2pvpn.overlay.node;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Endpoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How peers see us: the last report of each of the latest reporters. Confined to the node's loop. */
final class ObservedEndpoints {
    private static final int REPORTERS_MAX = 32;

    private final Map<OverlayId, Endpoint> reports = new LinkedHashMap<>();
    /** Derived; null when reports have changed since. */
    private @Nullable List<Endpoint> ranked;

    /** True if this is news. */
    boolean onReport(OverlayId reporter, Endpoint endpoint) {
        Endpoint before = reports.remove(reporter);
        // As a rule the peer says what it said before: then nobody else has to be asked.
        Endpoint same = endpoint.equals(before) ? before : reported(endpoint);
        if (!endpoint.equals(before)) {
            ranked = null;
        }
        if (reports.size() >= REPORTERS_MAX) {
            reports.remove(reports.keySet().iterator().next());
        }
        reports.put(reporter, same == null ? endpoint : same);
        return same == null;
    }

    /** The equal one that somebody has reported, or null. */
    private @Nullable Endpoint reported(Endpoint endpoint) {
        for (Endpoint each : reports.values()) {
            if (each.equals(endpoint)) {
                return each;
            }
        }
        return null;
    }

    /** Most often reported first; the address order decides between equals. */
    List<Endpoint> ranked() {
        if (ranked == null) {
            ranked = rank();
        }
        return ranked;
    }

    private List<Endpoint> rank() {
        TreeMap<Endpoint, Integer> counts = new TreeMap<>();
        reports.values().forEach(endpoint -> counts.merge(endpoint, 1, Integer::sum));
        List<Endpoint> endpoints = new ArrayList<>(counts.keySet());
        endpoints.sort((a, b) -> counts.getOrDefault(b, 0) - counts.getOrDefault(a, 0));
        return List.copyOf(endpoints);
    }
}
