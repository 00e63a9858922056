package io.p2pvpn.vpn.dashboard;

import com.sun.net.httpserver.Headers;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask. The host's own browser, by a name that only loopback has, from the page that this server gave out; and
 * for all that is not the same for everybody, with the secret. Immutable.
 *
 * <p>The port in {@code Host} may be any: a page that is looked at through a forwarded port is under another one. That
 * lets nobody else in, since {@code Origin} has to be the same.
 */
final class RequestGuard {
    /** The header that brings the secret. A page from elsewhere could not send it without the browser asking us. */
    static final String TOKEN_HEADER = "X-P2pvpn-Token";

    private static final Pattern HOST = Pattern.compile("(127\\.0\\.0\\.1|localhost|\\[::1])(:[0-9]{1,5})?");
    private static final int FORBIDDEN = 403;
    private static final int UNAUTHORIZED = 401;
    private static final int MISDIRECTED = 421;

    private final AccessTokens tokens;

    RequestGuard(AccessTokens tokens) {
        this.tokens = tokens;
    }

    /**
     * A refusal.
     *
     * @param reason what it is counted as
     * @param status of the answer
     * @param text of the answer: what to do
     */
    record Refusal(Drop reason, int status, String text) {}

    /** Why whoever sent this gets nothing from here, not even the page; null if it may. */
    @Nullable
    Refusal origin(Headers headers) {
        String host = only(headers, "Host");
        if (host == null || !HOST.matcher(host.toLowerCase(Locale.ROOT)).matches()) {
            return new Refusal(Drop.HOST, MISDIRECTED, "use the address that p2pvpn dashboard printed");
        }
        boolean foreign = headers.containsKey("Origin") && !("http://" + host).equals(only(headers, "Origin"));
        String site = headers.containsKey("Sec-Fetch-Site") ? only(headers, "Sec-Fetch-Site") : "none";
        if (foreign || !("none".equals(site) || "same-origin".equals(site))) {
            return new Refusal(Drop.ORIGIN, FORBIDDEN, "not from another page: type or paste the address");
        }
        return null;
    }

    /** Why it may not see what is not for everybody; null if it may. */
    @Nullable
    Refusal secret(Headers headers) {
        String token = only(headers, TOKEN_HEADER);
        return token != null && tokens.isKnown(token)
                ? null
                : new Refusal(Drop.TOKEN, UNAUTHORIZED, "this link is not valid any more: run p2pvpn dashboard again");
    }

    /** The value of a header that is there once; null otherwise. */
    private static @Nullable String only(Headers headers, String name) {
        List<String> values = headers.get(name);
        return values == null || values.size() != 1 ? null : values.get(0);
    }
}
