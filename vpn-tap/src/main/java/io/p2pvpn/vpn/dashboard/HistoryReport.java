package io.p2pvpn.vpn.dashboard;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was, as far as it was watched.
 *
 * @param points oldest first, about a second apart
 */
record HistoryReport(List<Point> points) {
    /**
     * One second.
     *
     * @param epochMillis when
     * @param sentBitsPerSecond IP packets into the tunnel
     * @param receivedBitsPerSecond IP packets out of it
     * @param directMillis median round trip of the direct paths that carry traffic; null without one
     * @param relayedMillis the same of the other paths
     * @param peers how many
     */
    record Point(
            long epochMillis,
            long sentBitsPerSecond,
            long receivedBitsPerSecond,
            @Nullable Double directMillis,
            @Nullable Double relayedMillis,
            int peers) {}
}
