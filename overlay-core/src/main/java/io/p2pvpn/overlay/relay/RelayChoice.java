package io.p2pvpn.overlay.relay;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.Comparator;
import java.util.List;

/** Which of several possible relays is asked first. Pure. */
@FunctionalInterface
public interface RelayChoice {
    /** Counts for a round trip that has not been measured. */
    long RTT_UNKNOWN_NANOS = 500_000_000L;

    /** The least sum of both legs' round trips first; equals by node ID. */
    RelayChoice LEAST_ROUND_TRIP = common -> common.stream()
            .sorted(Comparator.comparingLong(Candidate::sumNanos).thenComparing(Candidate::nodeId))
            .toList();

    /**
     * A node with which both ends have a direct path.
     *
     * @param nodeId who
     * @param nearRttNanos round trip of our leg, or -1 if unknown
     * @param farRttNanos round trip of the peer's leg as the peer says, or -1 if unknown
     */
    record Candidate(OverlayId nodeId, long nearRttNanos, long farRttNanos) {
        long sumNanos() {
            return (nearRttNanos < 0 ? RTT_UNKNOWN_NANOS : nearRttNanos)
                    + (farRttNanos < 0 ? RTT_UNKNOWN_NANOS : farRttNanos);
        }
    }

    /** The same candidates, best first. */
    List<Candidate> order(List<Candidate> common);
}
