package io.p2pvpn.cli.history;

import java.time.Duration;

/**
 * What of a history is kept.
 *
 * @param age how long; a file goes when its whole day is older
 * @param bytes how much in all; beyond that the oldest file goes
 */
public record HistoryLimits(Duration age, long bytes) {
    /** So much of all the bytes that one file, and so one crawl, may have. */
    static final int PARTS_MIN = 8;

    long partBytes() {
        return bytes / PARTS_MIN;
    }
}
