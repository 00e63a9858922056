package io.p2pvpn.vpn.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.vpn.control.ControlClient;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.DashboardReport;
import io.p2pvpn.vpn.control.DashboardRequest;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a real node: opened and closed over its control socket, and not without. */
final class NodeDashboardTest {
    @TempDir
    private Path directory;

    private final HttpClient browser = HttpClient.newHttpClient();
    private VpnNode node;
    private ControlClient client;

    @BeforeEach
    void start() throws Exception {
        node = VpnNode.builder()
                .listen("127.0.0.1:0")
                .stateDirectory(directory.resolve("state"))
                .controlSocket(directory.resolve("s"))
                .withoutLanDiscovery()
                .build()
                .start();
        node.joined().get(20, TimeUnit.SECONDS);
        client = new ControlClient(directory.resolve("s"));
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private int status(DashboardReport report) throws IOException, InterruptedException {
        String url = String.valueOf(report.url());
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + report.port() + "/v1/status"))
                .header("X-P2pvpn-Token", url.substring(url.indexOf('#') + 1))
                .build();
        return browser.send(request, BodyHandlers.ofString()).statusCode();
    }

    @Test
    void page_askedFor_isThereUntilClosed() throws Exception {
        DashboardReport first = client.dashboard(new DashboardRequest(false, 0));
        assertThat(status(first)).isEqualTo(200);
        DashboardReport second = client.dashboard(new DashboardRequest(false, 0));
        assertThat(second.port()).isEqualTo(first.port());
        assertThat(second.url()).isNotEqualTo(first.url());
        assertThat(status(first)).isEqualTo(200);
        assertThat(status(second)).isEqualTo(200);
        assertThat(client.metrics()).contains("p2pvpn_uptime_seconds ", "p2pvpn_ring_size{namespace=\"\"} ");
        assertThat(client.places().peers()).isEmpty();
        assertThat(client.dashboard(new DashboardRequest(true, 0)).url()).isNull();
        assertThatThrownBy(() -> status(second)).isInstanceOf(ConnectException.class);
        DashboardReport again = client.dashboard(new DashboardRequest(false, 0));
        assertThat(status(new DashboardReport(second.url(), again.port()))).isEqualTo(401);
        assertThat(status(again)).isEqualTo(200);
    }

    @Test
    void page_nodeStops_isGoneWithIt() throws Exception {
        DashboardReport report = client.dashboard(new DashboardRequest(false, 0));
        node.close();
        assertThatThrownBy(() -> status(report)).isInstanceOf(ConnectException.class);
    }

    @Test
    void secret_whileThePageIsOpen_isInNoFile() throws Exception {
        String url =
                String.valueOf(client.dashboard(new DashboardRequest(false, 0)).url());
        String secret = url.substring(url.indexOf('#') + 1);
        try (Stream<Path> all = Files.walk(directory)) {
            List<Path> files = all.filter(Files::isRegularFile).toList();
            assertThat(files).isNotEmpty();
            for (Path file : files) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .doesNotContain(secret);
            }
        }
    }

    @Test
    void port_thatSomebodyHas_isSaidInWords() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> client.dashboard(new DashboardRequest(false, taken.getLocalPort())))
                    .isInstanceOf(ControlException.class)
                    .hasMessageContaining("choose another with --port");
        }
        DashboardReport open = client.dashboard(new DashboardRequest(false, 0));
        assertThatThrownBy(() -> client.dashboard(new DashboardRequest(false, open.port() == 9 ? 10 : 9)))
                .hasMessageContaining("--stop closes it first");
        assertThatThrownBy(() -> client.dashboard(new DashboardRequest(false, 70_000)))
                .hasMessageContaining("a port is from 0");
    }
}
