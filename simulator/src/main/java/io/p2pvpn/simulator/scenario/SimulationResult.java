package io.p2pvpn.simulator.scenario;

import java.util.Map;

/**
 * The document of {@code p2pvpn simulate}.
 *
 * @param scenario which one
 * @param nodes how many in the beginning
 * @param seed what all draws came from
 * @param simulatedSeconds time that passed in the world
 * @param wallSeconds time that it took
 * @param events what happened in the world, how often
 * @param peakHeapBytes the most that the JVM's heap held, garbage included
 * @param invariantViolations how many looks, one a simulated second, found the ring other than it must always be
 * @param digest SHA-256 over all events: the same for the same settings
 * @param metrics see {@link Outcome#metrics}
 */
public record SimulationResult(
        String scenario,
        int nodes,
        long seed,
        double simulatedSeconds,
        double wallSeconds,
        long events,
        long peakHeapBytes,
        int invariantViolations,
        String digest,
        Map<String, Object> metrics) {}
