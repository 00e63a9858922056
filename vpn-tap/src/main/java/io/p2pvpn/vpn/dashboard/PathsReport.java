package io.p2pvpn.vpn.dashboard;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which paths carried the traffic of one peer, as far as it was watched.
 *
 * @param changes oldest first
 */
record PathsReport(List<Change> changes) {
    /**
     * A change of the path that carries traffic.
     *
     * @param epochMillis when it was seen
     * @param kind {@code udp}, {@code tcp}, {@code tls}, {@code relay} or {@code ring}; null when none was left
     * @param remote where datagrams go; null for a ring path
     * @param via ID of the relay; null for a direct path
     * @param reason why this path and no better one; null if it is not known
     */
    record Change(
            long epochMillis,
            @Nullable String kind,
            @Nullable String remote,
            @Nullable String via,
            @Nullable String reason) {}
}
