package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.noise.CipherSuite;
import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.overlay.noise.FrameCipher;
import io.p2pvpn.overlay.noise.Mac16;
import io.p2pvpn.overlay.wire.Frame;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Layout of handshake frames around their Noise messages (docs/protocol.md section 3).
 *
 * <pre>
 *   INIT      header | noise message 1 ............ | mac1 (16) | mac2 (16)     always INIT_BYTES long
 *   RESPONSE  header | noise message 2
 *   FINISH    header | noise message 3
 *   COOKIE    header | nonce (12) | sealed cookie (16 + 16)
 * </pre>
 */
final class HandshakePackets {
    /** Every first message has this length, so that no answer is longer than what asked for it. */
    static final int INIT_BYTES = 512;

    static final int MAC_BYTES = 16;
    static final int PATTERN_IK = 1;
    static final int PATTERN_XX = 2;
    private static final int COOKIE_NONCE_BYTES = 12;
    private static final int COOKIE_PACKET_BYTES =
            Frame.HEADER_BYTES + COOKIE_NONCE_BYTES + CookieJar.COOKIE_BYTES + Frame.TAG_BYTES;

    private HandshakePackets() {}

    /** The pattern of a first message, 0 if unknown. */
    static int pattern(byte[] in, int offset) {
        int pattern = (in[offset + Frame.LANE_OFFSET] & 0xff) >> 4;
        return pattern == PATTERN_IK || pattern == PATTERN_XX ? pattern : 0;
    }

    /** The suite of a first message, or null if unknown. */
    static @Nullable CipherSuite suite(byte[] in, int offset) {
        int id = in[offset + Frame.LANE_OFFSET] & 0x0f;
        for (CipherSuite suite : CipherSuite.values()) {
            if (suite.wireId() == id) {
                return suite;
            }
        }
        return null;
    }

    /** What both sides must agree on before anything else: version, suites on offer, the suite taken, the target. */
    static byte[] prologue(int pattern, CipherSuite suite, OverlayId target) {
        byte[] label = "p2pvpn handshake v1".getBytes(StandardCharsets.US_ASCII);
        byte[] prologue = Arrays.copyOf(label, label.length + 5 + OverlayId.BYTES);
        int at = label.length;
        prologue[at++] = Frame.VERSION;
        prologue[at++] = (byte) pattern;
        for (CipherSuite offered : CipherSuite.values()) {
            prologue[at++] = (byte) offered.wireId();
        }
        prologue[at++] = (byte) suite.wireId();
        target.writeTo(prologue, at);
        return prologue;
    }

    /** A first message without its second MAC. */
    static byte[] init(int pattern, CipherSuite suite, int sender, byte[] noise, OverlayId target) {
        byte[] packet = new byte[INIT_BYTES];
        Frame.putHeader(packet, 0, Frame.TYPE_INIT, (pattern << 4) | suite.wireId(), 0, 0);
        Frame.putSender(packet, 0, sender);
        System.arraycopy(noise, 0, packet, Frame.HEADER_BYTES, noise.length);
        int covered = INIT_BYTES - 2 * MAC_BYTES;
        mac1(target).write(packet, 0, covered, packet, covered);
        return packet;
    }

    /** Adds the second MAC. */
    static byte[] withMac2(byte[] packet, byte[] cookie) {
        byte[] proven = packet.clone();
        byte[] mac2 = CookieJar.mac2(cookie, Arrays.copyOf(packet, INIT_BYTES - MAC_BYTES));
        System.arraycopy(mac2, 0, proven, INIT_BYTES - MAC_BYTES, MAC_BYTES);
        return proven;
    }

    /** The Noise message's offset and length follow from the fixed layout. */
    static int initNoiseBytes() {
        return INIT_BYTES - Frame.HEADER_BYTES - 2 * MAC_BYTES;
    }

    /** Makes the first MACs of first messages to {@code target}. */
    static Mac16 mac1(OverlayId target) {
        return new Mac16(Digests.sha256("p2pvpn mac1 v1".getBytes(StandardCharsets.US_ASCII), target.toByteArray()));
    }

    /** Whether a first message carries the first MAC that this makes. */
    static boolean carries(Mac16 mac1, byte[] in, int offset) {
        int covered = INIT_BYTES - 2 * MAC_BYTES;
        return mac1.matches(in, offset, covered, in, offset + covered);
    }

    /** The first MAC that a first message does carry. */
    static byte[] mac1Of(byte[] packet, int offset) {
        int at = offset + INIT_BYTES - 2 * MAC_BYTES;
        return Arrays.copyOfRange(packet, at, at + MAC_BYTES);
    }

    /** The second MAC that a first message carries. */
    static byte[] mac2Of(byte[] packet, int offset) {
        int at = offset + INIT_BYTES - MAC_BYTES;
        return Arrays.copyOfRange(packet, at, at + MAC_BYTES);
    }

    /** A second or third message. */
    static byte[] answer(int type, int receiver, int sender, byte[] noise) {
        byte[] packet = new byte[Frame.HEADER_BYTES + noise.length];
        Frame.putHeader(packet, 0, type, 0, receiver, 0);
        Frame.putSender(packet, 0, sender);
        System.arraycopy(noise, 0, packet, Frame.HEADER_BYTES, noise.length);
        return packet;
    }

    /** Seals cookies for those who called {@code target}. */
    static FrameCipher cookieSealer(OverlayId target) {
        return FrameCipher.of(CipherSuite.AES_256_GCM, cookieKey(target), true);
    }

    /** A cookie for the sender of a first message, readable by whoever knew whom it called. */
    static byte[] cookie(int receiver, byte[] cookie, byte[] mac1, FrameCipher sealer, byte[] nonce) {
        byte[] packet = new byte[COOKIE_PACKET_BYTES];
        Frame.putHeader(packet, 0, Frame.TYPE_COOKIE, 0, receiver, 0);
        System.arraycopy(nonce, 0, packet, Frame.HEADER_BYTES, COOKIE_NONCE_BYTES);
        int lane = Frame.receiver(nonce, -Frame.RECEIVER_OFFSET);
        long counter = Frame.counter(nonce, 4 - Frame.COUNTER_OFFSET);
        int at = Frame.HEADER_BYTES + COOKIE_NONCE_BYTES;
        sealer.seal(lane, counter, mac1, 0, mac1.length, cookie, 0, cookie.length, packet, at);
        return packet;
    }

    /** The cookie in a COOKIE frame that answers the message with this first MAC, or null. */
    static byte @Nullable [] openCookie(byte[] in, int offset, int length, byte[] mac1, OverlayId target) {
        if (length != COOKIE_PACKET_BYTES) {
            return null;
        }
        int at = offset + Frame.HEADER_BYTES;
        int lane = Frame.receiver(in, at - Frame.RECEIVER_OFFSET);
        long counter = Frame.counter(in, at + 4 - Frame.COUNTER_OFFSET);
        byte[] cookie = new byte[CookieJar.COOKIE_BYTES];
        int sealedBytes = CookieJar.COOKIE_BYTES + Frame.TAG_BYTES;
        int opened = FrameCipher.of(CipherSuite.AES_256_GCM, cookieKey(target), false)
                .open(lane, counter, mac1, 0, mac1.length, in, at + COOKIE_NONCE_BYTES, sealedBytes, cookie, 0);
        return opened == cookie.length ? cookie : null;
    }

    private static byte[] cookieKey(OverlayId target) {
        return Digests.sha256("p2pvpn cookie v1".getBytes(StandardCharsets.US_ASCII), target.toByteArray());
    }
}
