package io.p2pvpn.vpn.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The document of {@code p2pvpn route}.
 *
 * @param target as it was asked for
 * @param namespace in whose ring the route is, null for the public ring
 * @param overlayId the target's ID in that ring
 * @param reached whether the last hop is the target itself
 * @param hops who passes a message on, in order, without this node
 */
public record RouteReport(
        String target, @Nullable String namespace, String overlayId, boolean reached, List<RouteHop> hops) {
    /**
     * One hop.
     *
     * @param overlayId of the member
     * @param name what it calls itself, null if that is not known here
     * @param rttMillis round trip over the ring, milliseconds with fractions; null if it did not answer
     */
    public record RouteHop(
            String overlayId,
            @Nullable String name,
            @Nullable Double rttMillis) {}
}
