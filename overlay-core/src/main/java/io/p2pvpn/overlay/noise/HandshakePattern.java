package io.p2pvpn.overlay.noise;

import static io.p2pvpn.overlay.noise.HandshakePattern.Token.E;
import static io.p2pvpn.overlay.noise.HandshakePattern.Token.EE;
import static io.p2pvpn.overlay.noise.HandshakePattern.Token.ES;
import static io.p2pvpn.overlay.noise.HandshakePattern.Token.S;
import static io.p2pvpn.overlay.noise.HandshakePattern.Token.SE;
import static io.p2pvpn.overlay.noise.HandshakePattern.Token.SS;

import java.util.List;

/** The interactive patterns of Noise, section 7.5, that p2pvpn uses; the initiator sends the first message. */
final class HandshakePattern {

    /** The initiator knows the responder's static key. */
    static final HandshakePattern IK =
            new HandshakePattern("IK", true, List.of(List.of(E, ES, S, SS), List.of(E, EE, SE)));

    /** Nobody knows anything beforehand. */
    static final HandshakePattern XX =
            new HandshakePattern("XX", false, List.of(List.of(E), List.of(E, EE, S, ES), List.of(S, SE)));

    /** What a message does, in order; the first letter of a pair is the initiator's key. */
    enum Token {
        E,
        S,
        EE,
        ES,
        SE,
        SS
    }

    private final String name;
    private final boolean responderStaticKnown;
    private final List<List<Token>> messages;

    private HandshakePattern(String name, boolean responderStaticKnown, List<List<Token>> messages) {
        this.name = name;
        this.responderStaticKnown = responderStaticKnown;
        this.messages = messages;
    }

    String name() {
        return name;
    }

    boolean isResponderStaticKnown() {
        return responderStaticKnown;
    }

    List<Token> message(int index) {
        return messages.get(index);
    }

    int messageCount() {
        return messages.size();
    }
}
