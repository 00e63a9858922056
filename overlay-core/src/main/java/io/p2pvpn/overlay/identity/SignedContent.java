package io.p2pvpn.overlay.identity;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What an identity key signs: always a purpose and then the content, so that no signature serves two purposes. */
final class SignedContent {

    private static final String STATIC_KEY_CONTEXT = "p2pvpn static key v1";

    private SignedContent() {}

    /** The purpose || NUL || the message. */
    static byte[] of(String context, byte[] message) {
        // The static key's content has no NUL after its context, so nothing else may begin like it.
        if (context.indexOf('\0') >= 0 || context.startsWith(STATIC_KEY_CONTEXT)) {
            throw new IllegalArgumentException("not a context for signatures");
        }
        byte[] contextBytes = context.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(contextBytes.length + 1 + message.length)
                .put(contextBytes)
                .put((byte) 0)
                .put(message)
                .array();
    }

    /** "p2pvpn static key v1" || the X25519 key. */
    static byte[] ofStaticKey(byte[] x25519) {
        byte[] contextBytes = STATIC_KEY_CONTEXT.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(contextBytes.length + x25519.length)
                .put(contextBytes)
                .put(x25519)
                .array();
    }
}
