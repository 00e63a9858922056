/** Network coordinates: a node's place in the space of round trips (Vivaldi). Confined to the node's loop. */
@NullMarked
package io.p2pvpn.shortcuts.coordinate;

import org.jspecify.annotations.NullMarked;
