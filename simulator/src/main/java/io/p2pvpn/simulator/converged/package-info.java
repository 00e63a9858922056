/** Rings of many members that stand as they should: what routing and broadcast do at sizes that no machine can run. */
@NullMarked
package io.p2pvpn.simulator.converged;

import org.jspecify.annotations.NullMarked;
