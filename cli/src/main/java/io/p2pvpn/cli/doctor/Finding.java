package io.p2pvpn.cli.doctor;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * What one look at the host found.
 *
 * @param code stable, for scripts
 * @param severity how bad
 * @param text what is so and, unless it is well, what to do
 */
record Finding(String code, Severity severity, String text) {
    /** How bad a finding is. */
    enum Severity {
        /** As it should be. */
        OK,
        /** Worth knowing. */
        INFO,
        /** A node works, though not well. */
        WARNING,
        /** A node does not work. */
        ERROR;

        /** The word in the document. */
        @JsonValue
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Finding ok(String code, String text) {
        return new Finding(code, Severity.OK, text);
    }

    static Finding info(String code, String text) {
        return new Finding(code, Severity.INFO, text);
    }

    static Finding warning(String code, String text) {
        return new Finding(code, Severity.WARNING, text);
    }

    static Finding error(String code, String text) {
        return new Finding(code, Severity.ERROR, text);
    }
}
