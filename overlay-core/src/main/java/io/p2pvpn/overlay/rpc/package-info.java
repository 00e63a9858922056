/**
 * Request and reply over anything that carries small messages: a session, or a ring. Confined to the node's loop.
 */
@NullMarked
package io.p2pvpn.overlay.rpc;

import org.jspecify.annotations.NullMarked;
