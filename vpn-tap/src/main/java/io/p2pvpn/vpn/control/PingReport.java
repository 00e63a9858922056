package io.p2pvpn.vpn.control;

import java.util.List;

/**
 * The document of {@code p2pvpn ping}.
 *
 * @param target as it was asked for
 * @param sent number of pings sent
 * @param received number of pings answered
 * @param replies the answers, in order
 */
public record PingReport(String target, int sent, int received, List<PingReply> replies) {}
