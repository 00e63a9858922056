package io.p2pvpn.cli.demo;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The document of {@code p2pvpn demo}.
 *
 * @param members who joined
 * @param pings every pair and address, while the bootstrap ran
 * @param pingsAfterBootstrapGone the same after it was killed
 * @param tcp one stream, through the VPN and beside it; null when it could not be measured
 * @param seconds from start to verdict
 */
record DemoReport(
        List<Member> members,
        List<Ping> pings,
        List<Ping> pingsAfterBootstrapGone,
        @Nullable Tcp tcp,
        double seconds) {
    /**
     * A member.
     *
     * @param name in the namespace
     * @param virtualIp first IPv4 address
     * @param overlayId in the namespace's ring
     */
    record Member(
            String name,
            @Nullable String virtualIp,
            @Nullable String overlayId) {}

    /**
     * One pair's pings to one address.
     *
     * @param from name of the sender
     * @param to name of the answering member
     * @param address virtual address that was pinged
     * @param sent number of echo requests
     * @param received number of replies
     * @param rttMillis median round trip; null when nothing came back
     * @param path {@code direct}, {@code relay} or {@code ring}; null when it is not known
     */
    record Ping(
            String from,
            String to,
            String address,
            int sent,
            int received,
            @Nullable Double rttMillis,
            @Nullable String path) {
        boolean answered() {
            return sent > 0 && received == sent;
        }
    }

    /**
     * One TCP stream for three seconds.
     *
     * @param vpnMbitPerSecond through the VPN
     * @param bareMbitPerSecond over the links beside it
     */
    record Tcp(double vpnMbitPerSecond, double bareMbitPerSecond) {}

    boolean isSuccess() {
        return tcp != null && allAnswered();
    }

    boolean allAnswered() {
        return !pings.isEmpty()
                && pings.stream().allMatch(Ping::answered)
                && pingsAfterBootstrapGone.size() == pings.size()
                && pingsAfterBootstrapGone.stream().allMatch(Ping::answered);
    }
}
