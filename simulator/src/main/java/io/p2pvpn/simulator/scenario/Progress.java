package io.p2pvpn.simulator.scenario;

/**
 * How far a run is.
 *
 * @param wallSeconds since it began
 * @param simulatedSeconds how much time has passed in the world
 * @param plannedSeconds how much will have, as far as can be said
 * @param events what happened so far
 * @param eventsPerSecond of wall-clock time, since the last report
 * @param leftSeconds wall-clock time until it is done, if it goes on like this
 */
public record Progress(
        double wallSeconds,
        double simulatedSeconds,
        double plannedSeconds,
        long events,
        double eventsPerSecond,
        double leftSeconds) {}
