package io.p2pvpn.overlay.host;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A web proxy that opens streams for us when asked to CONNECT (RFC 9110 section 9.3.6). Immutable; its text form leaves
 * the credentials out.
 *
 * @param host its name or address; IPv6 without brackets
 * @param port 1 to 65535
 * @param user for Basic authentication (RFC 7617), or null for none
 * @param password null exactly when {@code user} is
 */
public record HttpProxy(
        String host,
        int port,
        @Nullable String user,
        @Nullable String password) {
    /**
     * Reads {@code http://[USER:PASSWORD@]HOST:PORT}; credentials may be percent-encoded.
     *
     * @throws IllegalArgumentException when the text is not of that form; the message does not repeat it
     */
    public static HttpProxy parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException damaged) {
            // Neither the text nor the cause, which holds it: a password may be inside.
            throw malformed();
        }
        String path = uri.getRawPath();
        String host = uri.getHost();
        boolean plain = (path == null || path.isEmpty() || path.equals("/"))
                && uri.getRawQuery() == null
                && uri.getRawFragment() == null;
        if (!"http".equalsIgnoreCase(uri.getScheme())
                || host == null
                || uri.getPort() < 1
                || uri.getPort() > 65_535
                || !plain) {
            throw malformed();
        }
        boolean bracketed = host.startsWith("[");
        String bare = bracketed ? host.substring(1, host.length() - 1) : host;
        // Decoded after it is split: a colon may be part of the password, and an encoded one of the user.
        String raw = uri.getRawUserInfo();
        if (raw == null) {
            return new HttpProxy(bare, uri.getPort(), null, null);
        }
        int colon = raw.indexOf(':');
        if (colon <= 0) {
            throw malformed();
        }
        return new HttpProxy(bare, uri.getPort(), decoded(raw.substring(0, colon)), decoded(raw.substring(colon + 1)));
    }

    private static String decoded(String part) {
        String text = URI.create("http://" + part + "@h").getUserInfo();
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw malformed();
        }
        return text;
    }

    private static IllegalArgumentException malformed() {
        return new IllegalArgumentException(
                "a proxy is http://[USER:PASSWORD@]HOST:PORT, for example http://proxy.example:3128;"
                        + " percent-encode special characters");
    }

    @Override
    public String toString() {
        return "http://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
