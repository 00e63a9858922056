/**
 * Streams between the two ends of a session: reliable, in order, flow- and congestion-controlled bytes, many at a time,
 * in the session's own sealed frames (docs/protocol.md section 5.11). After the model of QUIC: RFC 9000 for streams and
 * flow control, RFC 9002 for loss, RFC 9438 (CUBIC) for congestion; without its handshake, keys and connection
 * identifiers, since a session has all of them.
 *
 * <pre>
 *   StreamLayer -> StreamConnection (one for each session) -> ByteStream
 *                    |  PacketCodec: what a packet says       |  SendBuffer, ReceiveBuffer
 *                    |  SentPackets, RttEstimator: loss       |
 *                    |  Cubic, Pacer: how fast                |
 * </pre>
 *
 * <p>Confined to the node's loop; the clock and timers are those of the runtime.
 */
@NullMarked
package io.p2pvpn.overlay.stream;

import org.jspecify.annotations.NullMarked;
