package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.Counters.Counter;

/** What becomes of frames, by name ({@code sim.*}) and by field. Confined to one region. */
final class NetworkCounters {
    final Counters all = new Counters();
    final Counter sent = all.counter("sim.sent");
    final Counter delivered = all.counter("sim.delivered");
    final Counter dropByTap = all.counter("sim.drop.tap");
    final Counter dropByLoss = all.counter("sim.drop.loss");
    final Counter dropByMtu = all.counter("sim.drop.mtu");
    final Counter dropByPartition = all.counter("sim.drop.partition");
    final Counter dropByDown = all.counter("sim.drop.down");
    final Counter dropByUnheard = all.counter("sim.drop.unheard");
    final Counter dropByQueue = all.counter("sim.drop.queue");
    final Counter dropByNat = all.counter("sim.drop.nat");
}
