package io.p2pvpn.simulator.scenario;

import io.p2pvpn.crawler.CrawlOptions;
import io.p2pvpn.crawler.CrawlOptions.By;
import io.p2pvpn.crawler.CrawlOptions.Method;
import io.p2pvpn.crawler.CrawlReport;
import io.p2pvpn.simulator.RingWorld.Member;
import io.p2pvpn.simulator.plot.Chart;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Random members of a settled ring crawl it, in each of the ways that there are. With {@code settled}, no nodes run,
 * but what they crawl with does, message by message, for rings that do not fit into a machine.
 */
final class CrawlScenario implements Scenario {
    private static final Parameter CRAWLS = new Parameter("crawls", "how many crawls of each kind", 1, 1000, 5);
    private static final Parameter SEQUENTIAL =
            new Parameter("sequential", "how many that go from member to member", 0, 100, 1);
    private static final Parameter SETTLED =
            new Parameter("settled", "1: no nodes, but what they crawl with, on a settled ring", 0, 1, 0);
    private static final Parameter LIMIT = new Parameter("limit-seconds", "how long a tree may take", 1, 600, 120);
    private static final Parameter DECADES =
            new Parameter("decades", "settled: so many smaller rings before, each of a tenth", 0, 4, 0);
    private static final Parameter CRASHED =
            new Parameter("crashed", "settled: percentage of members that crashed unnoticed", 0, 50, 0);
    private static final Parameter LAGGING =
            new Parameter("lagging", "settled: percentage of members that are 5 s late", 0, 50, 0);
    private static final Parameter UNLINKED =
            new Parameter("unlinked", "settled: percentage of pairs of neighbours without a link", 0, 50, 0);

    private static final long SEQUENTIAL_NANOS = 600 * Simulation.SECOND_NANOS;
    /** So that members' limits on one source are never met. */
    private static final long PAUSE_NANOS = 2 * Simulation.SECOND_NANOS;

    private static final Profile PROFILE = new Profile(
            "crawl",
            "the ring is crawled, as a tree and member by member: time, messages, bytes, consistency",
            200,
            2,
            1_000_000,
            0,
            Links.PLANETLAB,
            List.of(CRAWLS, SEQUENTIAL, SETTLED, LIMIT, DECADES, CRASHED, LAGGING, UNLINKED));

    @Override
    public Profile profile() {
        return PROFILE;
    }

    @Override
    public Outcome run(Simulation simulation) throws SimulationException {
        Map<String, Object> metrics = new LinkedHashMap<>();
        Chart chart =
                new Chart("Crawls of a ring of " + simulation.settings().nodes(), "seconds", "share of the crawls");
        CrawlOptions usual = CrawlOptions.usual(simulation.settings().count(LIMIT.name()) * Simulation.SECOND_NANOS);
        if (simulation.settings().count(SETTLED.name()) == 1) {
            return new Outcome(metrics, settled(simulation, usual, metrics, chart));
        }
        ofNodes(simulation, usual, metrics, chart);
        return new Outcome(metrics, chart);
    }

    private static Map<String, CrawlOptions> kinds(CrawlOptions usual) {
        Map<String, CrawlOptions> kinds = new LinkedHashMap<>();
        kinds.put("lists", usual);
        kinds.put("listsPruned", usual.pruned(true));
        kinds.put("local", usual.with(Method.MAPREDUCE, By.LOCAL));
        kinds.put("listsBothWays", usual.bothWays(true));
        kinds.put("localBothWays", usual.with(Method.MAPREDUCE, By.LOCAL).bothWays(true));
        return kinds;
    }

    private static CrawlOptions sequential() {
        return CrawlOptions.usual(SEQUENTIAL_NANOS).with(Method.SEQUENTIAL, By.LISTS);
    }

    private static void ofNodes(Simulation simulation, CrawlOptions usual, Map<String, Object> metrics, Chart chart)
            throws SimulationException {
        int crawls = simulation.settings().count(CRAWLS.name());
        simulation.start(5L * crawls * (PAUSE_NANOS + Simulation.SECOND_NANOS));
        for (Map.Entry<String, CrawlOptions> kind : kinds(usual).entrySet()) {
            crawl(simulation, kind.getKey(), crawls, kind.getValue(), metrics, chart);
        }
        int walks = simulation.settings().count(SEQUENTIAL.name());
        crawl(simulation, "sequential", walks, sequential(), metrics, chart);
    }

    /** The ring of all, after smaller ones if that is asked for. */
    private static List<Chart> settled(
            Simulation simulation, CrawlOptions usual, Map<String, Object> metrics, Chart chart) {
        Settings settings = simulation.settings();
        CrawlGrowth growth = new CrawlGrowth();
        for (int decade = settings.count(DECADES.name()); decade > 0; decade--) {
            int nodes = (int) (settings.nodes() / Math.pow(10, decade));
            Map<String, Object> smaller = new LinkedHashMap<>();
            if (nodes > 1) {
                settled(simulation, nodes, usual, smaller, new Chart("", "", ""), growth);
                smaller.forEach((name, value) -> metrics.put(name + nodes, value));
            }
        }
        settled(simulation, settings.nodes(), usual, metrics, chart, growth);
        return settings.count(DECADES.name()) > 0 ? growth.charts() : List.of(chart);
    }

    private static void settled(
            Simulation simulation,
            int nodes,
            CrawlOptions usual,
            Map<String, Object> metrics,
            Chart chart,
            CrawlGrowth growth) {
        Settings settings = simulation.settings();
        SettledCrawls crawls = new SettledCrawls(
                simulation,
                nodes,
                settings.count(CRAWLS.name()),
                settings.value(CRASHED.name()),
                settings.value(LAGGING.name()),
                settings.value(UNLINKED.name()));
        metrics.put("scale", SettledCrawls.scale(nodes));
        kinds(usual).forEach((name, options) -> crawls.run(name, options, metrics, chart, growth));
        crawls.walk(settings.count(SEQUENTIAL.name()), sequential(), metrics, chart, growth);
    }

    /** All of one kind, of real nodes. */
    private static void crawl(
            Simulation simulation,
            String name,
            int count,
            CrawlOptions options,
            Map<String, Object> metrics,
            Chart chart)
            throws SimulationException {
        CrawlFigures figures = new CrawlFigures(simulation.settings().nodes());
        for (int i = 0; i < count; i++) {
            Member asker = simulation.dhts().drawJoined();
            if (asker == null) {
                throw new SimulationException("no member is left to crawl");
            }
            CompletableFuture<CrawlReport> crawled = asker.crawler().crawl(asker.taskRing(), options);
            simulation.runUntil(crawled::isDone, options.timeoutNanos() + PAUSE_NANOS);
            if (!crawled.isDone() || crawled.isCompletedExceptionally()) {
                throw new SimulationException("a crawl did not end");
            }
            figures.add(crawled.join());
            simulation.runFor(PAUSE_NANOS);
        }
        figures.put(name, metrics, chart);
    }
}
