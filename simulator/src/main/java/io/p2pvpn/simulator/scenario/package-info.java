/**
 * What {@code p2pvpn simulate} runs: worlds of real nodes, what is done to them, and what is measured.
 *
 * <p>{@link io.p2pvpn.simulator.scenario.Scenarios} names the scenarios,
 * {@link io.p2pvpn.simulator.scenario.Settings} holds what one run shall be like, and
 * {@link io.p2pvpn.simulator.scenario.Simulation#run} runs it. A run is a function of its settings, but for the time
 * and the memory it takes.
 *
 * <p>Thread rule: a run belongs to the thread that calls it; settings and results are immutable.
 */
@NullMarked
package io.p2pvpn.simulator.scenario;

import org.jspecify.annotations.NullMarked;
