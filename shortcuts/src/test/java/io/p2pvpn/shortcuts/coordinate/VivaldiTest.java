package io.p2pvpn.shortcuts.coordinate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.p2pvpn.overlay.coordinate.Coordinate;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Counters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class VivaldiTest {
    private static final long MILLI_NANOS = 1_000_000L;

    private final Counters counters = new Counters();

    private static OverlayId peer(int number) {
        return OverlayId.ZERO.plusFraction(number + 1, 1000);
    }

    private static Coordinate at(double x, double y, double height, double error) {
        return Objects.requireNonNull(Coordinate.of(new double[] {x, y}, height, error));
    }

    /** Nodes on a plane, each with a line of its own, that sample random neighbours. */
    private static final class Plane {
        private final SplittableRandom random;
        private final double[][] places;
        private final List<Vivaldi> nodes = new ArrayList<>();

        Plane(long seed, int size, double heightMax, Counters counters) {
            random = new SplittableRandom(seed);
            places = new double[size][];
            for (int i = 0; i < size; i++) {
                double height = heightMax * random.nextDouble();
                places[i] = new double[] {random.nextDouble() * 200, random.nextDouble() * 200, height};
                nodes.add(new Vivaldi(random.split(), counters));
            }
        }

        double rttMillis(int a, int b) {
            return Math.hypot(places[a][0] - places[b][0], places[a][1] - places[b][1]) + places[a][2] + places[b][2];
        }

        void sample(int rounds, double jitter) {
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < nodes.size(); i++) {
                    int other = random.nextInt(nodes.size());
                    if (other != i) {
                        double rtt = rttMillis(i, other) * (1 + jitter * random.nextDouble());
                        nodes.get(i).onSample(peer(other), nodes.get(other).own(), (long) (rtt * MILLI_NANOS));
                    }
                }
            }
        }

        double medianError() {
            List<Double> errors = new ArrayList<>();
            for (int a = 0; a < nodes.size(); a++) {
                for (int b = 0; b < a; b++) {
                    double predicted =
                            nodes.get(a).own().distanceMillis(nodes.get(b).own());
                    errors.add(Math.abs(predicted - rttMillis(a, b)) / rttMillis(a, b));
                }
            }
            double[] sorted =
                    errors.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            return sorted[sorted.length / 2];
        }
    }

    @Test
    void metricSpace_isFound() {
        for (long seed = 1; seed <= 3; seed++) {
            Plane plane = new Plane(seed, 100, 5, counters);
            assertThat(plane.medianError()).isGreaterThan(0.9);
            plane.sample(200, 0);
            assertThat(plane.medianError()).as("seed " + seed).isLessThan(0.1);
            assertThat(plane.nodes.get(0).own().error()).isLessThan(0.5);
        }
    }

    @Test
    void metricSpace_withJitter_isFoundAlmost() {
        Plane plane = new Plane(7, 100, 5, counters);
        plane.sample(400, 0.2);
        // The jitter alone makes round trips a tenth longer than the places say.
        assertThat(plane.medianError()).isLessThan(0.16);
    }

    @Test
    void fewNodes_withNothingButLinesOfTheirOwn_areFoundSoon() {
        Plane plane = new Plane(3, 14, 100, counters);
        for (double[] place : plane.places) {
            place[0] = 0;
            place[1] = 0;
        }
        plane.sample(60, 0);
        assertThat(plane.medianError()).isLessThan(0.1);
    }

    @Test
    void hostileSamples_areRefused_andCounted() {
        Vivaldi node = new Vivaldi(new SplittableRandom(1), counters);
        node.onSample(peer(0), at(30, 40, 10, 0.5), 60 * MILLI_NANOS);
        Coordinate before = node.own();
        assertThat(Coordinate.of(new double[] {Double.NaN, 0}, 1, 0.5)).isNull();
        assertThat(Coordinate.of(new double[] {1, Double.POSITIVE_INFINITY}, 1, 0.5))
                .isNull();
        assertThat(Coordinate.of(new double[] {1, 1e9}, 1, 0.5)).isNull();
        assertThat(Coordinate.of(new double[] {1, 1}, -1, 0.5)).isNull();
        assertThat(Coordinate.of(new double[] {1, 1}, Double.NaN, 0.5)).isNull();
        assertThat(Coordinate.of(new double[] {1, 1}, 1, Double.NaN)).isNull();
        assertThat(Coordinate.of(new double[] {1, 1}, 1, 1.01)).isNull();
        assertThat(Coordinate.of(new double[0], 1, 0.5)).isNull();
        assertThat(Coordinate.of(new double[9], 1, 0.5)).isNull();
        node.onSample(peer(0), null, 60 * MILLI_NANOS);
        node.onSample(peer(0), at(1, 1, 1, 0.1), 0);
        node.onSample(peer(0), at(1, 1, 1, 0.1), -5);
        node.onSample(peer(0), at(1, 1, 1, 0.1), Long.MAX_VALUE);
        assertThat(node.own()).isEqualTo(before);
        assertThat(counters.counter("coordinate.drop.sample").value()).isEqualTo(4);
        assertThat(counters.counter("coordinate.samples").value()).isEqualTo(1);
    }

    @Test
    void oneLiar_movesANodeALittleOnly() {
        Vivaldi node = new Vivaldi(new SplittableRandom(1), counters);
        double[] far = new double[2];
        Arrays.fill(far, Coordinate.MILLIS_MAX);
        Coordinate before = node.own();
        node.onSample(peer(0), Coordinate.of(far, Coordinate.MILLIS_MAX, 0), MILLI_NANOS);
        Coordinate after = node.own();
        assertThat(before.coreDistanceMillis(after)).isLessThanOrEqualTo(Vivaldi.STEP_MAX_MILLIS);
        assertThat(after.heightMillis()).isLessThanOrEqualTo(Vivaldi.STEP_MAX_MILLIS);
    }

    /** One way that no place can explain, and a peer nearby that lies, among many: the others still decide. */
    @Test
    void oddPeers_amongMany_doNotSpoilThePlace() {
        Vivaldi node = new Vivaldi(new SplittableRandom(1), counters);
        double[][] places = {{0, 0}, {100, 0}, {0, 100}, {100, 100}, {50, 120}, {120, 40}, {-20, 60}, {60, -30}};
        for (int round = 0; round < 100; round++) {
            for (int i = 0; i < places.length; i++) {
                double rtt = Math.hypot(places[i][0] - 60, places[i][1] - 40) + 4;
                Coordinate there = at(places[i][0], places[i][1], 2, 0.1);
                node.onSample(peer(i), there, (long) (rtt * MILLI_NANOS));
            }
            node.onSample(peer(20), at(55, 45, 2, 0.1), 2_900 * MILLI_NANOS);
            node.onSample(peer(21), at(9000, 9000, 2, 0), MILLI_NANOS);
        }
        for (double[] place : places) {
            double rtt = Math.hypot(place[0] - 60, place[1] - 40) + 4;
            assertThat(node.own().distanceMillis(at(place[0], place[1], 2, 0.1)))
                    .isCloseTo(rtt, withinPercentage(20));
        }
    }

    @Test
    void morePeersThanAreRemembered_theLatestCount() {
        Vivaldi node = new Vivaldi(new SplittableRandom(1), counters);
        for (int i = 0; i < 3 * LastSamples.PEERS_MAX; i++) {
            node.onSample(peer(i), at(1000, 1000, 2, 0.1), 500 * MILLI_NANOS);
        }
        for (int i = 0; i < 4 * LastSamples.PEERS_MAX; i++) {
            node.onSample(peer(500 + i % LastSamples.PEERS_MAX), at(10 * (i % 7), 0, 2, 0.1), 30 * MILLI_NANOS);
        }
        assertThat(node.own().distanceMillis(at(30, 0, 2, 0.1))).isLessThan(60);
    }

    @Test
    void coordinate_survivesItsMessage() {
        Coordinate place = at(1.5, -2.25, 3, 0.5);
        assertThat(Coordinate.fromProto(place.toProto())).isEqualTo(place);
        assertThat(Coordinate.fromProto(
                        place.toProto().toBuilder().setHeight(Float.NaN).build()))
                .isNull();
        assertThat(place.toProto().getSerializedSize()).isLessThanOrEqualTo(20);
        assertThat(place.distanceMillis(at(4.5, 1.75, 2, 1))).isEqualTo(5 + 5);
    }
}
