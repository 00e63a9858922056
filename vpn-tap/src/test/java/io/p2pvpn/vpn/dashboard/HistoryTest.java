package io.p2pvpn.vpn.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.vpn.control.FakeBackend;
import io.p2pvpn.vpn.control.PeersReport;
import io.p2pvpn.vpn.control.PeersReport.PathStatus;
import io.p2pvpn.vpn.control.PeersReport.Peer;
import io.p2pvpn.vpn.control.PlacesReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

final class HistoryTest {
    private static final long SECOND = 1_000_000_000L;

    private final History history = new History();

    private static Peer peer(String id, String kind, String remote, String via, Double rttMillis) {
        List<PathStatus> paths =
                kind == null ? List.of() : List.of(new PathStatus(kind, remote, via, true, rttMillis, null, 1400));
        return new Peer(id, "n", "lab", null, List.of("near"), 1, 0, 0, "why", paths);
    }

    private static Sample sample(long sent, long received, Peer... peers) {
        return new Sample(
                new FakeBackend().status(),
                new PeersReport(List.of(peers)),
                new PlacesReport(null, List.of()),
                sent,
                received);
    }

    @Test
    void rates_twoSamples_areBitsPerSecond() {
        history.add(sample(1000, 50, new Peer[0]), 0, 0);
        HistoryReport.Point point = history.add(sample(2000, 50, new Peer[0]), 2 * SECOND, 2000);
        assertThat(point.sentBitsPerSecond()).isEqualTo(4000);
        assertThat(point.receivedBitsPerSecond()).isZero();
        assertThat(history.points().points()).hasSize(2);
    }

    @Test
    void trips_directAndOverOthers_areToldApart() {
        HistoryReport.Point point = history.add(
                sample(
                        0,
                        0,
                        peer("a", "udp", "udp://192.0.2.1:1", null, 3.0),
                        peer("b", "tcp", "tcp://192.0.2.1:1", null, 1.0),
                        peer("c", "udp", "udp://192.0.2.1:1", null, 2.0),
                        peer("d", "relay", "udp://192.0.2.1:1", "e", 50.0),
                        peer("f", "ring", null, null, 90.0),
                        peer("g", null, null, null, null)),
                0,
                0);
        assertThat(point.directMillis()).isEqualTo(2.0);
        assertThat(point.relayedMillis()).isEqualTo(90.0);
        assertThat(point.peers()).isEqualTo(6);
    }

    @Test
    void paths_sameAgain_areNotedOnce() {
        for (int second = 0; second < 5; second++) {
            history.add(sample(0, 0, peer("a", "relay", "udp://192.0.2.1:1", "b", 5.0)), 0, second);
        }
        history.add(sample(0, 0, peer("a", "udp", "udp://192.0.2.2:1", null, 5.0)), 0, 5);
        history.add(sample(0, 0, peer("a", null, null, null, null)), 0, 6);
        assertThat(history.paths("lab", "a").changes())
                .extracting(PathsReport.Change::kind, PathsReport.Change::epochMillis)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("relay", 0L),
                        org.assertj.core.groups.Tuple.tuple("udp", 5L),
                        org.assertj.core.groups.Tuple.tuple(null, 6L));
        assertThat(history.paths(null, "a").changes()).isEmpty();
    }

    @Test
    void everything_forLong_isBounded() {
        for (int second = 0; second < History.POINTS_MAX + 10; second++) {
            history.add(sample(0, 0, peer("a", "udp", "udp://192.0.2.1:" + second, null, 1.0)), 0, second);
        }
        assertThat(history.points().points()).hasSize(History.POINTS_MAX);
        assertThat(history.points().points().get(0).epochMillis()).isEqualTo(10);
        assertThat(history.paths("lab", "a").changes()).hasSize(History.CHANGES_MAX);
        List<Peer> crowd = new ArrayList<>();
        for (int i = 0; i < History.PEERS_MAX + 5; i++) {
            crowd.add(peer(String.format(Locale.ROOT, "%040x", i), "udp", "udp://192.0.2.1:1", null, 1.0));
        }
        history.add(sample(0, 0, crowd.toArray(new Peer[0])), 0, 9_999);
        assertThat(history.paths("lab", "a").changes()).isEmpty();
        assertThat(history.paths("lab", crowd.get(0).overlayId()).changes()).isEmpty();
        assertThat(history.paths("lab", crowd.get(crowd.size() - 1).overlayId()).changes())
                .hasSize(1);
    }
}
