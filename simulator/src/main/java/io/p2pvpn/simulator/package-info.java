/**
 * A deterministic world for the real protocol code: virtual time, modelled links, seeded randomness.
 *
 * <p>A run is a function of its seed and of the calls made on it; {@link io.p2pvpn.simulator.SimWorld#digest} proves
 * that two runs were the same. How to write a test:
 *
 * <pre>{@code
 * SimSeeds.forEach(50, seed -> {                           // names the failing seed and how to replay it
 *     SimWorld world = new SimWorld(seed);
 *     SimNetwork network = world.network();
 *     network.setDefaultLink(LinkModel.INTERNET.withLoss(0.05));
 *     SimHost a = network.addHost("a");
 *     SimHost b = network.addHost("b");                    // addresses are handed out; b.address() is its endpoint
 *     Node one = new Node(a.start());                      // start() gives the NodeRuntime of a node's life
 *     Node two = new Node(b.start());
 *     world.after(5_000_000_000L, () -> network.isolate(List.of(b)));    // also clog, crash, restart, roam, sleep
 *     network.addTap((now, from, to, frame) -> frame);     // see, change (a new array) or swallow (null) any frame
 *     assertThat(world.runUntil(one::isConnected, 30_000_000_000L)).isTrue();
 * });
 * }</pre>
 *
 * <p>Thread rule: a world and all in it belong to the one thread that runs it. Worlds share nothing.
 */
@NullMarked
package io.p2pvpn.simulator;

import org.jspecify.annotations.NullMarked;
