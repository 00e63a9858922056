package io.p2pvpn.vpn.trust;

/** The syntax of the names of namespaces and members. */
public final class Names {

    /** Length of the longest name, in characters: that of a DNS label (RFC 1035 section 2.3.4). */
    public static final int NAME_CHARS_MAX = 63;

    private Names() {}

    /**
     * Whether the name has 1 to {@link #NAME_CHARS_MAX} ASCII letters, digits, dots, hyphens and underscores and begins
     * with a letter or a digit, so that it is neither an option of a command nor a file name with a meaning.
     */
    public static boolean isName(String name) {
        if (name.isEmpty() || name.length() > NAME_CHARS_MAX || !isLetterOrDigit(name.charAt(0))) {
            return false;
        }
        for (int i = 1; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!isLetterOrDigit(c) && c != '.' && c != '-' && c != '_') {
                return false;
            }
        }
        return true;
    }

    private static boolean isLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}
