package io.p2pvpn.vpn.control;

import java.util.List;

/**
 * One answered ping.
 *
 * @param seq of the request
 * @param rttMillis round trip, milliseconds with fractions
 * @param path {@code direct}, {@code relay} or {@code ring}
 * @param via overlay IDs in between, empty for a direct path
 */
public record PingReply(int seq, double rttMillis, String path, List<String> via) {}
