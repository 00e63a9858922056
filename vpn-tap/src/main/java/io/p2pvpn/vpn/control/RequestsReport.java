package io.p2pvpn.vpn.control;

import java.util.List;

/**
 * The document of {@code p2pvpn requests}.
 *
 * @param requests who waits to be let in, the one that waits longest first
 */
public record RequestsReport(List<Request> requests) {
    /**
     * Somebody who waits.
     *
     * @param overlayId in the public ring
     * @param name what it wants to be called
     * @param namespace which it wants to join
     * @param fingerprint the code that its own screen shows
     * @param waitingSeconds since it first asked
     */
    public record Request(String overlayId, String name, String namespace, String fingerprint, long waitingSeconds) {}
}
