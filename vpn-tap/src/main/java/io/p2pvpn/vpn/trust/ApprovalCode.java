package io.p2pvpn.vpn.trust;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.noise.Digests;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A short name for a key that asks to be let in, shown on both screens: who compares them knows that the key that is
 * approved is that of the newcomer in question. 60 bits: trying keys until one has a given code is out of reach.
 */
public final class ApprovalCode {
    private static final byte[] DOMAIN = "p2pvpn approval code v1".getBytes(StandardCharsets.US_ASCII);
    /** Without letters that look like digits or each other. */
    private static final String DIGITS = "ABCDEFGHJKMNPQRSTVWXYZ0123456789";

    private static final int CHARS = 12;
    private static final int GROUP_CHARS = 4;
    private static final int BITS = 5;

    private ApprovalCode() {}

    /** The code of that key in that namespace, for example {@code K7QF-2M9D-A0XY}. */
    public static String of(OverlayId namespaceId, byte[] signingKey) {
        byte[] digest = Digests.sha256(DOMAIN, namespaceId.toByteArray(), signingKey);
        StringBuilder code = new StringBuilder();
        for (int i = 0; i < CHARS; i++) {
            int bit = i * BITS;
            int pair = (digest[bit / 8] & 0xff) << 8 | (digest[bit / 8 + 1] & 0xff);
            code.append(i > 0 && i % GROUP_CHARS == 0 ? "-" : "")
                    .append(DIGITS.charAt(pair >> (16 - BITS - bit % 8) & ((1 << BITS) - 1)));
        }
        return code.toString();
    }

    /** Whether a person may have meant that code: case and hyphens do not matter. */
    public static boolean isMeant(String code, String typed) {
        return plain(code).equals(plain(typed));
    }

    private static String plain(String code) {
        return code.toUpperCase(Locale.ROOT).replace("-", "");
    }
}
