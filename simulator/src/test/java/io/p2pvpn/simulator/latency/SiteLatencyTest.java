package io.p2pvpn.simulator.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.simulator.LinkModel;
import io.p2pvpn.simulator.RegionPlan;
import io.p2pvpn.simulator.SimHost;
import io.p2pvpn.simulator.SimWorld;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class SiteLatencyTest {
    private static final long MILLI_NANOS = 1_000_000;

    private static InputStream packed(int... numbers) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(new GZIPOutputStream(bytes))) {
            for (int number : numbers) {
                out.writeShort(number);
            }
        }
        return new ByteArrayInputStream(bytes.toByteArray());
    }

    @Test
    void read_threeSites_isSymmetric() throws IOException {
        LatencyMatrix matrix = LatencyMatrix.read(packed(3, 12, 13, 23));
        assertThat(matrix.sites()).isEqualTo(3);
        assertThat(matrix.tenths(0, 1)).isEqualTo(12);
        assertThat(matrix.tenths(2, 0)).isEqualTo(13);
        assertThat(matrix.tenths(2, 1)).isEqualTo(matrix.tenths(1, 2)).isEqualTo(23);
        assertThat(matrix.roundTripNanos(0, 1)).isEqualTo(1_200_000);
        assertThatThrownBy(() -> matrix.tenths(1, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void read_cutOff_isRefused() throws IOException {
        InputStream cut = packed(3, 12, 13);
        assertThatThrownBy(() -> LatencyMatrix.read(cut)).isInstanceOf(EOFException.class);
    }

    /** The figures that are published with the data. */
    @Test
    void planetLab_percentiles_areThoseOfTheSource() {
        LatencyMatrix matrix = LatencyMatrix.planetLab();
        assertThat(matrix.sites()).isEqualTo(490);
        int[] tenths = new int[490 * 489 / 2];
        int pairs = 0;
        for (int i = 0; i < 490; i++) {
            for (int j = i + 1; j < 490; j++) {
                tenths[pairs++] = matrix.tenths(i, j);
            }
        }
        Arrays.sort(tenths);
        assertThat(tenths[0]).isPositive();
        assertThat(tenths[pairs / 20] / 10.0).isBetween(19.2, 19.4);
        assertThat(tenths[pairs / 2] / 10.0).isBetween(134.9, 135.1);
        assertThat(tenths[pairs - 1] / 10.0).isBetween(2983.0, 2985.0);
        assertThat(matrix.tenths(0, 3)).isEqualTo(1214);
    }

    @Test
    void between_moreHostsThanSites_dealsAllSitesOutBeforeAnyTwice() {
        LatencyMatrix matrix = LatencyMatrix.planetLab();
        SiteLatency policy = new SiteLatency(matrix, 7, LinkModel.CLEAN.withLoss(0.25), 0);
        SimWorld world = new SimWorld(1);
        TreeSet<Integer> first = new TreeSet<>();
        for (int i = 0; i < 2 * 490; i++) {
            world.network().addHost("h" + i);
            if (i < 490) {
                first.add(policy.site(i));
            }
        }
        assertThat(first).hasSize(490);
        SimHost here = world.network().hosts().get(3);
        for (SimHost there : world.network().hosts()) {
            LinkModel link = policy.between(here, there);
            int site = policy.site(there.id());
            long expected = site == policy.site(3) ? 500_000 : matrix.roundTripNanos(policy.site(3), site) / 2;
            assertThat(link.delayMeanNanos()).isEqualTo(link.delayMinNanos()).isEqualTo(expected);
            assertThat(link.lossProbability()).isEqualTo(0.25);
            assertThat(policy.between(there, here)).isEqualTo(link);
        }
        assertThat(policy.site(490)).isNotEqualTo(policy.site(0));
        assertThat(new SiteLatency(matrix, 8, LinkModel.CLEAN, 0).site(0)).isNotEqualTo(policy.site(0));
    }

    @Test
    void between_withJitter_isNeverFasterThanTheMatrix() throws IOException {
        LatencyMatrix matrix = LatencyMatrix.read(packed(2, 400));
        SiteLatency policy = new SiteLatency(matrix, 1, LinkModel.CLEAN, 3 * MILLI_NANOS);
        SimWorld world = new SimWorld(1);
        LinkModel link =
                policy.between(world.network().addHost("a"), world.network().addHost("b"));
        assertThat(link.delayMinNanos()).isEqualTo(20 * MILLI_NANOS);
        assertThat(link.delayMeanNanos()).isEqualTo(23 * MILLI_NANOS);
        assertThat(link.jitter()).isEqualTo(LinkModel.Jitter.EXPONENTIAL);
    }

    @Test
    void regions_ofPlanetLab_areLargeAndFarApart() {
        LatencyMatrix matrix = LatencyMatrix.planetLab();
        SiteLatency latency = new SiteLatency(matrix, 1, LinkModel.CLEAN, 0);
        for (int count = 2; count <= 4; count++) {
            RegionPlan plan = latency.regions(count);
            int[] sizes = new int[count];
            for (int host = 0; host < matrix.sites(); host++) {
                int region = plan.regionOf().applyAsInt(host);
                sizes[region]++;
                assertThat(plan.regionOf().applyAsInt(hostAtTheSiteOf(host, latency)))
                        .isEqualTo(region);
            }
            assertThat(Arrays.stream(sizes).min().getAsInt()).isGreaterThan(matrix.sites() / count * 9 / 10);
            assertThat(plan.lookaheadNanos()).isGreaterThan(2 * MILLI_NANOS);
        }
    }

    private static int hostAtTheSiteOf(int host, SiteLatency latency) {
        int other = 490;
        while (latency.site(other) != latency.site(host)) {
            other++;
        }
        return other;
    }
}
