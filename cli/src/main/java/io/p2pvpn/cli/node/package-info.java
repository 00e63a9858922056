/**
 * How the command line runs a node: what it asks for ({@link io.p2pvpn.cli.node.NodeLauncher}), what it gets
 * ({@link io.p2pvpn.cli.node.RunningNode}) and the life of a foreground daemon from start to signal.
 *
 * <p>Thread rule: the command's main thread blocks on futures that the node completes on its loop; listeners are
 * called on the loop and only print.
 */
@NullMarked
package io.p2pvpn.cli.node;

import org.jspecify.annotations.NullMarked;
