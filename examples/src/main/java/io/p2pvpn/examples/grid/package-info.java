/**
 * A job runner for a grid: workers on hosts behind whatever NAT boxes, a submitter that finds them in the DHT, hands
 * out files and jobs, and gives the jobs of a worker that dies to another. As any user, without a network device.
 */
@NullMarked
package io.p2pvpn.examples.grid;

import org.jspecify.annotations.NullMarked;
