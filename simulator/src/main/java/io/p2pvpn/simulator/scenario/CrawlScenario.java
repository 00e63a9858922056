package io.p2pvpn.simulator.scenario;

import io.p2pvpn.crawler.CrawlOptions;
import io.p2pvpn.crawler.CrawlOptions.By;
import io.p2pvpn.crawler.CrawlOptions.Method;
import io.p2pvpn.crawler.CrawlReport;
import io.p2pvpn.simulator.RingWorld.Member;
import io.p2pvpn.simulator.converged.ConvergedCrawl;
import io.p2pvpn.simulator.converged.ConvergedRing;
import io.p2pvpn.simulator.plot.Chart;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Random members of a settled ring crawl it, in each of the ways that there are. With {@code settled}, no nodes run:
 * the same is reckoned from the tree, for rings that do not fit into a machine.
 */
final class CrawlScenario implements Scenario {
    private static final Parameter CRAWLS = new Parameter("crawls", "how many crawls of each kind", 1, 1000, 5);
    private static final Parameter SEQUENTIAL =
            new Parameter("sequential", "how many that go from member to member", 0, 100, 1);
    private static final Parameter SETTLED =
            new Parameter("settled", "1: no nodes, times reckoned from the tree", 0, 1, 0);

    private static final long TIMEOUT_NANOS = 120 * Simulation.SECOND_NANOS;
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
            List.of(CRAWLS, SEQUENTIAL, SETTLED));

    @Override
    public Profile profile() {
        return PROFILE;
    }

    @Override
    public Outcome run(Simulation simulation) throws SimulationException {
        Map<String, Object> metrics = new LinkedHashMap<>();
        Chart chart =
                new Chart("Crawls of a ring of " + simulation.settings().nodes(), "seconds", "share of the crawls");
        if (simulation.settings().count(SETTLED.name()) == 1) {
            reckon(simulation, metrics, chart);
        } else {
            measure(simulation, metrics, chart);
        }
        return new Outcome(metrics, chart);
    }

    private static CrawlOptions usual() {
        return CrawlOptions.usual(TIMEOUT_NANOS);
    }

    private static void measure(Simulation simulation, Map<String, Object> metrics, Chart chart)
            throws SimulationException {
        int crawls = simulation.settings().count(CRAWLS.name());
        simulation.start(5L * crawls * (PAUSE_NANOS + Simulation.SECOND_NANOS));
        Map<String, CrawlOptions> kinds = new LinkedHashMap<>();
        kinds.put("lists", usual());
        kinds.put("listsPruned", usual().pruned(true));
        kinds.put("local", usual().with(Method.MAPREDUCE, By.LOCAL));
        kinds.put("listsBothWays", usual().bothWays(true));
        kinds.put("localBothWays", usual().with(Method.MAPREDUCE, By.LOCAL).bothWays(true));
        for (Map.Entry<String, CrawlOptions> kind : kinds.entrySet()) {
            new Crawls(simulation, crawls, kind.getValue()).run(kind.getKey(), metrics, chart);
        }
        CrawlOptions sequential = CrawlOptions.usual(SEQUENTIAL_NANOS).with(Method.SEQUENTIAL, By.LISTS);
        new Crawls(simulation, simulation.settings().count(SEQUENTIAL.name()), sequential)
                .run("sequential", metrics, chart);
    }

    /** All of one kind. */
    private static final class Crawls {
        private final Simulation simulation;
        private final int count;
        private final CrawlOptions options;
        private final Samples seconds = new Samples();
        private final Samples messages = new Samples();
        private final Samples bytes = new Samples();
        private final Samples depths = new Samples();
        private final Samples consistencies = new Samples();
        private int incomplete;

        Crawls(Simulation simulation, int count, CrawlOptions options) {
            this.simulation = simulation;
            this.count = count;
            this.options = options;
        }

        void run(String name, Map<String, Object> metrics, Chart chart) throws SimulationException {
            for (int i = 0; i < count; i++) {
                crawl();
                simulation.runFor(PAUSE_NANOS);
            }
            if (seconds.size() == 0) {
                return;
            }
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("crawls", count);
            result.put("incomplete", incomplete);
            result.put("secondsP50", Samples.rounded(seconds.quantile(0.5)));
            result.put("secondsMax", Samples.rounded(seconds.quantile(1)));
            result.put("messages", Samples.rounded(messages.mean()));
            result.put("bytesPerNode", Samples.rounded(bytes.mean()));
            result.put("depthMax", Samples.rounded(depths.quantile(1)));
            result.put("consistencyMin", Samples.rounded(consistencies.quantile(0)));
            metrics.put(name, result);
            chart.add(seconds.distribution(name, count));
        }

        private void crawl() throws SimulationException {
            Member asker = simulation.dhts().drawJoined();
            if (asker == null) {
                throw new SimulationException("no member is left to crawl");
            }
            CompletableFuture<CrawlReport> crawled =
                    asker.crawler().crawl(asker.taskRing(), options);
            simulation.runUntil(crawled::isDone, options.timeoutNanos() + PAUSE_NANOS);
            if (!crawled.isDone() || crawled.isCompletedExceptionally()) {
                throw new SimulationException("a crawl did not end");
            }
            CrawlReport report = crawled.join();
            int nodes = simulation.settings().nodes();
            seconds.add(Simulation.seconds(report.nanos()));
            messages.add((double) report.coverage().messages());
            bytes.add(report.coverage().bytes() / (double) nodes);
            depths.add(report.coverage().depth());
            consistencies.add(report.consistency().value());
            incomplete += report.coverage().isComplete() && report.consistency().nodes() == nodes ? 0 : 1;
        }
    }

    // -------------------------------------------------------------------------- reckoned

    private static void reckon(Simulation simulation, Map<String, Object> metrics, Chart chart) {
        ConvergedRing ring = new ConvergedRing(simulation.settings().nodes(), simulation.random());
        ConvergedCrawl crawl = new ConvergedCrawl(ring, simulation.random());
        int crawls = simulation.settings().count(CRAWLS.name());
        for (boolean lists : new boolean[] {true, false}) {
            String name = lists ? "lists" : "local";
            put(simulation, name, crawls, source -> crawl.mapReduce(source, lists), metrics, chart);
        }
        int sequential = simulation.settings().count(SEQUENTIAL.name());
        put(simulation, "sequential", sequential, crawl::sequential, metrics, chart);
    }

    private interface Reckoning {
        ConvergedCrawl.Result from(int source);
    }

    private static void put(
            Simulation simulation,
            String name,
            int count,
            Reckoning reckoning,
            Map<String, Object> metrics,
            Chart chart) {
        Samples seconds = new Samples();
        Samples messages = new Samples();
        Samples bytes = new Samples();
        Samples depths = new Samples();
        int nodes = simulation.settings().nodes();
        for (int i = 0; i < count; i++) {
            int source = simulation.random().nextInt(nodes);
            ConvergedCrawl.Result result = reckoning.from(source);
            simulation.world().step(source, result.depth());
            seconds.add(result.seconds());
            messages.add((double) result.messages());
            bytes.add(result.bytes() / (double) nodes);
            depths.add(result.depth());
        }
        if (count == 0) {
            return;
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("crawls", count);
        result.put("secondsP50", Samples.rounded(seconds.quantile(0.5)));
        result.put("secondsMax", Samples.rounded(seconds.quantile(1)));
        result.put("messages", Samples.rounded(messages.mean()));
        result.put("bytesPerNode", Samples.rounded(bytes.mean()));
        result.put("depthMax", Samples.rounded(depths.quantile(1)));
        metrics.put(name, result);
        chart.add(seconds.distribution(name, count));
    }
}
