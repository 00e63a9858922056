package io.p2pvpn.cli.history;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The document of {@code p2pvpn crawl history}. Shares have six digits behind the point.
 *
 * @param since from when on crawls were looked at
 * @param windowSeconds how long each window is; the first began in 1970
 * @param unreadable lines that are no crawls
 * @param rings what was crawled, by name, the public ring last
 */
public record HistoryReport(String since, long windowSeconds, int unreadable, List<Ring> rings) {
    /**
     * One ring over the whole time.
     *
     * @param namespace its namespace; null for the public ring, and for crawls that failed before it was known
     * @param publicRing whether it is the public ring
     * @param total all windows together
     * @param windows those in which there was a crawl, oldest first
     * @param mostMissing who was missing in most crawls
     * @param mostLagging who did not answer in time in most crawls
     */
    public record Ring(
            @Nullable String namespace,
            boolean publicRing,
            Window total,
            List<Window> windows,
            List<Member> mostMissing,
            List<Member> mostLagging) {}

    /**
     * A time.
     *
     * @param from its beginning; of a total, the first crawl
     * @param crawls how many succeeded
     * @param failed how many did not
     * @param figures of those that succeeded; null if none did
     */
    public record Window(
            String from, int crawls, int failed, @Nullable Figures figures) {}

    /**
     * What was seen in crawls.
     *
     * @param consistencyMean of all crawls alike
     * @param consistencyMin the lowest
     * @param nodesMin fewest members
     * @param nodesMax most members
     * @param missingMax most members missing in one crawl
     * @param laggingMax most members late in one crawl
     * @param incomplete how many crawls did not cover the whole ring
     */
    public record Figures(
            double consistencyMean,
            double consistencyMin,
            int nodesMin,
            int nodesMax,
            int missingMax,
            int laggingMax,
            int incomplete) {}

    /**
     * A member that was not heard.
     *
     * @param id its position
     * @param crawls in how many crawls
     */
    public record Member(String id, int crawls) {}
}
