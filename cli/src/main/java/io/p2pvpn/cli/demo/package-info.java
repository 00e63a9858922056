/**
 * {@code p2pvpn demo}: a small network out of network namespaces on this host, in which real daemons join, ping each
 * other over the VPN and go on without their bootstrap.
 *
 * <pre>
 *   bootstrap      node1          node2    ...        one namespace each, 198.18.i.2/30 on eth0
 *       |            |              |
 *   ----+------------+--------------+------           router namespace, 198.18.i.1/30 on h0, h1, ...
 * </pre>
 *
 * <p>The underlay addresses come from the range that RFC 2544 keeps for benchmarks, so that they meet no real network.
 *
 * <p>Thread rule: one thread runs the demo; a shutdown hook may take it down from another, under the lock of
 * {@link io.p2pvpn.cli.demo.DemoNetwork}.
 */
@NullMarked
package io.p2pvpn.cli.demo;

import org.jspecify.annotations.NullMarked;
