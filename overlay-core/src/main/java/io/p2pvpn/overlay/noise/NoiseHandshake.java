package io.p2pvpn.overlay.noise;

import io.p2pvpn.overlay.runtime.KeySource;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One party's side of one Noise handshake (the HandshakeState of Noise, section 5.3), pattern IK or XX.
 *
 * <p>The parties write and read in turn until {@link #isComplete()}: IK takes two messages, XX three. What cannot be
 * read kills the object, as Noise demands; a party that waits for an answer which anybody could forge reads on a
 * {@link #copy()}. The payloads of the first message of XX are neither encrypted nor authenticated until the handshake
 * completes, and the payload of the first message of IK can be replayed.
 */
public final class NoiseHandshake {

    /** The longest message, in bytes (Noise, section 3). */
    public static final int MAX_MESSAGE_BYTES = 65_535;

    private final HandshakePattern pattern;
    private final boolean initiator;
    private final KeySource keys;
    private final SessionCrypto crypto;
    private final SymmetricState symmetric;
    private final X25519KeyPair staticKeys;
    private byte @Nullable [] ephemeralSecret;
    private byte @Nullable [] ephemeralPublic;
    private byte @Nullable [] remoteStatic;
    private byte @Nullable [] remoteEphemeral;
    private int messageIndex;
    private boolean dead;

    private NoiseHandshake(
            HandshakePattern pattern,
            boolean initiator,
            CipherSuite suite,
            byte[] prologue,
            X25519KeyPair staticKeys,
            byte @Nullable [] remoteStatic,
            KeySource keys,
            SessionCrypto crypto) {
        this.pattern = pattern;
        this.initiator = initiator;
        this.keys = keys;
        this.crypto = crypto;
        this.staticKeys = staticKeys;
        this.remoteStatic = remoteStatic;
        this.symmetric = new SymmetricState(suite, pattern.name());
        symmetric.mixHash(prologue);
        if (pattern.isResponderStaticKnown()) {
            symmetric.mixHash(initiator ? Objects.requireNonNull(remoteStatic) : staticKeys.publicKey());
        }
    }

    private NoiseHandshake(NoiseHandshake other) {
        this.pattern = other.pattern;
        this.initiator = other.initiator;
        this.keys = other.keys;
        this.crypto = other.crypto;
        this.symmetric = new SymmetricState(other.symmetric);
        this.staticKeys = other.staticKeys;
        this.ephemeralSecret = other.ephemeralSecret;
        this.ephemeralPublic = other.ephemeralPublic;
        this.remoteStatic = other.remoteStatic;
        this.remoteEphemeral = other.remoteEphemeral;
        this.messageIndex = other.messageIndex;
        this.dead = other.dead;
    }

    /**
     * The side that calls a responder whose static key it knows.
     *
     * @param prologue what both sides must agree on; it is bound into the handshake and not sent
     * @throws IllegalArgumentException if a key has the wrong length or the remote one is of small order; a verified
     *     public identity has no such key
     */
    public static NoiseHandshake initiatorIk(
            CipherSuite suite,
            byte[] prologue,
            X25519KeyPair ownStatic,
            byte[] remoteStatic,
            KeySource keys,
            SessionCrypto crypto) {
        if (!X25519Keys.isAcceptable(remoteStatic)) {
            throw new IllegalArgumentException("not an acceptable X25519 public key");
        }
        return new NoiseHandshake(
                HandshakePattern.IK, true, suite, prologue, ownStatic, remoteStatic.clone(), keys, crypto);
    }

    /** The side that is called by its static key and learns the caller's from the first message. */
    public static NoiseHandshake responderIk(
            CipherSuite suite, byte[] prologue, X25519KeyPair ownStatic, KeySource keys, SessionCrypto crypto) {
        return new NoiseHandshake(HandshakePattern.IK, false, suite, prologue, ownStatic, null, keys, crypto);
    }

    /** The side that calls somebody unknown and learns the static key from the second message. */
    public static NoiseHandshake initiatorXx(
            CipherSuite suite, byte[] prologue, X25519KeyPair ownStatic, KeySource keys, SessionCrypto crypto) {
        return new NoiseHandshake(HandshakePattern.XX, true, suite, prologue, ownStatic, null, keys, crypto);
    }

    /** The side that is called by somebody who does not know it and learns the static key from the third message. */
    public static NoiseHandshake responderXx(
            CipherSuite suite, byte[] prologue, X25519KeyPair ownStatic, KeySource keys, SessionCrypto crypto) {
        return new NoiseHandshake(HandshakePattern.XX, false, suite, prologue, ownStatic, null, keys, crypto);
    }

    /**
     * A second object in the same state, on which a message that may be forged is tried: if it reads, the copy takes
     * the place of this object, else the copy is thrown away. Never go on with both.
     *
     * @throws IllegalStateException if it is not this side's turn to read
     */
    public NoiseHandshake copy() {
        if (!isTurnToRead()) {
            throw new IllegalStateException("only a handshake that waits for a message may be copied");
        }
        return new NoiseHandshake(this);
    }

    /**
     * Makes the next message.
     *
     * @param payload what to send along
     * @throws IllegalStateException if it is not this side's turn to write
     * @throws IllegalArgumentException if the message would be longer than {@link #MAX_MESSAGE_BYTES}; this kills the
     *     handshake
     */
    public byte[] writeMessage(byte[] payload) {
        if (dead || isComplete() || !isWriterNext()) {
            throw new IllegalStateException("it is not the turn to write");
        }
        dead = true;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (HandshakePattern.Token token : pattern.message(messageIndex)) {
            switch (token) {
                case E -> out.writeBytes(newEphemeral());
                case S -> out.writeBytes(symmetric.encryptAndHash(staticKeys.publicKey()));
                case EE, ES, SE, SS -> {
                    if (!mixAgreement(token)) {
                        throw new IllegalStateException("a key of small order was accepted");
                    }
                }
            }
        }
        out.writeBytes(symmetric.encryptAndHash(payload));
        if (out.size() > MAX_MESSAGE_BYTES) {
            throw new IllegalArgumentException("the payload is too long: " + payload.length);
        }
        dead = false;
        finishMessage();
        return out.toByteArray();
    }

    /**
     * Reads the next message.
     *
     * @return its payload, or null if anything about it is wrong; the handshake is dead then. A message out of turn is
     *     null too, but changes nothing.
     * @throws IndexOutOfBoundsException if the range is not within the array
     */
    public byte @Nullable [] readMessage(byte[] buffer, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        if (!isTurnToRead()) {
            return null;
        }
        dead = true;
        if (length > MAX_MESSAGE_BYTES) {
            return null;
        }
        int end = offset + length;
        int position = offset;
        for (HandshakePattern.Token token : pattern.message(messageIndex)) {
            switch (token) {
                case E, S -> {
                    int keyBytes =
                            X25519Keys.KEY_BYTES + (token == HandshakePattern.Token.S ? symmetric.overheadBytes() : 0);
                    if (end - position < keyBytes
                            || !readKey(token, Arrays.copyOfRange(buffer, position, position + keyBytes))) {
                        return null;
                    }
                    position += keyBytes;
                }
                case EE, ES, SE, SS -> {
                    if (!mixAgreement(token)) {
                        return null;
                    }
                }
            }
        }
        byte[] payload = symmetric.decryptAndHash(Arrays.copyOfRange(buffer, position, end));
        if (payload == null) {
            return null;
        }
        dead = false;
        finishMessage();
        return payload;
    }

    /** Whether all messages were written and read. */
    public boolean isComplete() {
        return messageIndex == pattern.messageCount();
    }

    /** Whether this side waits for the other's message. */
    public boolean isTurnToRead() {
        return !dead && !isComplete() && !isWriterNext();
    }

    /**
     * The hash of the whole transcript, the same 32 bytes on both sides of this handshake and of no other.
     *
     * @throws IllegalStateException if the handshake is not complete
     */
    public byte[] handshakeHash() {
        requireComplete();
        return symmetric.handshakeHash();
    }

    /**
     * The other side's static key as far as it is known, a copy. It is proved only once the handshake is complete; in
     * IK also to a responder that has read the first message, except that the message may be a replay.
     */
    public byte @Nullable [] remoteStatic() {
        byte[] known = remoteStatic;
        return known == null ? null : known.clone();
    }

    /**
     * The keys for the frames that follow.
     *
     * @throws IllegalStateException if the handshake is not complete
     */
    public TransportKeys split() {
        requireComplete();
        return symmetric.split();
    }

    private void requireComplete() {
        if (!isComplete()) {
            throw new IllegalStateException("the handshake is not complete");
        }
    }

    /** Whether the next message is this side's to write. */
    private boolean isWriterNext() {
        boolean initiatorWrites = messageIndex % 2 == 0;
        return initiatorWrites == initiator;
    }

    private void finishMessage() {
        messageIndex++;
        if (isComplete()) {
            ephemeralSecret = null;
        }
    }

    private byte[] newEphemeral() {
        byte[] secret = X25519Keys.generateSecret(keys);
        byte[] publicKey = crypto.publicKey(secret);
        ephemeralSecret = secret;
        ephemeralPublic = publicKey;
        symmetric.mixHash(publicKey);
        return publicKey;
    }

    private boolean readKey(HandshakePattern.Token token, byte[] received) {
        byte[] key = received;
        if (token == HandshakePattern.Token.E) {
            symmetric.mixHash(received);
        } else {
            key = symmetric.decryptAndHash(received);
        }
        if (key == null || !X25519Keys.isAcceptable(key)) {
            return false;
        }
        if (token == HandshakePattern.Token.E) {
            remoteEphemeral = key;
        } else {
            remoteStatic = key;
        }
        return true;
    }

    private boolean mixAgreement(HandshakePattern.Token token) {
        boolean initiatorEphemeral = token == HandshakePattern.Token.EE || token == HandshakePattern.Token.ES;
        boolean responderEphemeral = token == HandshakePattern.Token.EE || token == HandshakePattern.Token.SE;
        boolean ownEphemeral = initiator ? initiatorEphemeral : responderEphemeral;
        boolean theirEphemeral = initiator ? responderEphemeral : initiatorEphemeral;
        byte[] own = ownEphemeral ? ephemeralSecret : staticKeys.secret();
        byte[] ownPublic = ownEphemeral ? ephemeralPublic : staticKeys.publicKey();
        byte[] theirs = theirEphemeral ? remoteEphemeral : remoteStatic;
        byte[] shared = crypto.agree(
                Objects.requireNonNull(own), Objects.requireNonNull(ownPublic), Objects.requireNonNull(theirs));
        if (shared == null) {
            return false;
        }
        symmetric.mixKey(shared);
        return true;
    }
}
