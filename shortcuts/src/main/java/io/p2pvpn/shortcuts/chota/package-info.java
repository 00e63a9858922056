/**
 * Chotas: sessions that form when traffic wants them and go when it stops. Confined to the node's loop.
 */
@NullMarked
package io.p2pvpn.shortcuts.chota;

import org.jspecify.annotations.NullMarked;
