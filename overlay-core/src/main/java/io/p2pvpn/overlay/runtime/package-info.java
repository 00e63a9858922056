/**
 * The world as protocol code sees it: time, timers, randomness, datagrams, a small store and counters.
 *
 * <p>Protocol code reaches nothing else. Two implementations exist: real sockets and an event loop
 * ({@code io.p2pvpn.overlay.host}), and virtual time with a modelled network ({@code io.p2pvpn.simulator}).
 *
 * <p>Thread rule: every method of these interfaces is called on the node's own loop, and every callback runs there,
 * unless a method says otherwise. What a {@link io.p2pvpn.overlay.runtime.DataQueue} is made of belongs to that queue.
 */
@NullMarked
package io.p2pvpn.overlay.runtime;

import org.jspecify.annotations.NullMarked;
