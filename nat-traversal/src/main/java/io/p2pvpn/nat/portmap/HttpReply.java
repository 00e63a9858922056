package io.p2pvpn.nat.portmap;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** As much of HTTP/1.1 (RFC 9112) as home routers speak: one answer, its length told, in chunks, or by the end. */
final class HttpReply {
    static final int OK = 200;

    private static final int HEAD_BYTES_MAX = 16_384;
    private static final int HEADERS_MAX = 64;
    private static final int CHUNK_DIGITS_MAX = 6;

    private final int status;
    private final Map<String, String> headers;
    private final byte[] body;
    private final boolean whole;

    private HttpReply(int status, Map<String, String> headers, byte[] body, boolean whole) {
        this.status = status;
        this.headers = headers;
        this.body = body;
        this.whole = whole;
    }

    /** Reads an answer, or what there is of it; null if it is none, or its head is not complete. */
    static @Nullable HttpReply parse(byte[] bytes) {
        int headBytes = headBytes(bytes);
        if (headBytes < 0) {
            return null;
        }
        String[] lines = new String(bytes, 0, headBytes, StandardCharsets.ISO_8859_1).split("\r?\n", -1);
        int status = status(lines[0]);
        if (status < 0 || lines.length > HEADERS_MAX) {
            return null;
        }
        Map<String, String> headers = new TreeMap<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0) {
                String name = lines[i].substring(0, colon).trim().toLowerCase(Locale.ROOT);
                headers.put(name, lines[i].substring(colon + 1).trim());
            }
        }
        byte[] rest = Arrays.copyOfRange(bytes, headBytes, bytes.length);
        if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
            return chunked(status, headers, rest);
        }
        int length = length(headers.get("content-length"));
        if (length >= 0 && rest.length >= length) {
            return new HttpReply(status, headers, Arrays.copyOf(rest, length), true);
        }
        return new HttpReply(status, headers, rest, false);
    }

    /** The bytes up to and with the empty line, or -1. */
    private static int headBytes(byte[] bytes) {
        int limit = Math.min(bytes.length, HEAD_BYTES_MAX);
        for (int i = 0; i < limit; i++) {
            if (bytes[i] == '\n') {
                if (i + 1 < limit && bytes[i + 1] == '\n') {
                    return i + 2;
                }
                if (i + 2 < limit && bytes[i + 1] == '\r' && bytes[i + 2] == '\n') {
                    return i + 3;
                }
            }
        }
        return -1;
    }

    private static int status(String line) {
        boolean valid = line.matches("HTTP/1\\.[01] [1-5][0-9]{2}( .*)?");
        return valid ? Integer.parseInt(line.substring(9, 12)) : -1;
    }

    private static int length(@Nullable String text) {
        return text != null && text.matches("[0-9]{1,8}") ? Integer.parseInt(text) : -1;
    }

    private static HttpReply chunked(int status, Map<String, String> headers, byte[] rest) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int at = 0;
        while (true) {
            int lineEnd = at;
            while (lineEnd < rest.length && rest[lineEnd] != '\n') {
                lineEnd++;
            }
            if (lineEnd == rest.length) {
                return new HttpReply(status, headers, body.toByteArray(), false);
            }
            String line = new String(rest, at, lineEnd - at, StandardCharsets.ISO_8859_1);
            String digits = line.split(";", 2)[0].trim();
            boolean valid = digits.length() <= CHUNK_DIGITS_MAX && digits.matches("[0-9A-Fa-f]+");
            int size = valid ? Integer.parseInt(digits, 16) : 0;
            at = lineEnd + 1;
            if (size == 0) {
                return new HttpReply(status, headers, body.toByteArray(), true);
            }
            if (size > rest.length - at) {
                return new HttpReply(status, headers, body.toByteArray(), false);
            }
            body.write(rest, at, size);
            at += size;
            while (at < rest.length && (rest[at] == '\r' || rest[at] == '\n')) {
                at++;
            }
        }
    }

    /** The status code, 100 to 599. */
    int status() {
        return status;
    }

    /** The value of a header, its name in lower case; null if it is not there. */
    @Nullable
    String header(String name) {
        return headers.get(name);
    }

    /** The content, as far as it is there. */
    byte[] body() {
        return body;
    }

    /** True if all of the content is there for certain; an answer that ends with the connection never says so. */
    boolean isWhole() {
        return whole;
    }
}
