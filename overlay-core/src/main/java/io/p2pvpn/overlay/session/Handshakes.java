package io.p2pvpn.overlay.session;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.noise.CipherSuite;
import io.p2pvpn.overlay.noise.FrameCipher;
import io.p2pvpn.overlay.noise.Mac16;
import io.p2pvpn.overlay.noise.NoiseHandshake;
import io.p2pvpn.overlay.noise.SessionCrypto;
import io.p2pvpn.overlay.noise.TransportKeys;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.overlay.wire.Endpoints;
import io.p2pvpn.overlay.wire.Frame;
import io.p2pvpn.overlay.wire.proto.Control;
import io.p2pvpn.overlay.wire.proto.HandshakePayload;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Builds and reads the messages of handshakes, both roles. What is wrong is counted and dropped without an answer.
 * Confined to the node's loop.
 */
final class Handshakes {
    /** First messages remembered, so that a captured one sent again finds no answer. */
    static final int SEEN_MAX = 4096;

    /** With our answer to it, this is less than the first message, which anybody may have sent from a false address. */
    static final int EARLY_WORD_BYTES_MAX = 300;

    private static final int EPHEMERAL_BYTES = 32;
    /** The rest of a boot ID is the time of the start in ms, so that a later run has the larger one. */
    private static final int BOOT_RANDOM_BITS = 20;

    /** As what we are called in first messages, and the keys that follow from that. */
    private static final class Called {
        private final Mac16 mac1;
        private final FrameCipher cookieSealer;

        Called(OverlayId target) {
            mac1 = HandshakePackets.mac1(target);
            cookieSealer = HandshakePackets.cookieSealer(target);
        }
    }

    /** An XX handshake that we answered and whose third message is awaited. */
    record AwaitingFinish(NoiseHandshake noise, FrameRoute answeredOver, int localIndex, CipherSuite suite) {}

    private final NodeRuntime runtime;
    private final Identity identity;
    private final SessionLayer layer;
    private final IdentityCache identities;
    private final CookieJar cookies;
    private final Called calledByName;
    private final Called calledByAddress = new Called(OverlayId.ZERO);
    private final long bootId;
    private final Map<ByteString, Boolean> seen = new LinkedHashMap<>();
    private long lastTimestampMillis;

    Handshakes(NodeRuntime runtime, Identity identity, IdentityCache identities, SessionLayer layer) {
        this.runtime = runtime;
        this.identity = identity;
        this.layer = layer;
        this.identities = identities;
        this.cookies = new CookieJar(runtime);
        this.calledByName = new Called(self());
        this.bootId = (runtime.clock().epochMillis() << BOOT_RANDOM_BITS)
                | (runtime.keys().nextLong() >>> (Long.SIZE - BOOT_RANDOM_BITS));
    }

    long bootId() {
        return bootId;
    }

    private OverlayId self() {
        return identity.publicIdentity().nodeId();
    }

    // ---------------------------------------------------------------- initiator

    Initiation.Try prepare(Initiation initiation, int index, int epochNumber) {
        CipherSuite suite = layer.config().suite();
        PublicIdentity target = initiation.target();
        int pattern = target == null ? HandshakePackets.PATTERN_XX : HandshakePackets.PATTERN_IK;
        byte[] prologue = HandshakePackets.prologue(pattern, suite, initiation.expected());
        NoiseHandshake noise = target == null
                ? NoiseHandshake.initiatorXx(
                        suite,
                        prologue,
                        identity.staticKeys(),
                        runtime.keys(),
                        layer.config().crypto())
                : NoiseHandshake.initiatorIk(
                        suite,
                        prologue,
                        identity.staticKeys(),
                        target.staticKey(),
                        runtime.keys(),
                        layer.config().crypto());
        // IK: e, sealed s, sealed payload. XX: e, plain payload.
        int plainBytes = HandshakePackets.initNoiseBytes() - EPHEMERAL_BYTES;
        byte[] payload = target == null
                ? new byte[plainBytes]
                : padded(own(index).setEpoch(epochNumber).setTimestampMillis(timestamp()), plainBytes - 32 - 2 * 16);
        return initiation.newTry(index, noise, epochNumber, noise.writeMessage(payload));
    }

    private long timestamp() {
        lastTimestampMillis = Math.max(lastTimestampMillis + 1, runtime.clock().epochMillis());
        return lastTimestampMillis;
    }

    private HandshakePayload.Builder own(int index) {
        PublicIdentity ours = identity.publicIdentity();
        return HandshakePayload.newBuilder()
                .setVersion(Frame.VERSION)
                .setSigningKey(ByteString.copyFrom(ours.signingKey()))
                .setStaticSignature(ByteString.copyFrom(staticSignature(ours)))
                .setBootId(bootId)
                .setIndex(index)
                .setTimestampMillis(runtime.clock().epochMillis());
    }

    private static byte[] staticSignature(PublicIdentity identity) {
        return Arrays.copyOfRange(identity.encode(), 2 * PublicIdentity.KEY_BYTES, PublicIdentity.ENCODED_BYTES);
    }

    private static byte[] padded(HandshakePayload.Builder payload, int bytes) {
        int missing = bytes - payload.build().getSerializedSize();
        // The padding field costs a tag byte and one or two length bytes.
        int header = missing - 2 > 127 ? 3 : 2;
        byte[] encoded = payload.setPadding(ByteString.copyFrom(new byte[missing - header]))
                .build()
                .toByteArray();
        if (encoded.length != bytes) {
            throw new IllegalStateException("padding: " + encoded.length + " for " + bytes);
        }
        return encoded;
    }

    /** Reads the answer to {@code aTry}: the session's keys, or null after a counted drop. */
    void onResponse(Initiation.Try aTry, FrameRoute from, byte[] in, int offset, int length) {
        Initiation initiation = aTry.initiation();
        // A forged answer kills the state that reads it: a copy reads.
        NoiseHandshake noise = aTry.noise.copy();
        byte[] plain = noise.readMessage(in, offset + Frame.HEADER_BYTES, length - Frame.HEADER_BYTES);
        HandshakePayload payload = plain == null ? null : parse(plain);
        byte[] remoteStatic = noise.remoteStatic();
        if (payload == null || remoteStatic == null) {
            layer.drop("handshake-forged");
            return;
        }
        PublicIdentity known = initiation.target();
        PublicIdentity peer = known != null ? known : identityOf(payload, remoteStatic);
        if (peer == null || !initiation.accepts(peer) || peer.nodeId().equals(self())) {
            layer.drop("handshake-identity");
            return;
        }
        if (!layer.rivals().admits(peer.nodeId(), payload.getBootId())) {
            return;
        }
        int remoteIndex = payload.getIndex();
        byte[] finish = null;
        int number = known == null ? layer.nextEpochNumber(peer.nodeId()) : payload.getEpoch();
        if (known == null) {
            byte[] third =
                    noise.writeMessage(own(aTry.index).setEpoch(number).build().toByteArray());
            finish = HandshakePackets.answer(Frame.TYPE_FINISH, remoteIndex, aTry.index, third);
        }
        Epoch.Terms terms = new Epoch.Terms(
                self(),
                true,
                number,
                payload.getBootId(),
                aTry.index,
                remoteIndex,
                layer.config().suite());
        TransportKeys keys = noise.split();
        Epoch epoch = new Epoch(
                terms,
                noise.handshakeHash(),
                keys.initiatorToResponder(),
                keys.responderToInitiator(),
                layer.config().crypto(),
                layer.queues().count(),
                layer.now());
        if (finish == null) {
            epoch.confirm();
        } else {
            from.send(finish, 0, finish.length, finish.length, Transport.CLASS_DEFAULT);
        }
        Session session = layer.establish(epoch, peer, from);
        if (!from.isDirect() || !initiation.calls(from)) {
            // A captured answer sent again from elsewhere is as good as the true one; and where the ring was the
            // fastest, the session must not hang on the nodes between: ask where we called, too.
            session.tryRoutes(initiation.routes());
        }
        Endpoint observed = payload.hasObserved() ? Endpoints.fromProto(payload.getObserved()) : null;
        if (observed != null && from.isDirect()) {
            layer.listener().onObserved(session, from, observed);
        }
        layer.confirmTo(session, epoch, finish);
        tellClock(session, payload);
        initiation.succeed(session);
    }

    void onCookie(Initiation.Try aTry, byte[] in, int offset, int length) {
        byte[] cookie = HandshakePackets.openCookie(
                in, offset, length, aTry.mac1(), aTry.initiation().expected());
        if (cookie == null) {
            layer.drop("cookie-forged");
        } else {
            aTry.onCookie(cookie);
        }
    }

    // ---------------------------------------------------------------- responder

    void onInit(FrameRoute from, byte[] in, int offset, int length) {
        int pattern = length == HandshakePackets.INIT_BYTES ? HandshakePackets.pattern(in, offset) : 0;
        CipherSuite suite = pattern == 0 ? null : HandshakePackets.suite(in, offset);
        if (suite == null) {
            layer.drop("handshake-malformed");
            return;
        }
        Called called = pattern == HandshakePackets.PATTERN_IK ? calledByName : calledByAddress;
        if (!HandshakePackets.carries(called.mac1, in, offset)) {
            layer.drop("handshake-mac");
            return;
        }
        int ephemeralAt = offset + Frame.HEADER_BYTES;
        ByteString ephemeral = ByteString.copyFrom(in, ephemeralAt, EPHEMERAL_BYTES);
        if (seen.containsKey(ephemeral)) {
            layer.drop("handshake-replayed");
            return;
        }
        Endpoint address = from.endpoint();
        if (cookies.isUnderLoad() && address != null && !cookies.proves(address, in, offset)) {
            sendCookie(from, address, called, in, offset);
            layer.drop("handshake-no-cookie");
            return;
        }
        remember(ephemeral);
        respond(from, pattern, suite, in, offset);
    }

    /** Under a flood this is what most of it costs: no keys are made here, and little else. */
    private void sendCookie(FrameRoute from, Endpoint address, Called called, byte[] in, int offset) {
        byte[] nonce = new byte[12];
        runtime.keys().fill(nonce);
        byte[] mac1 = HandshakePackets.mac1Of(in, offset);
        byte[] answer = HandshakePackets.cookie(
                Frame.sender(in, offset), cookies.bake(address), mac1, called.cookieSealer, nonce);
        from.send(answer, 0, answer.length, answer.length, Transport.CLASS_DEFAULT);
    }

    private void remember(ByteString ephemeral) {
        seen.put(ephemeral, Boolean.TRUE);
        if (seen.size() > SEEN_MAX) {
            Iterator<ByteString> oldest = seen.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    private void respond(FrameRoute from, int pattern, CipherSuite suite, byte[] in, int offset) {
        boolean ik = pattern == HandshakePackets.PATTERN_IK;
        byte[] prologue = HandshakePackets.prologue(pattern, suite, ik ? self() : OverlayId.ZERO);
        SessionCrypto crypto = layer.config().crypto();
        NoiseHandshake noise = ik
                ? NoiseHandshake.responderIk(suite, prologue, identity.staticKeys(), runtime.keys(), crypto)
                : NoiseHandshake.responderXx(suite, prologue, identity.staticKeys(), runtime.keys(), crypto);
        byte[] plain = noise.readMessage(in, offset + Frame.HEADER_BYTES, HandshakePackets.initNoiseBytes());
        if (plain == null) {
            layer.drop("handshake-forged");
            return;
        }
        int remoteIndex = Frame.sender(in, offset);
        if (!ik) {
            int index = layer.newIndex();
            answer(from, noise, index, remoteIndex, own(index));
            layer.await(new AwaitingFinish(noise, from, index, suite));
            return;
        }
        HandshakePayload payload = parse(plain);
        byte[] remoteStatic = noise.remoteStatic();
        PublicIdentity peer = payload == null || remoteStatic == null ? null : identityOf(payload, remoteStatic);
        if (payload == null || peer == null || peer.nodeId().equals(self())) {
            layer.drop("handshake-identity");
            return;
        }
        boolean inUse = layer.rivals().isInUse(peer.nodeId(), payload.getBootId());
        if (!inUse && !layer.rivals().admits(peer.nodeId(), payload.getBootId())) {
            byte[] copy = Arrays.copyOfRange(in, offset, offset + HandshakePackets.INIT_BYTES);
            layer.rivals().hold(peer.nodeId(), payload.getBootId(), () -> respond(from, pattern, suite, copy, 0));
            return;
        }
        if (!layer.isFresh(peer.nodeId(), payload.getBootId(), payload.getTimestampMillis())) {
            layer.drop("handshake-replayed");
            return;
        }
        int index = layer.newIndex();
        int number = layer.answerEpochNumber(peer.nodeId(), payload.getBootId(), payload.getEpoch());
        answer(
                from,
                noise,
                index,
                remoteIndex,
                HandshakePayload.newBuilder()
                        .setBootId(bootId)
                        .setIndex(index)
                        .setEpoch(number)
                        .setTimestampMillis(runtime.clock().epochMillis()));
        Epoch epoch = epochOf(noise, payload, number, peer, index, suite);
        if (inUse) {
            layer.rivals().refuse(peer, epoch, from);
            return;
        }
        layer.await(epoch, peer, from);
        Control word = layer.session(peer.nodeId()) == null ? layer.listener().earlyWord(peer) : null;
        if (word != null && word.getSerializedSize() <= EARLY_WORD_BYTES_MAX) {
            say(word, epoch, from);
        }
    }

    /** Sends a message under keys that the peer may not have confirmed: it alone can read it. */
    static void say(Control message, Epoch epoch, FrameRoute to) {
        byte[] bytes = message.toByteArray();
        byte[] plain = new byte[Frame.PREFIX_BYTES + bytes.length];
        plain[0] = Frame.KIND_CONTROL;
        System.arraycopy(bytes, 0, plain, Frame.PREFIX_BYTES, bytes.length);
        byte[] sealed = new byte[plain.length + Frame.OVERHEAD_BYTES];
        int length = epoch.share(0).seal(0, plain, 0, plain.length, sealed, 0);
        if (length > 0) {
            to.send(sealed, 0, length, length, Transport.CLASS_DEFAULT);
        }
    }

    private void answer(
            FrameRoute from, NoiseHandshake noise, int index, int remoteIndex, HandshakePayload.Builder payload) {
        Endpoint seenAt = from.endpoint();
        if (seenAt != null) {
            payload.setObserved(Endpoints.toProto(seenAt));
        }
        byte[] message = noise.writeMessage(payload.build().toByteArray());
        byte[] packet = HandshakePackets.answer(Frame.TYPE_RESPONSE, remoteIndex, index, message);
        from.send(packet, 0, packet.length, packet.length, Transport.CLASS_DEFAULT);
    }

    private Epoch epochOf(
            NoiseHandshake noise,
            HandshakePayload payload,
            int number,
            PublicIdentity peer,
            int index,
            CipherSuite suite) {
        Epoch.Terms terms =
                new Epoch.Terms(peer.nodeId(), false, number, payload.getBootId(), index, payload.getIndex(), suite);
        TransportKeys keys = noise.split();
        return new Epoch(
                terms,
                noise.handshakeHash(),
                keys.responderToInitiator(),
                keys.initiatorToResponder(),
                layer.config().crypto(),
                layer.queues().count(),
                layer.now());
    }

    void onFinish(AwaitingFinish awaited, byte[] in, int offset, int length) {
        NoiseHandshake noise = awaited.noise().copy();
        byte[] plain = noise.readMessage(in, offset + Frame.HEADER_BYTES, length - Frame.HEADER_BYTES);
        HandshakePayload payload = plain == null ? null : parse(plain);
        byte[] remoteStatic = noise.remoteStatic();
        PublicIdentity peer = payload == null || remoteStatic == null ? null : identityOf(payload, remoteStatic);
        if (payload == null || peer == null || peer.nodeId().equals(self())) {
            layer.drop("handshake-identity");
            return;
        }
        boolean inUse = layer.rivals().isInUse(peer.nodeId(), payload.getBootId());
        if (!inUse && !layer.rivals().admits(peer.nodeId(), payload.getBootId())) {
            byte[] copy = Arrays.copyOfRange(in, offset, offset + length);
            layer.rivals().hold(peer.nodeId(), payload.getBootId(), () -> onFinish(awaited, copy, 0, length));
            return;
        }
        Epoch epoch = epochOf(noise, payload, payload.getEpoch(), peer, awaited.localIndex(), awaited.suite());
        if (inUse) {
            layer.release(awaited.localIndex());
            layer.rivals().refuse(peer, epoch, awaited.answeredOver());
            return;
        }
        epoch.confirm();
        // Whoever repeats a captured third message from elsewhere proves nothing: our answer was received where it
        // went.
        Session session = layer.establish(epoch, peer, awaited.answeredOver());
        tellClock(session, payload);
        if (session.isOpen() && !session.isSealing(epoch)) {
            layer.rekey(session);
        }
    }

    // ------------------------------------------------------------------- shared

    private void tellClock(Session session, HandshakePayload payload) {
        if (payload.getTimestampMillis() != 0) {
            layer.listener().onPeerClock(session, payload.getTimestampMillis());
        }
    }

    private static @Nullable HandshakePayload parse(byte[] plain) {
        try {
            return HandshakePayload.parseFrom(plain);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    private @Nullable PublicIdentity identityOf(HandshakePayload payload, byte[] remoteStatic) {
        return identities.of(payload.getSigningKey(), remoteStatic, payload.getStaticSignature());
    }
}
