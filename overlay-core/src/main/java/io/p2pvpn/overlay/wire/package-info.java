/**
 * The bytes of frames and control messages; docs/protocol.md draws them.
 *
 * <p>Every frame starts with the same 20 bytes, big endian:
 *
 * <pre>
 *  0               1               2               3
 *  +-------+-------+---------------+---------------+---------------+
 *  |version| type  |     lane      |           zero                |
 *  +-------+-------+---------------+---------------+---------------+
 *  |                        receiver index                         |
 *  +---------------------------------------------------------------+
 *  |                  relay label (0 = no relay)                   |
 *  +---------------------------------------------------------------+
 *  |                                                               |
 *  +                           counter                             +
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |          ciphertext (kind, channel, content), tag (16)        |
 * </pre>
 *
 * <p>Immutable values and stateless functions; any thread.
 */
@NullMarked
package io.p2pvpn.overlay.wire;

import org.jspecify.annotations.NullMarked;
