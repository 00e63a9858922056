package io.p2pvpn.simulator.chord;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Endpoint;

/**
 * What a Chord node knows of another.
 *
 * @param id its position
 * @param endpoint where its datagrams come from, as whoever told of it has seen
 */
record ChordPeer(OverlayId id, Endpoint endpoint) {}
