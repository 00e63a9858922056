/**
 * Paths through one relay (docs/protocol.md section 5.6).
 *
 * <pre>
 *        label r1 -&gt;                label b -&gt;
 *   A ------------------- R ------------------- B
 *        &lt;- label a                 &lt;- label r2
 * </pre>
 *
 * <p>Two nodes that have a session but no direct path ask a third one, with which both have a direct path, to forward
 * their frames. Every label is chosen by the node that receives it. The relay swaps labels and forwards; the frames
 * stay sealed between the ends. Both legs are direct, always: relays never chain.
 *
 * <p>Confined to the node's loop.
 */
@NullMarked
package io.p2pvpn.overlay.relay;

import org.jspecify.annotations.NullMarked;
