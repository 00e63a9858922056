/**
 * How a session reaches its peer: a direct endpoint, or hop by hop along a ring; and which of several ways is used.
 *
 * <p>Confined to the node's loop.
 */
@NullMarked
package io.p2pvpn.overlay.path;

import org.jspecify.annotations.NullMarked;
