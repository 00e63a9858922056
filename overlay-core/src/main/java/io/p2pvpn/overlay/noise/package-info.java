/**
 * The cryptographic core of a session: the Noise handshake, the cipher of frames and the primitives under them.
 *
 * <p>The handshake follows the Noise Protocol Framework, revision 34 (https://noiseprotocol.org/noise.html), patterns
 * IK and XX with X25519 and SHA-256, and either AES-256-GCM or ChaCha20-Poly1305. Frames do not use Noise's own
 * transport phase: they carry explicit counters (see {@link io.p2pvpn.overlay.noise.FrameCipher}) under the keys it
 * yields.
 *
 * <p>Static functions may be called by any thread. Every object here belongs to one thread at a time.
 */
@NullMarked
package io.p2pvpn.overlay.noise;

import org.jspecify.annotations.NullMarked;
