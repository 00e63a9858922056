package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * What the DHT acknowledged is there, while members come and go.
 *
 * <p>The large run: {@code -Dp2pvpn.dht.nodes=1000 -Dp2pvpn.dht.minutes=120}.
 */
class DhtChurnTest {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final int NODES = Integer.getInteger("p2pvpn.dht.nodes", 30);
    private static final int MINUTES = Integer.getInteger("p2pvpn.dht.minutes", 4);
    private static final int SEEDS = Integer.getInteger("p2pvpn.dht.seeds", 2);
    private static final int LOOK_UPS_PER_SECOND = Integer.getInteger("p2pvpn.dht.lookups", 5);
    private static final long AUDIT_NANOS = 5 * SECOND_NANOS;
    private static final int MEDIAN_SESSION_SECONDS = Integer.getInteger("p2pvpn.dht.session", 600);

    @Test
    void churn_ofHalfTheMembersEachTenMinutes_losesNothingAndAnswersRight() {
        LinkModel link = LinkModel.INTERNET;
        SimSeeds.forEach(SEEDS, seed -> {
            DhtWorld dhts = new DhtWorld(seed, link);
            assertThat(dhts.start(NODES, 120 * SECOND_NANOS)).isTrue();
            DhtChurn churn = new DhtChurn(
                    dhts,
                    new DhtChurn.Options(
                            NODES,
                            MINUTES * (60 * SECOND_NANOS),
                            MEDIAN_SESSION_SECONDS * SECOND_NANOS,
                            LOOK_UPS_PER_SECOND,
                            AUDIT_NANOS));
            churn.run();
            System.out.println("seed " + seed + ": " + churn.report(link.delayMeanNanos()));
            churn.faults().forEach(fault -> System.out.println("  " + fault));
            assertThat(churn.lost()).as("lost").isZero();
            assertThat(churn.wrong()).as("wrong").isZero();
            assertThat(churn.lostClaims()).as("claims lost").isZero();
            assertThat((double) churn.unanswered()).as("unanswered").isLessThanOrEqualTo(churn.lookUps() / 10_000.0);
        });
    }

    /** Seed 4 has somebody say good-bye while its first record is written: found with 10,000 nodes. */
    @Test
    void churn_ofShortSessions_expectsNothingOfWhoLeftInTheMiddleOfAWrite() {
        DhtWorld dhts = new DhtWorld(4, LinkModel.INTERNET);
        assertThat(dhts.start(20, 120 * SECOND_NANOS)).isTrue();
        DhtChurn churn =
                new DhtChurn(dhts, new DhtChurn.Options(20, 180 * SECOND_NANOS, 30 * SECOND_NANOS, 1, AUDIT_NANOS));
        churn.run();
        assertThat(churn.leaves()).isGreaterThan(10);
        assertThat(churn.wrong()).isZero();
    }
}
