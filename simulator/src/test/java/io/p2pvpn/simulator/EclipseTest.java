package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.dht.DhtRecord.Kind;
import io.p2pvpn.dht.GetOptions;
import io.p2pvpn.simulator.EclipseWorld.Options;
import io.p2pvpn.simulator.EclipseWorld.Question;
import io.p2pvpn.simulator.EclipseWorld.Tally;
import org.junit.jupiter.api.Test;

/**
 * Malicious members of the public ring, a tenth of all at random places: what honest nodes look up they find, and
 * nobody is told something false. Of more of them, and of those that chose their places, figures.
 *
 * <p>The large run: {@code -Dp2pvpn.eclipse.nodes=300 -Dp2pvpn.eclipse.lookups=1000 -Dp2pvpn.eclipse.seeds=3
 * -Dp2pvpn.eclipse.all=true}.
 */
class EclipseTest {
    private static final int NODES = Integer.getInteger("p2pvpn.eclipse.nodes", 50);
    private static final int LOOK_UPS = Integer.getInteger("p2pvpn.eclipse.lookups", 150);
    private static final int SEEDS = Integer.getInteger("p2pvpn.eclipse.seeds", 1);
    private static final boolean ALL = Boolean.getBoolean("p2pvpn.eclipse.all");
    private static final double RIGHT_SHARE_MIN = 0.99;
    private static final double[] MIXES = {0, 0.5, 1};
    private static final double MIX = 0.5;
    private static final int GROUND_PERCENT = Integer.getInteger("p2pvpn.eclipse.ground", 30);

    private static EclipseWorld world(long seed, int percent, double answersShare, boolean ground) {
        long startNanos = System.nanoTime();
        EclipseWorld world = new EclipseWorld(seed, new Options(NODES, NODES * percent / 100, answersShare, ground));
        world.write();
        System.out.printf(
                "EclipseTest: seed %d, %d nodes, %d %% malicious%s, %.0f %% of what passes answered falsely, the rest"
                        + " swallowed: %s (%.1f s)%n",
                seed,
                NODES,
                percent,
                ground ? " at chosen places" : "",
                100 * answersShare,
                world.report(),
                (System.nanoTime() - startNanos) / 1e9);
        return world;
    }

    private static Tally lookUp(EclipseWorld world, String what, Question question) {
        Tally tally = world.lookUp(LOOK_UPS, question);
        System.out.println("  " + what + ": " + tally);
        assertThat(tally.wrong()).as(what).isZero();
        return tally;
    }

    private static void figures(long seed, int percent, double answersShare) {
        EclipseWorld world = world(seed, percent, answersShare, false);
        Tally records = lookUp(world, "records", new Question(GetOptions.MAJORITY, Kind.PLAIN, false, false));
        Tally claims = lookUp(world, "claims", new Question(GetOptions.MAJORITY, Kind.CLAIM, false, false));
        Tally signed = lookUp(world, "signed answers", new Question(GetOptions.SIGNED, Kind.PLAIN, false, false));
        if (percent <= 10) {
            assertThat(world.misplaced()).as("misplaced").isZero();
            for (Tally tally : new Tally[] {records, claims, signed}) {
                assertThat(tally.rightShare()).isGreaterThanOrEqualTo(RIGHT_SHARE_MIN);
            }
            assertThat(signed.absent()).as("signed absence of what is there").isZero();
        }
    }

    @Test
    void lookUps_amongATenthOfMaliciousMembers_findWhatWasWritten() {
        SimSeeds.forEach(SEEDS, seed -> {
            for (double mix : ALL ? MIXES : new double[] {MIX}) {
                figures(seed, 10, mix);
            }
        });
    }

    @Test
    void lookUps_amongMoreOfThem_areNeverToldSomethingFalse() {
        SimSeeds.forEach(SEEDS, seed -> {
            for (double mix : ALL ? MIXES : new double[] {MIX}) {
                if (ALL) {
                    figures(seed, 0, mix);
                    figures(seed, 20, mix);
                }
                figures(seed, 30, mix);
            }
        });
    }

    @Test
    void lookUps_amongThoseThatChoseTheirPlaces_areNeverToldSomethingFalse() {
        SimSeeds.forEach(SEEDS, seed -> {
            EclipseWorld world = world(seed, GROUND_PERCENT, MIX, true);
            lookUp(world, "records", new Question(GetOptions.MAJORITY, Kind.PLAIN, false, false));
            lookUp(world, "by the surrounded one", new Question(GetOptions.MAJORITY, Kind.PLAIN, true, false));
            lookUp(world, "of the surrounded key", new Question(GetOptions.MAJORITY, Kind.PLAIN, false, true));
            lookUp(world, "the same, signed", new Question(GetOptions.SIGNED, Kind.PLAIN, false, true));
        });
    }
}
