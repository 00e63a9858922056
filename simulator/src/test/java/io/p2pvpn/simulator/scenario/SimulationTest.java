package io.p2pvpn.simulator.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.simulator.plot.SvgChart;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The scenarios in worlds as small as they can be. */
class SimulationTest {
    private static final Links NEAR = Links.constant(20_000_000);

    private static Settings settings(String scenario, int nodes) {
        return Settings.usual(Objects.requireNonNull(Scenarios.named(scenario))).withNodes(nodes);
    }

    private static Map<String, Object> metrics(Settings settings) throws SimulationException {
        Simulation.Done done = Simulation.run(settings, progress -> {});
        SimulationResult result = done.result();
        assertThat(result.invariantViolations()).isZero();
        assertThat(result.events()).isPositive();
        assertThat(result.peakHeapBytes()).isPositive();
        assertThat(result.digest()).hasSize(64);
        assertThat(SvgChart.draw(done.charts())).contains("<path");
        return result.metrics();
    }

    @SuppressWarnings("unchecked")
    private static double part(Map<String, Object> metrics, String name, String part) {
        return ((Number) ((Map<String, Object>) metrics.get(name)).get(part)).doubleValue();
    }

    @Test
    void join_constantLatency_isNotFasterThanItsFloor() throws Exception {
        Map<String, Object> metrics =
                metrics(settings("join", 12).withLinks(NEAR).with("joins", 4));
        assertThat(metrics).containsEntry("joins", 4);
        assertThat(part(metrics, "memberSeconds", "p50")).isLessThanOrEqualTo(part(metrics, "rightSeconds", "p50"));
        assertThat(part(metrics, "rightOverFloor", "p50")).isBetween(1.0, 1.5);
    }

    @Test
    void crawl_ofNodesAndReckoned_findsAll() throws Exception {
        Map<String, Object> metrics =
                metrics(settings("crawl", 16).withLinks(NEAR).with("crawls", 2));
        for (String kind : List.of("lists", "listsPruned", "local", "listsBothWays", "localBothWays", "sequential")) {
            assertThat(part(metrics, kind, "incomplete")).as(kind).isZero();
            assertThat(part(metrics, kind, "consistencyMin")).as(kind).isEqualTo(1);
        }
        assertThat(part(metrics, "lists", "secondsMax")).isLessThan(part(metrics, "sequential", "secondsMax"));
        Map<String, Object> reckoned = metrics(settings("crawl", 500).with("settled", 1));
        assertThat(part(reckoned, "lists", "depthMax")).isBetween(3.0, 18.0);
    }

    @Test
    void join_givenADuration_goesOnForThatLong() throws Exception {
        Map<String, Object> metrics =
                metrics(settings("join", 3).withLinks(NEAR).withSeconds(20));
        assertThat((int) metrics.get("joins")).isBetween(5, 7);
    }

    @Test
    void massStart_aFewAtOnce_isRightInSeconds() throws Exception {
        Map<String, Object> metrics = metrics(settings("mass-start", 12).withLinks(NEAR));
        assertThat(part(metrics, "memberSeconds", "max")).isLessThanOrEqualTo(part(metrics, "rightSeconds", "max"));
        assertThat((double) metrics.get("ringRightSeconds")).isBetween(0.05, 8.0);
    }

    @Test
    void privateJoin_fewNodes_isAfterThePublicOne() throws Exception {
        Map<String, Object> metrics = metrics(
                settings("private-join", 10).withLinks(NEAR).with("members", 2).with("joins", 3));
        assertThat(metrics).containsEntry("joins", 3);
        double publicRing = part(metrics, "publicRingSeconds", "p50");
        double privateRing = part(metrics, "privateRingSeconds", "p50");
        assertThat(publicRing).isLessThan(privateRing);
        assertThat(privateRing).isLessThanOrEqualTo(part(metrics, "memberSeconds", "p50"));
        assertThat(part(metrics, "memberSeconds", "max")).isLessThan(20);
    }

    @Test
    void privateJoin_modelledCrypto_isRefusedAtOnce() {
        Settings modelled = settings("private-join", 10).withHosts(Hosts.USUAL.withModelled(true));
        assertThatThrownBy(() -> Simulation.run(modelled, progress -> {}))
                .isInstanceOf(SimulationException.class)
                .hasMessageContaining("whole nodes");
    }

    /** Brunet's steady state has 2.29 hops in a ring of 64, and 2.61 of a broadcast. */
    @Test
    void converged_smallRing_hasTheHopsOfTheSmallWorld() throws Exception {
        Settings settings = settings("converged", 64)
                .with("look-ups", 5000)
                .with("looking-ahead", 5000)
                .with("broadcasts", 30);
        Map<String, Object> metrics = metrics(settings);
        assertThat((double) metrics.get("hopsMean")).isBetween(1.9, 2.29);
        assertThat((double) metrics.get("lookingAheadHopsMean")).isLessThan((double) metrics.get("hopsMean"));
        assertThat((double) metrics.get("broadcastHopsMean")).isBetween(1.9, 2.61);
        assertThat(metrics).containsEntry("broadcastDuplicates", 0L).containsEntry("broadcastMisses", 0L);
        assertThat(Simulation.run(settings.withSeed(2), progress -> {}).result().digest())
                .isNotEqualTo(Simulation.run(settings, progress -> {}).result().digest());
    }

    /** Clocks that differ by minutes and uplinks of 1 Mbit/s: what is looked up is found all the same. */
    @Test
    void lookup_wrongClocksAndSlowUplinks_findsAll() throws Exception {
        Hosts hosts = Hosts.USUAL.withClockSkew(300_000).withUplink(125_000);
        Map<String, Object> metrics = metrics(
                settings("lookup", 10).withHosts(hosts).with("records", 10).withSeconds(10));
        assertThat(metrics).containsEntry("successShare", 1.0).containsEntry("wrongAnswers", 0);
    }

    @Test
    void lookup_modelledCrypto_measuresWhatTrueCryptoDoes() throws Exception {
        Settings trueCrypto = settings("lookup", 10).with("records", 10).withSeconds(10);
        Settings modelled = trueCrypto.withHosts(Hosts.USUAL.withModelled(true));
        assertThat(metrics(modelled)).isEqualTo(metrics(trueCrypto));
    }

    @Test
    void lookup_quietRing_findsAll() throws Exception {
        Map<String, Object> metrics =
                metrics(settings("lookup", 10).with("records", 10).withSeconds(10));
        assertThat(metrics)
                .containsEntry("successShare", 1.0)
                .containsEntry("wrongAnswers", 0)
                .containsEntry("lookUps", 200);
        assertThat(part(metrics, "latencySeconds", "p99")).isBetween(0.01, 5.0);
    }

    @Test
    void churn_fewNodes_answersRight() throws Exception {
        Map<String, Object> metrics = metrics(settings("churn", 16)
                .withLinks(NEAR)
                .with("session-seconds", 120)
                .withSeconds(120));
        assertThat(metrics)
                .containsEntry("wrongAnswers", 0)
                .containsEntry("lostRecords", 0)
                .containsEntry("watchedSeconds", 150L);
        assertThat((double) metrics.get("successShare")).isGreaterThan(0.99);
        assertThat((int) metrics.get("crashes") + (int) metrics.get("leaves")).isPositive();
    }

    @Test
    void churn_withoutTimeLeft_endsAtOnce() throws Exception {
        Settings settings = settings("churn", 10).withLinks(NEAR).withSeconds(600);
        Map<String, Object> metrics =
                Simulation.run(settings, progress -> {}, 0).result().metrics();
        assertThat(metrics)
                .containsEntry("churnSeconds", 0.0)
                .containsEntry("watchedSeconds", 30L)
                .containsEntry("lookUps", 0);
    }

    @Test
    void partition_healed_isOneRingSoon() throws Exception {
        Map<String, Object> metrics = metrics(settings("partition", 12).withSeconds(60));
        assertThat(metrics).containsEntry("partNodes", List.of(6, 6));
        assertThat((double) metrics.get("partsRightAfterSeconds")).isBetween(0.1, 60.0);
        assertThat((double) metrics.get("oneRingAfterSeconds")).isBetween(0.1, 60.0);
    }

    @Test
    void coordinates_overTime_becomeBetter() throws Exception {
        Map<String, Object> metrics =
                metrics(settings("coordinates", 24).with("newcomers", 2).withSeconds(120));
        assertThat(part(metrics, "relativeError", "p50")).isLessThan(0.5);
        List<?> overTime = (List<?>) metrics.get("overTime");
        assertThat(overTime).hasSize(60);
        assertThat(((Map<?, ?>) overTime.get(59)).get("seconds")).isEqualTo(120.0);
    }

    @Test
    void idle_fewNodes_costsAFewMessagesASecond() throws Exception {
        Map<String, Object> metrics =
                metrics(settings("idle", 6).with("rest-seconds", 60).withSeconds(120));
        assertThat((double) metrics.get("messagesPerNodeAndHour")).isBetween(1000.0, 20_000.0);
        assertThat((double) metrics.get("bytesPerNodeAndSecond")).isBetween(20.0, 1000.0);
        assertThat(metrics).containsEntry("sessionsMean", 5.0);
    }

    @Test
    void nat_fewNodes_everyPairIsCounted() throws Exception {
        Map<String, Object> metrics = metrics(settings("nat", 8).withLinks(NEAR).withSeconds(20));
        assertThat(metrics).containsEntry("pairs", 28);
        double direct = (double) metrics.get("directShare");
        double relayed = (double) metrics.get("relayedShare");
        assertThat(direct + relayed + (double) metrics.get("unreachableShare")).isBetween(0.999, 1.001);
        assertThat(direct).isGreaterThan(0.5);
    }

    @Test
    @SuppressWarnings("unchecked")
    void baseline_halfBehindNatBoxes_oursFindsAll_chordDoesNot() throws Exception {
        Map<String, Object> metrics = metrics(settings("baseline", 16)
                .with("behind-nat", 50)
                .with("records", 10)
                .withSeconds(5));
        assertThat((Map<String, Object>) metrics.get("p2pvpn"))
                .containsEntry("successShare", 1.0)
                .containsEntry("wrongAnswers", 0)
                .containsEntry("lookUps", 100);
        assertThat((Map<String, Object>) metrics.get("chord")).containsEntry("lookUps", 100);
        assertThat(part(metrics, "chord", "successShare")).isBetween(0.1, 0.95);
    }

    @Test
    void digest_sameSettings_isTheSame() throws Exception {
        Settings settings = settings("lookup", 6).with("records", 2).withSeconds(2);
        String first = Simulation.run(settings, progress -> {}).result().digest();
        assertThat(Simulation.run(settings, progress -> {}).result().digest()).isEqualTo(first);
        assertThat(Simulation.run(settings.withSeed(2), progress -> {}).result().digest())
                .isNotEqualTo(first);
    }

    @Test
    void regions_ofChurn_areRepeatable_andNeedADelayBetweenThem() throws Exception {
        Settings settings = settings("churn", 20).withSeconds(30).with("regions", 2);
        Simulation.Done done = Simulation.run(settings, progress -> {});
        assertThat(done.result().metrics()).containsEntry("wrongAnswers", 0).containsEntry("unanswered", 0);
        assertThat(Simulation.run(settings, progress -> {}).result().digest())
                .isEqualTo(done.result().digest());
        Settings constant = settings.withLinks(Links.constant(20_000_000));
        assertThat(Simulation.run(constant, progress -> {}).result().metrics()).containsEntry("wrongAnswers", 0);
        Settings immediate = settings.withLinks(Links.constant(0));
        assertThatThrownBy(() -> Simulation.run(immediate, progress -> {}))
                .isInstanceOf(SimulationException.class)
                .hasMessage("regions need a delay between them");
        assertThatThrownBy(() -> settings("idle", 6).with("regions", 2)).hasMessage("is no setting of idle");
    }

    @Test
    void settings_outOfRange_sayWhatIsAllowed() {
        Settings settings = settings("churn", 20);
        assertThatThrownBy(() -> settings.withNodes(1)).hasMessage("must be from 10 to 100000");
        assertThatThrownBy(() -> settings.withNodes(Long.MAX_VALUE)).hasMessage("must be from 10 to 100000");
        assertThatThrownBy(() -> settings.withSeconds(0)).hasMessage("must be from 1s to 30d");
        assertThatThrownBy(() -> settings.with("look-ups-per-second", Double.NaN))
                .hasMessage("must be from 0.01 to 1000");
        assertThatThrownBy(() -> settings.with("records", 1)).hasMessage("is no setting of churn");
        assertThatThrownBy(() -> NEAR.withLoss(0.6)).hasMessage("must be from 0 to 0.5");
        assertThatThrownBy(() -> NEAR.withJitter(-1)).hasMessage("must be from 0 to 10s");
    }

    @Test
    void samples_quantiles_areNearestRanks() {
        Samples samples = new Samples();
        assertThat(samples.quantile(0.5)).isZero();
        for (int i = 100; i >= 1; i--) {
            samples.add(i);
        }
        assertThat(samples.quantile(0.5)).isEqualTo(50);
        assertThat(samples.quantile(0.99)).isEqualTo(99);
        assertThat(samples.quantile(1)).isEqualTo(100);
        assertThat(samples.mean()).isEqualTo(50.5);
        assertThat(samples.summary(25)).isEqualTo(Map.of("p25", 25.0, "max", 100.0));
    }
}
