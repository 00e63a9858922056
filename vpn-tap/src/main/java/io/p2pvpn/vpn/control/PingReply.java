package io.p2pvpn.vpn.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One answered ping.
 *
 * @param seq of the request
 * @param rttMillis round trip, milliseconds with fractions
 * @param path {@code direct}, {@code relay} or {@code ring}
 * @param via overlay IDs in between, empty for a direct path
 * @param reason why this path and no better one; null when that is not known
 */
public record PingReply(
        int seq,
        double rttMillis,
        String path,
        List<String> via,
        @Nullable String reason) {}
