package io.p2pvpn.cli;

import java.time.Duration;
import java.util.Locale;

/**
 * A length of time on the command line: a number and s, m, h or d.
 *
 * @param duration more than nothing
 */
public record Span(Duration duration) {
    private static final String FORM = "a time is a number with s, m, h or d, for example 90s, 10m, 24h or 30d";
    private static final long NUMBER_MAX = 1_000_000_000L;

    /**
     * The time in a text.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static Span parse(String text) {
        int digits = 0;
        while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
            digits++;
        }
        if (digits == 0 || digits > 9) {
            throw new IllegalArgumentException(FORM);
        }
        long number = Long.parseLong(text, 0, digits, 10);
        if (number == 0 || number > NUMBER_MAX) {
            throw new IllegalArgumentException(FORM);
        }
        return new Span(
                switch (text.substring(digits).toLowerCase(Locale.ROOT)) {
                    case "s" -> Duration.ofSeconds(number);
                    case "m" -> Duration.ofMinutes(number);
                    case "h" -> Duration.ofHours(number);
                    case "d" -> Duration.ofDays(number);
                    default -> throw new IllegalArgumentException(FORM);
                });
    }

    /** The time in seconds. */
    public long seconds() {
        return duration.toSeconds();
    }
}
