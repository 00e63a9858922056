package io.p2pvpn.simulator.scenario;

import io.p2pvpn.crawler.CrawlReport;
import io.p2pvpn.crawler.mapreduce.Coverage;
import io.p2pvpn.simulator.plot.Chart;
import java.util.LinkedHashMap;
import java.util.Map;

/** What crawls of one kind came to. */
final class CrawlFigures {
    private static final double MICROS_PER_MILLI = 1000;

    private final int nodes;
    private final Samples seconds = new Samples();
    private final Samples members = new Samples();
    private final Samples messages = new Samples();
    private final Samples bytes = new Samples();
    private final Samples depths = new Samples();
    private final Samples consistencies = new Samples();
    private final Samples mapMillis = new Samples();
    private final Samples waitMillis = new Samples();
    private int incomplete;

    /** None yet, in a ring of so many. */
    CrawlFigures(int nodes) {
        this.nodes = nodes;
    }

    void add(CrawlReport report) {
        Coverage coverage = report.coverage();
        seconds.add(Simulation.seconds(report.nanos()));
        members.add(coverage.members());
        messages.add((double) coverage.messages());
        bytes.add(coverage.bytes() / (double) nodes);
        depths.add(coverage.depth());
        consistencies.add(report.consistency().value());
        mapMillis.add(coverage.mapMicros() / MICROS_PER_MILLI / coverage.members());
        waitMillis.add(coverage.routingMicros() / MICROS_PER_MILLI / coverage.members());
        incomplete += coverage.isComplete() && report.consistency().nodes() == nodes ? 0 : 1;
    }

    /** The median time. */
    double seconds() {
        return seconds.quantile(0.5);
    }

    /** The mean number of members. */
    double members() {
        return members.mean();
    }

    /** The mean number of messages. */
    double messages() {
        return messages.mean();
    }

    /** The mean of the bytes a member. */
    double bytes() {
        return bytes.mean();
    }

    /** The figures under that name, and the times as a line; empty if there are none. */
    Map<String, Object> put(String name, Map<String, Object> metrics, Chart chart) {
        Map<String, Object> result = new LinkedHashMap<>();
        if (seconds.size() == 0) {
            return result;
        }
        result.put("crawls", seconds.size());
        result.put("incomplete", incomplete);
        result.put("secondsP50", Samples.rounded(seconds.quantile(0.5)));
        result.put("secondsMax", Samples.rounded(seconds.quantile(1)));
        result.put("membersMin", Samples.rounded(members.quantile(0)));
        result.put("messages", Samples.rounded(messages.mean()));
        result.put("bytesPerNode", Samples.rounded(bytes.mean()));
        result.put("depthMax", Samples.rounded(depths.quantile(1)));
        result.put("consistencyMin", Samples.rounded(consistencies.quantile(0)));
        result.put("mapMillisMean", Samples.rounded(mapMillis.mean()));
        result.put("waitMillisMean", Samples.rounded(waitMillis.mean()));
        metrics.put(name, result);
        chart.add(seconds.distribution(name, seconds.size()));
        return result;
    }
}
