package io.p2pvpn.cli;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers and IDs as a person reads them. */
public final class Words {
    private static final int SHORT_ID_CHARS = 8;
    private static final int KILO = 1000;
    private static final int MINUTE_SECONDS = 60;
    private static final int HOUR_SECONDS = 3600;
    private static final int DAY_SECONDS = 86_400;
    private static final List<String> BYTE_UNITS = List.of("B", "kB", "MB", "GB", "TB");

    private Words() {}

    /** The beginning of an ID, or a dash. */
    public static String id(@Nullable String id) {
        return id == null ? "-" : id.substring(0, Math.min(SHORT_ID_CHARS, id.length()));
    }

    /** The text, or a dash. */
    public static String orDash(@Nullable String text) {
        return text == null || text.isEmpty() ? "-" : text;
    }

    /** A round trip in milliseconds, or a dash. */
    public static String millis(@Nullable Double millis) {
        return millis == null ? "-" : String.format(Locale.ROOT, millis < 10 ? "%.2f ms" : "%.1f ms", millis);
    }

    /** An amount of data. */
    public static String bytes(long amount) {
        double value = amount;
        int unit = 0;
        while (value >= KILO && unit < BYTE_UNITS.size() - 1) {
            value /= KILO;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, BYTE_UNITS.get(unit));
    }

    /** A rate of data. */
    public static String megabits(double megabitsPerSecond) {
        return megabitsPerSecond < KILO
                ? String.format(Locale.ROOT, "%.0f Mbit/s", megabitsPerSecond)
                : String.format(Locale.ROOT, "%.2f Gbit/s", megabitsPerSecond / KILO);
    }

    /** A time span, its two biggest units. */
    public static String span(long seconds) {
        if (seconds < MINUTE_SECONDS) {
            return seconds + "s";
        }
        if (seconds < HOUR_SECONDS) {
            return seconds / MINUTE_SECONDS + "m " + seconds % MINUTE_SECONDS + "s";
        }
        if (seconds < DAY_SECONDS) {
            return seconds / HOUR_SECONDS + "h " + seconds % HOUR_SECONDS / MINUTE_SECONDS + "m";
        }
        return seconds / DAY_SECONDS + "d " + seconds % DAY_SECONDS / HOUR_SECONDS + "h";
    }
}
