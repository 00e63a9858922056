package io.p2pvpn.vpn.trust;

import io.p2pvpn.overlay.noise.Digests;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Bytes as a word that can be copied and mailed: a prefix that says what it is, then base64url (RFC 4648 section 5) of
 * the bytes and of the first four bytes of their SHA-256, which shows what was altered or cut short on its way.
 */
final class Armor {
    private static final int CHECK_BYTES = 4;

    private Armor() {}

    static String wrap(String prefix, byte[] content) {
        byte[] all = Arrays.copyOf(content, content.length + CHECK_BYTES);
        System.arraycopy(Digests.sha256(content), 0, all, content.length, CHECK_BYTES);
        return prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(all);
    }

    /** The bytes; null if the text is not of that kind, is longer, or is not what was wrapped. */
    static byte @Nullable [] unwrap(String prefix, String text, int charsMax) {
        if (!text.startsWith(prefix) || text.length() > charsMax) {
            return null;
        }
        try {
            byte[] all = Base64.getUrlDecoder().decode(text.substring(prefix.length()));
            int length = all.length - CHECK_BYTES;
            if (length < 0) {
                return null;
            }
            byte[] content = Arrays.copyOf(all, length);
            byte[] check = Arrays.copyOfRange(all, length, all.length);
            return Arrays.equals(check, Arrays.copyOf(Digests.sha256(content), CHECK_BYTES)) ? content : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
