package io.p2pvpn.overlay.noise;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class NoiseHandshakeTest {

    private static final byte[] NOTHING = {};

    static List<NoiseVector> vectors() {
        return NoiseVector.all();
    }

    @Test
    void vectors_resource_coversBothPatternsAndSuitesFromTwoSources() {
        assertThat(vectors()).hasSize(8);
        assertThat(vectors().stream().map(Object::toString)).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void handshake_publishedKeys_givesThePublishedMessages(NoiseVector vector) {
        NoiseHandshake initiator = vector.initiator();
        NoiseHandshake responder = vector.responder();
        for (int i = 0; i < vector.handshakeMessages(); i++) {
            NoiseHandshake writer = i % 2 == 0 ? initiator : responder;
            NoiseHandshake reader = i % 2 == 0 ? responder : initiator;
            assertThat(reader.isTurnToRead()).isTrue();
            assertThat(writer.writeMessage(vector.payload(i))).isEqualTo(vector.ciphertext(i));
            assertThat(read(reader, vector.ciphertext(i))).isEqualTo(vector.payload(i));
        }
        assertThat(initiator.isComplete()).isTrue();
        assertThat(responder.isComplete()).isTrue();
        assertThat(initiator.remoteStatic()).isEqualTo(vector.responderStatic());
        assertThat(responder.remoteStatic()).isEqualTo(vector.initiatorStatic());
        assertThat(initiator.handshakeHash()).isEqualTo(responder.handshakeHash());
        if (vector.handshakeHash() != null) {
            assertThat(initiator.handshakeHash()).isEqualTo(vector.handshakeHash());
        }
        assertThat(initiator.split().initiatorToResponder())
                .isEqualTo(responder.split().initiatorToResponder())
                .isNotEqualTo(responder.split().responderToInitiator());
        checkTransport(vector, initiator.split());
    }

    /**
     * Noise's transport nonce is 32 zero bits and the counter: lane 0 of a
     * frame, in ChaChaPoly with bytes reversed.
     */
    private static void checkTransport(NoiseVector vector, TransportKeys keys) {
        long[] counters = new long[2];
        for (int i = vector.handshakeMessages(); i < vector.messages(); i++) {
            int direction = i % 2;
            byte[] key = direction == 0 ? keys.initiatorToResponder() : keys.responderToInitiator();
            long counter = counters[direction]++;
            long frameCounter = vector.suite() == CipherSuite.AES_256_GCM ? counter : Long.reverseBytes(counter);
            byte[] payload = vector.payload(i);
            byte[] sealed = new byte[payload.length + FrameCipher.TAG_BYTES];
            FrameCipher.of(vector.suite(), key, true)
                    .seal(0, frameCounter, NOTHING, 0, 0, payload, 0, payload.length, sealed, 0);
            assertThat(sealed).isEqualTo(vector.ciphertext(i));
            byte[] opened = new byte[payload.length];
            int length = FrameCipher.of(vector.suite(), key, false)
                    .open(0, frameCounter, NOTHING, 0, 0, sealed, 0, sealed.length, opened, 0);
            assertThat(length).isEqualTo(payload.length);
            assertThat(opened).isEqualTo(payload);
        }
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void readMessage_anyByteChanged_endsTheHandshake(NoiseVector vector) {
        for (int message = 0; message < vector.handshakeMessages(); message++) {
            for (int i = 0; i < vector.ciphertext(message).length; i++) {
                byte[] changed = vector.ciphertext(message).clone();
                changed[i] ^= (byte) (1 << (i % 8));
                checkRefused(vector, message, changed, "byte " + i);
            }
            // The top bit of an X25519 key has no influence on the agreement, only on the hash.
            byte[] changed = vector.ciphertext(message).clone();
            if (message < 2) {
                changed[31] ^= (byte) 0x80;
                checkRefused(vector, message, changed, "the top bit of the key");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void readMessage_truncatedOrExtended_endsTheHandshake(NoiseVector vector) {
        for (int message = 0; message < vector.handshakeMessages(); message++) {
            byte[] whole = vector.ciphertext(message);
            for (int length = 0; length < whole.length; length++) {
                checkRefused(vector, message, Arrays.copyOf(whole, length), "length " + length);
            }
            checkRefused(vector, message, Arrays.copyOf(whole, whole.length + 1), "one more byte");
            checkRefused(vector, message, Arrays.copyOf(whole, NoiseHandshake.MAX_MESSAGE_BYTES + 1), "too long");
        }
    }

    /**
     * Plays the handshake up to the altered message, which must not be read; XX notices
     * the first one at the second.
     */
    private static void checkRefused(NoiseVector vector, int message, byte[] altered, String what) {
        NoiseHandshake initiator = vector.initiator();
        NoiseHandshake responder = vector.responder();
        for (int i = 0; i < message; i++) {
            NoiseHandshake writer = i % 2 == 0 ? initiator : responder;
            read(i % 2 == 0 ? responder : initiator, writer.writeMessage(vector.payload(i)));
        }
        NoiseHandshake writer = message % 2 == 0 ? initiator : responder;
        NoiseHandshake reader = message % 2 == 0 ? responder : initiator;
        writer.writeMessage(vector.payload(message));
        byte[] read = read(reader, altered);
        if (read != null && message == 0 && !vector.isIk()) {
            assertThat(read(initiator, responder.writeMessage(NOTHING)))
                    .as(what)
                    .isNull();
            reader = initiator;
        } else {
            assertThat(read).as("message %d, %s", message, what).isNull();
        }
        assertThat(reader.isComplete()).isFalse();
        assertThat(reader.isTurnToRead()).isFalse();
        assertThat(read(reader, vector.ciphertext(message))).as("dead").isNull();
        assertThatThrownBy(reader::split).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(reader::handshakeHash).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void readMessage_otherPrologue_isNull(NoiseVector vector) {
        NoiseHandshake initiator = vector.initiator("version 1".getBytes(UTF_8));
        NoiseHandshake responder = vector.responder("version 2".getBytes(UTF_8));
        byte[] first = read(responder, initiator.writeMessage(NOTHING));
        if (vector.isIk()) {
            assertThat(first).isNull();
        } else {
            assertThat(read(initiator, responder.writeMessage(NOTHING))).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void readMessage_ephemeralOfSmallOrder_isNull(NoiseVector vector) {
        byte[] first = vector.ciphertext(0).clone();
        Arrays.fill(first, 0, X25519Keys.KEY_BYTES, (byte) 0);
        assertThat(read(vector.responder(), first)).isNull();
        first[0] = 1;
        assertThat(read(vector.responder(), first)).isNull();
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void readMessage_withinALargerBuffer_readsTheRangeOnly(NoiseVector vector) {
        byte[] message = vector.ciphertext(0);
        byte[] buffer = new byte[message.length + 9];
        Arrays.fill(buffer, (byte) 0x55);
        System.arraycopy(message, 0, buffer, 4, message.length);
        assertThat(vector.responder().readMessage(buffer, 4, message.length)).isEqualTo(vector.payload(0));
        assertThatThrownBy(() -> vector.responder().readMessage(buffer, 10, message.length))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void copy_forgedAnswer_leavesTheOriginalAlive(NoiseVector vector) {
        NoiseHandshake initiator = vector.initiator();
        initiator.writeMessage(vector.payload(0));
        byte[] forged = vector.ciphertext(1).clone();
        forged[forged.length - 1] ^= 1;
        assertThat(read(initiator.copy(), forged)).isNull();
        NoiseHandshake attempt = initiator.copy();
        assertThat(read(attempt, vector.ciphertext(1))).isEqualTo(vector.payload(1));
        assertThat(initiator.isTurnToRead()).isTrue();
        if (vector.isIk()) {
            assertThat(attempt.isComplete()).isTrue();
        } else {
            assertThat(attempt.writeMessage(vector.payload(2))).isEqualTo(vector.ciphertext(2));
        }
        assertThatThrownBy(attempt::copy).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void turns_outOfOrder_areRefused(NoiseVector vector) {
        NoiseHandshake initiator = vector.initiator();
        assertThatThrownBy(() -> vector.responder().writeMessage(NOTHING)).isInstanceOf(IllegalStateException.class);
        assertThat(read(initiator, vector.ciphertext(1))).isNull();
        assertThat(initiator.writeMessage(vector.payload(0))).isEqualTo(vector.ciphertext(0));
        assertThatThrownBy(() -> initiator.writeMessage(NOTHING)).isInstanceOf(IllegalStateException.class);
        assertThat(read(initiator, vector.ciphertext(1))).isEqualTo(vector.payload(1));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void readMessage_afterCompletion_isNullAndChangesNothing(NoiseVector vector) {
        NoiseHandshake initiator = vector.initiator();
        NoiseHandshake responder = vector.responder();
        for (int i = 0; i < vector.handshakeMessages(); i++) {
            NoiseHandshake writer = i % 2 == 0 ? initiator : responder;
            read(i % 2 == 0 ? responder : initiator, writer.writeMessage(vector.payload(i)));
        }
        assertThat(read(initiator, vector.ciphertext(1))).isNull();
        assertThat(read(responder, vector.ciphertext(0))).isNull();
        assertThat(initiator.split().initiatorToResponder())
                .isEqualTo(responder.split().initiatorToResponder());
        assertThatThrownBy(() -> initiator.writeMessage(NOTHING)).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void handshake_emptyAndLongestPayloads_passes(NoiseVector vector) {
        NoiseHandshake initiator = vector.initiator();
        NoiseHandshake responder = vector.responder();
        int overhead = vector.ciphertext(0).length - vector.payload(0).length;
        byte[] longest = new byte[NoiseHandshake.MAX_MESSAGE_BYTES - overhead];
        assertThat(read(responder, initiator.writeMessage(longest))).isEqualTo(longest);
        assertThat(read(initiator, responder.writeMessage(NOTHING))).isEqualTo(NOTHING);
        assertThatThrownBy(() -> vector.initiator().writeMessage(new byte[longest.length + 1]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void initiatorIk_keyOfSmallOrderOrWrongLength_isRefused() {
        for (byte[] bad : List.of(new byte[32], new byte[31], new byte[33])) {
            assertThatThrownBy(() -> NoiseHandshake.initiatorIk(
                            CipherSuite.AES_256_GCM,
                            NOTHING,
                            X25519KeyPair.of(new byte[32]),
                            bad,
                            bytes -> {},
                            SessionCrypto.PLATFORM))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void ofWireId_knownAndUnknownNumbers_isTheSuiteOrNull() {
        assertThat(CipherSuite.ofWireId(1)).isEqualTo(CipherSuite.AES_256_GCM);
        assertThat(CipherSuite.ofWireId(2)).isEqualTo(CipherSuite.CHACHA20_POLY1305);
        assertThat(CipherSuite.ofWireId(0)).isNull();
        assertThat(CipherSuite.ofWireId(3)).isNull();
    }

    private static byte[] read(NoiseHandshake handshake, byte[] message) {
        return handshake.readMessage(message, 0, message.length);
    }
}
