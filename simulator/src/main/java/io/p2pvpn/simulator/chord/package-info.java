/**
 * Plain Chord (Stoica et al., ToN 2003), for comparison only: finger tables, iterative look-up, no relays and no hole
 * punching. What it is like to run an overlay whose members just send each other datagrams.
 *
 * <p>Thread rule: as everything in the simulator, confined to the thread that runs the world.
 */
@NullMarked
package io.p2pvpn.simulator.chord;

import org.jspecify.annotations.NullMarked;
