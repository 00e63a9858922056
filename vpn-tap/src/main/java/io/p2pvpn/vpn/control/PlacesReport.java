package io.p2pvpn.vpn.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where this node and its peers stand in the space of round trips: distances predict them, in milliseconds.
 *
 * @param own this node; null while it does not know
 * @param peers those that told, one entry for each ring that they share with this node
 */
public record PlacesReport(@Nullable Place own, List<Place> peers) {
    /**
     * One place.
     *
     * @param overlayId in that namespace's ring, or in the public ring when {@code namespace} is null
     * @param namespace null for the public ring
     * @param coreMillis place in the Euclidean core
     * @param heightMillis height above it: the way that all traffic of the node takes first
     * @param error how wrong its predictions are, relative, 0 (right) to 1 (worthless)
     */
    public record Place(
            String overlayId, @Nullable String namespace, List<Double> coreMillis, double heightMillis, double error) {}
}
