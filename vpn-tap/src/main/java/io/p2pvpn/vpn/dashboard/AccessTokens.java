package io.p2pvpn.vpn.dashboard;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;

/** The secrets that open a page: one for each time that somebody asked for a link. Thread-safe. */
final class AccessTokens {
    /** A link more, and the oldest one opens nothing any more. */
    static final int TOKENS_MAX = 8;

    private static final int TOKEN_BYTES = 32;

    private final SecureRandom random = new SecureRandom();
    private final Deque<byte[]> tokens = new ArrayDeque<>();

    /** A new one, as it stands in a link. */
    synchronized String make() {
        byte[] secret = new byte[TOKEN_BYTES];
        random.nextBytes(secret);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        if (tokens.size() == TOKENS_MAX) {
            tokens.removeFirst();
        }
        tokens.addLast(token.getBytes(StandardCharsets.US_ASCII));
        return token;
    }

    /** Whether it is one of them; takes as long whichever it is, and however much of it is right. */
    synchronized boolean isKnown(String token) {
        byte[] given = token.getBytes(StandardCharsets.UTF_8);
        boolean known = false;
        for (byte[] each : tokens) {
            known |= MessageDigest.isEqual(each, given);
        }
        return known;
    }
}
