/**
 * Far links: the few sessions across the ring that make greedy routing take few hops (a small world after Kleinberg,
 * drawn as in Symphony). Confined to the node's loop.
 */
@NullMarked
package io.p2pvpn.shortcuts.far;

import org.jspecify.annotations.NullMarked;
