package io.p2pvpn.vpn.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The names that scripts rely on, written down here once more so that a renamed component is noticed. */
final class ControlJsonTest {
    private final JsonMapper mapper = JsonMapper.shared();

    @Test
    void status_fields_areThoseOfTheInterface() {
        JsonNode status = mapper.readTree(ControlJson.write(new FakeBackend().status()));
        assertThat(names(status))
                .containsExactly(
                        "schema",
                        "version",
                        "overlayId",
                        "state",
                        "uptimeSeconds",
                        "endpoints",
                        "nat",
                        "ring",
                        "namespaces",
                        "health");
        assertThat(status.get("schema").asInt()).isEqualTo(1);
        assertThat(status.get("state").asString()).isEqualTo("online");
        assertThat(names(status.get("endpoints").get(0))).containsExactly("uri", "kind");
        assertThat(names(status.get("nat"))).containsExactly("mapping", "filtering", "hairpin", "portMapping", "udp");
        assertThat(names(status.get("ring"))).containsExactly("size", "successors", "predecessors");
        JsonNode namespace = status.get("namespaces").get(0);
        assertThat(names(namespace))
                .containsExactly(
                        "name",
                        "id",
                        "overlayId",
                        "state",
                        "role",
                        "virtualIp",
                        "virtualIps",
                        "device",
                        "mtu",
                        "ring",
                        "domain",
                        "dns",
                        "fingerprint",
                        "expires",
                        "ethernet");
        assertThat(namespace.get("state").asString()).isEqualTo("waiting-approval");
        assertThat(namespace.get("virtualIp").isNull()).isTrue();
        assertThat(names(namespace.get("ethernet"))).containsExactly("mac", "bridge", "quiet", "guests");
        assertThat(names(namespace.get("ethernet").get("guests").get(0))).containsExactly("mac", "ip", "name");
        assertThat(names(status.get("health").get(0))).containsExactly("code", "severity", "text");
        assertThat(status.get("health").get(0).get("severity").asString()).isEqualTo("warning");
    }

    @Test
    void peers_fields_areThoseOfTheInterface() {
        JsonNode peers = mapper.readTree(ControlJson.writePretty(new FakeBackend().peers()));
        assertThat(names(peers)).containsExactly("schema", "peers");
        JsonNode peer = peers.get("peers").get(0);
        assertThat(names(peer))
                .containsExactly(
                        "overlayId",
                        "name",
                        "namespace",
                        "virtualIp",
                        "purposes",
                        "handshakeAgeSeconds",
                        "sentBytes",
                        "receivedBytes",
                        "reason",
                        "paths");
        assertThat(names(peer.get("paths").get(0)))
                .containsExactly("kind", "remote", "via", "active", "rttMillis", "lossRatio", "mtu");
    }

    @Test
    void ping_fields_areThoseOfTheInterface() {
        PingReport report =
                new PingReport("node2", 2, 1, List.of(new PingReply(2, 0.5, "direct", List.of(), "direct")));
        JsonNode ping = mapper.readTree(ControlJson.write(report));
        assertThat(names(ping)).containsExactly("schema", "target", "sent", "received", "replies");
        assertThat(names(ping.get("replies").get(0))).containsExactly("seq", "rttMillis", "path", "via", "reason");
    }

    @Test
    void read_unknownFieldsAndDamage_areBorne() {
        String json = ControlJson.write(new PingRequest("a", 1, 2));
        assertThat(ControlJson.read(json.replace("{", "{\"new\":[{}],"), PingRequest.class))
                .isEqualTo(new PingRequest("a", 1, 2));
        for (int length = 0; length < json.length(); length++) {
            assertThat(ControlJson.read(json.substring(0, length), PingRequest.class))
                    .isNull();
        }
    }

    private static List<String> names(JsonNode node) {
        return new ArrayList<>(node.propertyNames());
    }
}
