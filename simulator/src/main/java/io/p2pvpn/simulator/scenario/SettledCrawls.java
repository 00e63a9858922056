package io.p2pvpn.simulator.scenario;

import io.p2pvpn.crawler.CrawlOptions;
import io.p2pvpn.simulator.converged.ConvergedCrawl;
import io.p2pvpn.simulator.converged.ConvergedRing;
import io.p2pvpn.simulator.converged.LightNetwork.State;
import io.p2pvpn.simulator.converged.SitedRing;
import io.p2pvpn.simulator.plot.Chart;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Crawls of a settled ring without nodes, message by message ({@link ConvergedCrawl}). */
final class SettledCrawls {
    private static final int WALK_SAMPLES = 2000;
    private static final double PERCENT = 100;

    private final SplittableRandom random;
    private final int nodes;
    private final ConvergedCrawl crawl;
    private final int[] sources;
    private int well;

    /**
     * A settled ring of so many.
     *
     * @param crashed percentage of members that have crashed unnoticed; likewise those that lag
     * @param unlinked percentage of pairs of neighbours without a link
     */
    SettledCrawls(Simulation simulation, int nodes, int crawls, double crashed, double lagging, double unlinked) {
        this.random = simulation.random();
        this.nodes = nodes;
        SitedRing ring = new SitedRing(new ConvergedRing(nodes, random), unlinked / PERCENT, random);
        this.crawl = new ConvergedCrawl(simulation.world(), ring, random);
        this.well = nodes;
        befall(State.CRASHED, crashed);
        befall(State.LAGGING, lagging);
        this.sources = new int[crawls];
        for (int i = 0; i < crawls; i++) {
            sources[i] = drawWell();
        }
    }

    private void befall(State state, double percentage) {
        int count = (int) Math.round(nodes * percentage / PERCENT);
        for (int i = 0; i < count; i++) {
            crawl.network().set(drawWell(), state);
        }
        well -= count;
    }

    private int drawWell() {
        int drawn = random.nextInt(nodes);
        while (crawl.network().state(drawn) != State.WELL) {
            drawn = random.nextInt(nodes);
        }
        return drawn;
    }

    /** All of one kind, from the same members for each kind. */
    void run(String name, CrawlOptions options, Map<String, Object> metrics, Chart chart, CrawlGrowth growth) {
        CrawlFigures figures = new CrawlFigures(nodes);
        Samples overPath = new Samples();
        Samples pathSeconds = new Samples();
        Samples orders = new Samples();
        Samples sentMessages = new Samples();
        Samples sentBytes = new Samples();
        Samples sentBytesMax = new Samples();
        for (int source : sources) {
            ConvergedCrawl.Result result = crawl.crawl(source, options);
            figures.add(result.report());
            overPath.add(result.overPath());
            pathSeconds.add(Simulation.seconds(result.pathNanos()));
            orders.add(result.orders() / (double) nodes);
            sentMessages.add(result.sentMessages() / (double) nodes);
            sentBytes.add(result.sentBytes() / (double) nodes);
            sentBytesMax.add((double) result.sentBytesMax());
        }
        Map<String, Object> more = figures.put(name, metrics, chart);
        growth.add(name, nodes, figures.seconds(), figures.messages(), figures.bytes());
        if (name.equals("local")) {
            growth.square(nodes, figures.seconds());
        }
        more.put("membersWell", well);
        more.put("pathSecondsP50", Samples.rounded(pathSeconds.quantile(0.5)));
        more.put("overPathP50", Samples.rounded(overPath.quantile(0.5)));
        more.put("overPathMax", Samples.rounded(overPath.quantile(1)));
        more.put("ordersPerNode", Samples.rounded(orders.mean()));
        more.put("sentMessagesPerNode", Samples.rounded(sentMessages.mean()));
        more.put("sentBytesPerNode", Samples.rounded(sentBytes.mean()));
        more.put("sentBytesMax", Samples.rounded(sentBytesMax.quantile(1)));
    }

    /** From member to member, for as long as a crawl can take; what the whole ring would take is put beside it. */
    void walk(int count, CrawlOptions options, Map<String, Object> metrics, Chart chart, CrawlGrowth growth) {
        CrawlFigures figures = new CrawlFigures(nodes);
        Samples whole = new Samples();
        for (int i = 0; i < count; i++) {
            int source = drawWell();
            figures.add(crawl.crawl(source, options).report());
            whole.add(nodes * crawl.meanRoundTripSeconds(source, WALK_SAMPLES, random));
        }
        Map<String, Object> more = figures.put("sequential", metrics, chart);
        if (count > 0) {
            more.put("secondsOfAll", Samples.rounded(whole.mean()));
            double share = figures.members() / nodes;
            growth.add("sequential", nodes, whole.mean(), figures.messages() / share, figures.bytes() / share);
        }
    }

    /** What figures are to be compared with. */
    static Map<String, Object> scale(int nodes) {
        double log2 = Math.log(nodes) / Math.log(2);
        Map<String, Object> scale = new LinkedHashMap<>();
        scale.put("twiceLog2", Samples.rounded(2 * log2));
        scale.put("log2Squared", Samples.rounded(log2 * log2));
        return scale;
    }
}
