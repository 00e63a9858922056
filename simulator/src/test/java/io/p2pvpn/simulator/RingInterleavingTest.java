package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.ring.PlantedBugs;
import io.p2pvpn.overlay.ring.Ring;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random interleavings of joining, crashing, leaving, restarting, stabilising and rectifying in rings of up to ten
 * nodes, with Zave's invariants checked after every event.
 *
 * <p>{@code -Dp2pvpn.interleavings=10000} runs that many, {@code -Dp2pvpn.seed=N} the one of that seed, and
 * {@code -Dp2pvpn.schedule=TEXT} the one that a failure printed.
 */
class RingInterleavingTest {
    private static final int COUNT = Integer.getInteger("p2pvpn.interleavings", 120);
    private static final int PLANTED_SEEDS_MAX = 200;
    private static final String SCHEDULE_PROPERTY = "p2pvpn.schedule";
    private static final String REPLAY = "mvn test -pl simulator -am -Dsurefire.failIfNoSpecifiedTests=false"
            + " -Dtest=RingInterleavingTest#interleavings_withinTheFailureAssumption_keepEveryInvariant -D"
            + SCHEDULE_PROPERTY + "=\"";

    private long events;
    private long actions;
    private long skipped;
    private long rightNanosMax;
    private int broken;

    private void run(RingSchedule schedule) {
        RingRun run = new RingRun(schedule, Ring::new);
        try {
            run.run();
        } catch (RingViolation | AssertionError failure) {
            String invariant = RingShrinker.invariant(String.valueOf(failure.getMessage()));
            RingSchedule smallest = new RingShrinker(Ring::new).shrink(schedule, invariant);
            throw new AssertionError(
                    "seed " + schedule.seed() + " failed: " + failure.getMessage() + "\nreplay: " + REPLAY + smallest
                            + "\"",
                    failure);
        }
        events += run.events();
        actions += schedule.actions().size();
        skipped += run.skipped();
        rightNanosMax = Math.max(rightNanosMax, run.rightNanos());
        broken += run.invariants().breaks() > 0 ? 1 : 0;
    }

    @Test
    void interleavings_withinTheFailureAssumption_keepEveryInvariant() {
        String text = System.getProperty(SCHEDULE_PROPERTY);
        Long seed = Long.getLong(SimSeeds.SEED_PROPERTY);
        if (text != null) {
            run(RingSchedule.parse(text));
            return;
        }
        long first = seed == null ? 1 : seed;
        long last = seed == null ? COUNT : seed;
        long startNanos = System.nanoTime();
        for (long s = first; s <= last; s++) {
            run(RingSchedule.random(s, true));
        }
        System.out.printf(
                Locale.ROOT,
                "interleavings: seeds %d to %d, %d actions (%d ends left out by the failure assumption, "
                        + "%d runs ended it while somebody joined), %d events, right after at most %d ms of quiet, "
                        + "%d s%n",
                first,
                last,
                actions,
                skipped,
                broken,
                events,
                rightNanosMax / 1_000_000,
                (System.nanoTime() - startNanos) / 1_000_000_000);
        assertThat(broken).isLessThan((int) (1 + (last - first + 1) / 10));
    }

    /** What was found and repaired; each line broke the invariant in its comment. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                // L1: two restarted neighbours each waited for the other to be a member before becoming one.
                "51 steady within, 5522757 join 4, 9087383 join 6, 12114059 join 5, 12876654 join 2, 15328630 join 2,"
                        + " 15332269 join 1, 15334421 fail 1, 15389299 restart 5, 15400988 fail 2, 15447337 join 3,"
                        + " 15476490 fail 3, 15519691 join 2, 15568137 rectify 6, 15606157 clog 5",
                // P6: a contact was thrown away because its session was up, though it had not said a word.
                "9 uneven within, 3874852 join 0, 8609818 join 3, 10051737 join 3, 10085654 join 1, 10131651 join 5,"
                        + " 10154083 join 9, 10211727 fail 1, 10230164 join 8, 10281364 join 7, 10312863 restart 0,"
                        + " 10327285 leave 7",
                // P4: a newcomer became a member on a list that was eight seconds old.
                "285 steady within, 1823 join 1, 2500 join 1, 3163 join 1, 40350 fail 0, 88290 join 5, 965836 join 2,"
                        + " 1440166 join 0, 1677928 leave 0, 1975239 join 3, 2557509 restart 1, 2614215 restart 3",
                // P1: contacts that were only named pushed the last live neighbour out of a list.
                "1150 lossy within, 3393825 join 5, 6271744 join 8, 10252438 join 4, 10255569 join 8, 10257419 join 5,"
                        + " 10258967 join 2, 10258991 join 1, 10262349 join 7, 10263185 restart 1, 10833365 join 3,"
                        + " 10870286 stabilise 2, 11269725 fail 1, 11406367 leave 4, 11407242 fail 0,"
                        + " 12284509 stabilise 7, 16793447 join 4, 17453455 stabilise 2, 17574575 fail 3",
                // P6: the list that a newcomer took was as old as news may be.
                "1926 uneven within, 4234091 join 5, 7592862 join 5, 8847646 join 2, 9326108 join 3, 9883226 restart 2,"
                        + " 10026450 join 1, 10082728 fail 3, 10090222 clog 1, 10093847 join 3, 10102929 join 6,"
                        + " 10106973 stabilise 2, 10124447 stabilise 1, 10158795 fail 5",
                // P6: a session with the former life of a restarted node hid that it was a member again.
                "1985 steady within, 501265 join 4, 556217 join 1, 563995 join 3, 575641 join 5, 610892 join 8,"
                        + " 632848 restart 4, 633498 leave 1, 683952 fail 3",
                // L2: two lost probes moved a link to the ring path, and so out of the lists.
                "121 lossy within, 3647753 join 0, 3648282 join 4, 3649365 join 6, 4239845 leave 0, 4284879 join 2,"
                        + " 4848755 join 5, 4872651 fail 5, 5264440 join 5, 5358302 rectify 2, 5362161 leave 2,"
                        + " 5363758 join 3, 5386112 join 0",
                // S2: a newcomer did not count a first neighbour that was about to come back.
                "1080 uneven within, 1111 join 2, 2285 join 4, 568726 join 5, 757599 clog 2, 1176140 join 8,"
                        + " 1458240 join 1, 1459506 stabilise 8, 1461308 restart 4, 1487547 join 6",
                // P6: a session that came up over the ring ended with the node between, before it knew another way.
                "1470 uneven within, 716596 join 2, 782384 join 4, 784099 join 3, 796599 leave 2, 798413 join 2,"
                        + " 980981 clog 3, 1060884 join 1, 1418029 fail 1, 1950580 stabilise 4, 1952718 clog 4,"
                        + " 1955457 join 1, 1957824 fail 3, 2344493 fail 0",
                // P6: a newcomer left out a member that had not answered it in its former life.
                "6071 steady within, 4498 join 3, 5007928 fail 0, 6001196 join 2, 8925746 join 5, 16292344 fail 3,"
                        + " 22247318 join 3, 22264565 join 0",
                // S2: a held-up answer of a former run ended the session with the present one.
                "7691 steady within, 51210 join 4, 123152 join 2, 130461 clog 4, 143021 restart 4",
            })
    void interleaving_thatOnceBrokeAnInvariant_keepsEveryInvariant(String schedule) {
        run(RingSchedule.parse(schedule));
    }

    @ParameterizedTest
    @CsvSource({
        "ADOPTS_UNSPOKEN, S0",
        "JOINS_WITHOUT_LIST, P3 P6",
        "NEVER_RECTIFIES, P4 P6",
        "ACTS_BEFORE_LINKED, S2",
    })
    void plantedBug_isCaughtAndShrunk(PlantedBugs bug, String invariants) {
        RingShrinker shrinker = new RingShrinker(bug);
        for (long seed = 1; seed <= PLANTED_SEEDS_MAX; seed++) {
            RingSchedule schedule = RingSchedule.random(seed, true);
            String failure = shrinker.failure(schedule);
            if (failure != null) {
                String invariant = RingShrinker.invariant(failure);
                assertThat(Set.of(invariants.split(" "))).contains(invariant);
                RingSchedule smallest = shrinker.shrink(schedule, invariant);
                System.out.println(bug + ": " + invariant + " by " + smallest);
                assertThat(smallest.actions()).hasSizeLessThan(6);
                assertThat(shrinker.failure(RingSchedule.parse(smallest.toString())))
                        .startsWith(invariant);
                assertThat(new RingShrinker(Ring::new).failure(smallest)).isNull();
                return;
            }
        }
        throw new AssertionError(bug + " was not caught");
    }

    @Test
    void interleavings_beyondTheFailureAssumption_areReported() {
        int reports = 0;
        int breaks = 0;
        for (long seed = 1; seed <= 40; seed++) {
            RingRun run = new RingRun(RingSchedule.random(seed, false).crashingAtOnce(), Ring::new);
            run.run();
            breaks += run.invariants().breaks() > 0 ? 1 : 0;
            reports += run.invariants().reports().size();
            for (RingViolation report : run.invariants().reports()) {
                assertThat(report).hasMessageContaining("outside the failure assumption");
            }
        }
        assertThat(breaks).isGreaterThan(3);
        assertThat(reports).isGreaterThan(3);
    }
}
