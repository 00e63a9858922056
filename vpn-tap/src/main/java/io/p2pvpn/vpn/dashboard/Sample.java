package io.p2pvpn.vpn.dashboard;

import io.p2pvpn.vpn.control.ControlBackend;
import io.p2pvpn.vpn.control.PeersReport;
import io.p2pvpn.vpn.control.PlacesReport;
import io.p2pvpn.vpn.control.StatusReport;

/**
 * What is read off the node once a second.
 *
 * @param sentBytes of IP packets since the node began
 * @param receivedBytes the same
 */
record Sample(StatusReport status, PeersReport peers, PlacesReport places, long sentBytes, long receivedBytes) {
    /** On the node's loop. */
    static Sample of(ControlBackend backend) {
        var counters = backend.counters();
        return new Sample(
                backend.status(),
                backend.peers(),
                backend.places(),
                counters.getOrDefault("data.sent.bytes", 0L),
                counters.getOrDefault("data.received.bytes", 0L));
    }
}
