package io.p2pvpn.vpn.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The document of {@code p2pvpn peers}.
 *
 * @param peers one entry for each session and ring in which it serves a purpose
 */
public record PeersReport(List<Peer> peers) {
    /**
     * One peer.
     *
     * @param overlayId in that namespace's ring, or in the public ring when {@code namespace} is null
     * @param name host name inside the namespace; null when it has none or it is not known yet
     * @param namespace null for the public ring
     * @param virtualIp first IPv4 address; null when it is not known
     * @param purposes of {@code near}, {@code far}, {@code chota}, {@code relay}, {@code bootstrap}
     * @param handshakeAgeSeconds since the last completed handshake
     * @param sentBytes to the peer, payload, over all paths
     * @param receivedBytes from the peer
     * @param reason why this path and no better one; null when there is nothing better to wish for
     * @param paths every path of the session, the active one first
     */
    public record Peer(
            String overlayId,
            @Nullable String name,
            @Nullable String namespace,
            @Nullable String virtualIp,
            List<String> purposes,
            long handshakeAgeSeconds,
            long sentBytes,
            long receivedBytes,
            @Nullable String reason,
            List<PathStatus> paths) {}

    /**
     * One path to a peer.
     *
     * @param kind {@code udp}, {@code tcp}, {@code tls}, {@code relay} or {@code ring}
     * @param remote the endpoint datagrams go to; null for a ring path
     * @param via overlay ID of the relay; null for a direct path
     * @param active whether traffic takes it
     * @param rttMillis smoothed round trip; null before the first sample
     * @param lossRatio 0 to 1; null before it is known
     * @param mtu largest IP packet that it carries in one datagram, as far as known; bytes
     */
    public record PathStatus(
            String kind,
            @Nullable String remote,
            @Nullable String via,
            boolean active,
            @Nullable Double rttMillis,
            @Nullable Double lossRatio,
            int mtu) {}
}
