/**
 * Pictures of figures over time, and of how they are spread.
 *
 * <p>Thread rule: a chart belongs to the thread that fills it.
 */
@NullMarked
package io.p2pvpn.simulator.plot;

import org.jspecify.annotations.NullMarked;
