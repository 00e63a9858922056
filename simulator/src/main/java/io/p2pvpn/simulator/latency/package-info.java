/**
 * Latencies of real networks, for the ways between simulated hosts.
 *
 * <p>Thread rule: matrices are immutable; a policy belongs to the thread of its world.
 */
@NullMarked
package io.p2pvpn.simulator.latency;

import org.jspecify.annotations.NullMarked;
