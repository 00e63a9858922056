package io.p2pvpn.vpn.control;

import io.p2pvpn.vpn.control.StatusReport.EndpointStatus;
import io.p2pvpn.vpn.control.StatusReport.NatStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The document of {@code p2pvpn netcheck}: what the network lets through, as the node has found out so far.
 *
 * @param udp {@code passes}, {@code blocked} or {@code unknown}
 * @param nat how the NAT boxes treat UDP over IPv4
 * @param hairpinTested false while {@code nat.hairpin} means nothing yet
 * @param preservesPorts whether outside ports are those inside; null while unknown
 * @param ipv4 addresses and use of that family
 * @param ipv6 addresses and use of that family
 * @param endpoints where the node can be reached, as far as it knows
 * @param punching what looking for unknown ports may cost and did
 * @param relays nodes that forward for this one now
 * @param peers whom the node talks to, at most {@link #PEERS_MAX}, bootstraps first
 */
public record NetcheckReport(
        String udp,
        NatStatus nat,
        boolean hairpinTested,
        @Nullable Boolean preservesPorts,
        Family ipv4,
        Family ipv6,
        List<EndpointStatus> endpoints,
        Punching punching,
        List<Relay> relays,
        List<Peer> peers) {
    /** Peers listed. */
    public static final int PEERS_MAX = 64;

    /**
     * One IP version.
     *
     * @param addresses global ones of the host's interfaces
     * @param proven whether some peer is reached straight over it now
     */
    public record Family(List<String> addresses, boolean proven) {}

    /**
     * The budget of hole punching, and what it was spent on since the start.
     *
     * @param packetsPerSecond at most, for all peers together; 0 when it is off
     * @param sockets open at a time at most, for one peer
     * @param probes of one attempt at most
     * @param backoffMaxSeconds longest pause between two attempts for one peer
     * @param packetsSent to unknown ports, or to have ports opened
     * @param begun attempts that this node began
     * @param asked attempts that peers began
     * @param found attempts of this node that found a way
     * @param failed those that did not
     */
    public record Punching(
            int packetsPerSecond,
            int sockets,
            int probes,
            long backoffMaxSeconds,
            long packetsSent,
            long begun,
            long asked,
            long found,
            long failed) {}

    /**
     * A node that forwards.
     *
     * @param overlayId in the public ring
     * @param peers how many are reached through it
     */
    public record Relay(String overlayId, int peers) {}

    /**
     * One peer.
     *
     * @param overlayId in the public ring
     * @param purposes of {@code near}, {@code far}, {@code chota}, {@code relay}, {@code bootstrap}
     * @param kind of the path: {@code udp}, {@code tcp}, {@code tls}, {@code relay} or {@code ring}; null without one
     * @param remote its endpoint on a direct path
     * @param rttMillis smoothed round trip; null before the first sample
     * @param reason why this path and no better one
     */
    public record Peer(
            String overlayId,
            List<String> purposes,
            @Nullable String kind,
            @Nullable String remote,
            @Nullable Double rttMillis,
            @Nullable String reason) {}
}
