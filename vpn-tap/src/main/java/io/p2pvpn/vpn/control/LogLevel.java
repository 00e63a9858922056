package io.p2pvpn.vpn.control;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How much a daemon writes to its log. */
public enum LogLevel {
    /** What an administrator can mend. */
    WARN,
    /** That, and what changes. */
    INFO,
    /** That, and what the parts of the program do. */
    DEBUG;

    /** The level of that word; {@link IllegalArgumentException} if it is none. */
    public static LogLevel parse(String word) {
        for (LogLevel level : values()) {
            if (level.word().equals(word.toLowerCase(Locale.ROOT))) {
                return level;
            }
        }
        throw new IllegalArgumentException("'" + word + "' is none of warn, info, debug");
    }

    /** The word in the document. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
