package io.p2pvpn.vpn.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.vpn.control.PeersReport.PathStatus;
import io.p2pvpn.vpn.control.PeersReport.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class GaugesTest {
    private final FakeBackend backend = new FakeBackend();
    private final MetricsText text = new MetricsText();

    private String render(PeersReport peers) {
        return text.render(Map.of("session.up", 3L), Gauges.of(backend.status(), peers));
    }

    private static Peer peer(String namespace, String kind, Double rttMillis, Double loss) {
        List<PathStatus> paths = kind == null
                ? List.of()
                : List.of(new PathStatus(kind, "udp://192.0.2.1:1", null, true, rttMillis, loss, 1400));
        return new Peer(FakeBackend.ID, "n", namespace, null, List.of(), 1, 0, 0, null, paths);
    }

    @Test
    void text_ofANode_hasNamesAndUnitsOfPrometheus() {
        assertThat(render(backend.peers()))
                .contains("p2pvpn_build_info{version=\"0.1.0\"} 1")
                .contains("p2pvpn_uptime_seconds 77.0\n")
                .contains("p2pvpn_node_state{state=\"online\"} 1.0\n", "p2pvpn_node_state{state=\"offline\"} 0.0\n")
                .contains("p2pvpn_ring_size{namespace=\"\"} 4.0\n", "p2pvpn_ring_size{namespace=\"lab\"} 1.0\n")
                .contains("p2pvpn_namespace_joined{namespace=\"lab\"} 0.0\n")
                .contains("p2pvpn_health_notes{severity=\"warning\"} 1.0\n")
                .contains("p2pvpn_peers{namespace=\"lab\",path=\"udp\"} 1.0\n")
                .contains("p2pvpn_peers{namespace=\"\",path=\"relay\"} 0.0\n")
                .contains("p2pvpn_path_rtt_median_seconds{path=\"udp\"} 5.0E-4\n")
                .contains("p2pvpn_session_up_total 3.0\n")
                .contains("# TYPE p2pvpn_peers gauge\n", "# HELP p2pvpn_ring_size Estimated members");
    }

    @Test
    void trips_ofManyPeers_areMedianAndWorst() {
        String rendered = render(new PeersReport(List.of(
                peer(null, "udp", 10.0, 0.0),
                peer("lab", "udp", 20.0, 0.25),
                peer("lab", "udp", 900.0, null),
                peer("lab", "relay", null, null),
                peer("lab", null, null, null))));
        assertThat(rendered)
                .contains("p2pvpn_path_rtt_median_seconds{path=\"udp\"} 0.02\n")
                .contains("p2pvpn_path_rtt_worst_seconds{path=\"udp\"} 0.9\n")
                .contains("p2pvpn_path_loss_worst_ratio{path=\"udp\"} 0.25\n")
                .contains("p2pvpn_peers{namespace=\"lab\",path=\"none\"} 1.0\n")
                .doesNotContain("p2pvpn_path_rtt_median_seconds{path=\"relay\"}");
    }

    @Test
    void series_thatAreGone_leaveTheText() {
        assertThat(render(new PeersReport(List.of(peer("gone", "udp", 1.0, null)))))
                .contains("namespace=\"gone\"");
        assertThat(render(new PeersReport(List.of())))
                .doesNotContain("namespace=\"gone\"", "path_rtt_median_seconds{")
                .contains("p2pvpn_peers{namespace=\"lab\",path=\"udp\"} 0.0\n");
    }

    @Test
    void series_ofAnyNumberOfPeers_areAsManyAsOfOne() {
        List<Peer> crowd = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            crowd.add(peer("lab", "udp", (double) i, 0.0));
        }
        long lines = render(new PeersReport(crowd)).lines().count();
        assertThat(lines).isLessThan(80);
    }
}
