package io.p2pvpn.crawler.picture;

/** Text from other people's nodes, made harmless for the document that it goes into. */
final class SafeText {
    /** Characters of a name; what is longer is cut. */
    static final int NAME_CHARS_MAX = 64;

    private static final int REPLACEMENT = 0xFFFD;

    private SafeText() {}

    /**
     * A name that is short and changes nothing around it: without control characters, without those that turn the
     * direction of text, without what XML does not allow.
     */
    static String name(String text) {
        StringBuilder safe = new StringBuilder();
        text.codePoints()
                .limit(NAME_CHARS_MAX)
                .forEach(each -> safe.appendCodePoint(isHarmless(each) ? each : REPLACEMENT));
        return safe.toString();
    }

    private static boolean isHarmless(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /** For text and attributes of XML and HTML. */
    static String xml(String text) {
        return name(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** For a quoted string of dot, in which backslashes begin escapes. */
    static String dot(String text) {
        return name(text).replace("\\", "\\\\").replace("\"", "\\\"");
    }

    /** For a string of JSON inside a script element of HTML. */
    static String json(String text) {
        StringBuilder safe = new StringBuilder();
        name(text).chars().forEach(each -> {
            switch (each) {
                case '"', '\\', '<', '>', '&', '\'' -> safe.append(String.format("\\u%04x", each));
                default -> safe.append((char) each);
            }
        });
        return safe.toString();
    }
}
