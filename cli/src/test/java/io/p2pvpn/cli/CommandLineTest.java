package io.p2pvpn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.p2pvpn.cli.node.NodeListener;
import io.p2pvpn.cli.node.NodeOptions;
import io.p2pvpn.cli.node.RunningNode;
import io.p2pvpn.cli.node.VpnNodeLauncher;
import io.p2pvpn.nat.portmap.PortMapping;
import io.p2pvpn.overlay.host.HttpProxy;
import io.p2pvpn.overlay.host.InterfaceRules;
import io.p2pvpn.overlay.host.StreamOptions;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.InterfaceUse;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.JoinRequest;
import io.p2pvpn.vpn.control.StatusReport.NamespaceStatus;
import io.p2pvpn.vpn.control.StatusReport.NodeState;
import io.p2pvpn.vpn.option.BootstrapAddress;
import io.p2pvpn.vpn.option.ListenAddress;
import io.p2pvpn.vpn.trust.InviteToken;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CommandLineTest {
    private static final String JOIN = "join --no-tun --namespace lab --bootstrap 192.0.2.1:4001 ";

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private NodeOptions started;

    @Test
    void log_ofADaemon_isLimited_thatOfASimulationIsNot() {
        assertThat(Main.isLogLimited("join", "--namespace", "simulate")).isTrue();
        assertThat(Main.isLogLimited()).isTrue();
        assertThat(Main.isLogLimited("simulate", "churn")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "--nonsense",
                "status extra",
                "status --json=maybe",
                "status --check asleep",
                "ping",
                "ping 10.0.0.256",
                "ping 10.0.0",
                "ping fe80::g",
                "ping a/b",
                "ping node1 -c 0",
                "ping node1 -c x",
                "ping node1 -i 0",
                "ping node1 -i -1",
                "ping node1 -i NaN",
                "crawl --timeout 0",
                "crawl --timeout -1",
                "crawl --timeout 1e9",
                "crawl --timeout NaN",
                "crawl --timeout soon",
                "crawl --method by-hand",
                "crawl --by heart",
                "crawl --lagging behind",
                "crawl --namespace a/b",
                "crawl --namespace lab --public",
                "crawl --json --dot",
                "crawl --by local --dot",
                "crawl --method sequential --by local",
                "crawl --every 0s",
                "crawl --every 31d",
                "crawl --every 10m --svg x.svg",
                "crawl --every 10m --keep 59s",
                "crawl --every 10m --history-size 0",
                "crawl --keep 30d",
                "crawl yesterday",
                "crawl --json history",
                "crawl history --since 36501d",
                "crawl history --window 0s",
                "route",
                "route a/b",
                "route 10.0.0.256",
                "dht",
                "dht nonsense k",
                "dht get",
                "dht get k v",
                "dht get k --ttl 60",
                "dht put k",
                "dht put k v --ttl 9",
                "dht put k v --ttl 86401",
                "dht put k v --namespace a/b",
                "dht remove k v",
                "dht dump k",
                "bootstrap --listen 65536",
                "bootstrap --listen http:80",
                "bootstrap --bootstrap host",
                "bootstrap --bootstrap 192.0.2.1:1,,192.0.2.2:1",
                "join --bootstrap 192.0.2.1:4001",
                "join --namespace lab --no-tun --no-lan-discovery",
                "join --namespace a/b --bootstrap 192.0.2.1:4001",
                "join --namespace lab@12 --bootstrap 192.0.2.1:4001",
                "join --namespace lab --bootstrap 192.0.2.1",
                "join --namespace lab --bootstrap 192.0.2.1:0",
                "join --namespace lab --namespace lab --bootstrap 192.0.2.1:1",
                JOIN + "--ip 10.0.0.300",
                JOIN + "--ip fd00::1",
                JOIN + "--cidr 10.0.0.1/16",
                JOIN + "--cidr fd00::/64",
                JOIN + "--cidr 10.0.0.0/16 --ip 10.1.0.1",
                JOIN + "--name a.b",
                JOIN + "--device p2p0",
                JOIN + "--mtu 100",
                JOIN + "--mtu 100000",
                JOIN + "--offload perhaps",
                JOIN + "--relay-limit 0",
                JOIN + "--punch-rate 301",
                "bootstrap --punch-rate -1",
                JOIN + "--queues 0",
                JOIN + "--queues 17",
                "netcheck extra",
                "ping node1 --until-direct -c 0",
                JOIN + "--relay-limit 10 --no-relay",
                "bootstrap --relay-limit 1000001",
                "bootstrap --interface eth0",
                "bootstrap --interface eth0=sometimes",
                "bootstrap --port-mapping stun",
                JOIN + "--port-mapping pcp --no-port-mapping",
                JOIN + "--listen 1.2.3.4",
                "leave --namespace a/b",
                "invite --uses x",
                "invite --expires 10",
                "invite --expires 0h",
                "invite --valid 1y",
                "invite --role king",
                "invite --namespace a/b",
                "requests extra",
                "approve",
                "approve a b",
                "deny",
                "revoke",
                "members extra",
                "publish ssh",
                "log loud",
                "log info debug",
                "bugreport a b",
                "publish ssh 0",
                "publish ssh 65536",
                "publish s_h 22",
                "publish 22 22",
                "unpublish",
                "services ssh http",
                "services -x",
                JOIN + "--dns bind",
                "namespace",
                "namespace show",
                "namespace list lab",
                "rules extra",
                "rules --explain a b",
                "rules --explain a b gre",
                "rules --explain a b tcp/65536",
                "rules --set x --clear",
                "completion zshell",
                "doctor extra",
                "demo --nodes 1",
                "demo --nodes 65",
                "demo --nodes x",
                "simulate",
                "simulate nonsense",
                "simulate crawling",
                "simulate join churn",
                "simulate join --nodes 1",
                "simulate join --nodes -5",
                "simulate join --nodes 100001",
                "simulate join --nodes 99999999999999999999",
                "simulate join --nodes many",
                "simulate join --seed x",
                "simulate join --duration 10",
                "simulate join --duration 0s",
                "simulate join --duration 31d",
                "simulate no/such.toml",
                "simulate /",
                "simulate join --svg /no/such/directory/x.svg",
                "simulate join --svg /"
            })
    void wrongUsage_anyCommand_isExit2AndOneLineWithAHint(String line) {
        assertThat(run(line)).as(line).isEqualTo(2);
        assertThat(out()).isEmpty();
        assertThat(err()).startsWith("p2pvpn").endsWith(" --help)\n").hasLineCount(1);
        assertThat(started).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "status",
                "status --json",
                "peers",
                "netcheck",
                "netcheck --json",
                "ping node1",
                "ping node1 --until-direct",
                "route node1",
                "crawl",
                "dht get k",
                "invite",
                "requests",
                "approve x",
                "revoke x",
                "members",
                "services",
                "log",
                "log debug",
                "services ssh",
                "publish ssh 22",
                "unpublish ssh",
                "rules",
                "namespace list",
                "metrics",
                "dashboard",
                "leave",
                "down"
            })
    void noDaemon_clientCommand_isExit3AndOneLine(String line) {
        assertThat(run(line)).isEqualTo(3);
        assertThat(out()).isEmpty();
        assertThat(err()).contains("no daemon is running here").hasLineCount(1);
    }

    @Test
    void demo_notRoot_isExit4AndOneLine() {
        assertThat(run("demo")).isEqualTo(4);
        assertThat(err()).contains("needs root").hasLineCount(1);
    }

    @Test
    void completion_isAScriptThatBashReads() throws Exception {
        assertThat(run("completion")).isZero();
        assertThat(out()).contains("--relay-limit").contains("netcheck");
        Process bash =
                new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
        bash.getOutputStream().write(out.toByteArray());
        bash.getOutputStream().close();
        assertThat(new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEmpty();
        assertThat(bash.waitFor()).isZero();
    }

    @Test
    void version_isOneLine() {
        assertThat(run("--version")).isZero();
        assertThat(out()).matches("p2pvpn [0-9]+\\.[0-9]+\\.[0-9]+\\S*\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bootstrap",
                "join",
                "leave",
                "down",
                "status",
                "peers",
                "netcheck",
                "ping",
                "route",
                "crawl",
                "invite",
                "requests",
                "approve",
                "deny",
                "revoke",
                "members",
                "services",
                "log",
                "bugreport",
                "publish",
                "unpublish",
                "namespace",
                "rules",
                "dht",
                "metrics",
                "dashboard",
                "doctor",
                "completion",
                "demo",
                "simulate"
            })
    void help_everyCommand_teachesByExample(String command) {
        assertThat(run(command + " --help")).isZero();
        assertThat(out()).contains("Usage: p2pvpn").contains("Examples:\n  ");
        assertThat(err()).isEmpty();
    }

    @Test
    void join_allOptions_reachTheNode() {
        assertThat(run("join --no-tun --namespace lab --bootstrap 192.0.2.1:1,[::1]:2 --bootstrap h:3 --open --name n"
                        + " --ip 10.5.0.9 --cidr 10.5.0.0/16 --mtu 1300 --offload off --listen 1.2.3.4:5 --state "
                        + directory))
                .isZero();
        assertThat(started.join())
                .isEqualTo(new JoinRequest(
                        "lab",
                        List.of("192.0.2.1:1", "[0:0:0:0:0:0:0:1]:2", "h:3"),
                        true,
                        null,
                        "n",
                        "10.5.0.9",
                        "10.5.0.0/16",
                        null,
                        false,
                        1300,
                        false,
                        false));
        assertThat(started.bootstraps()).hasSize(3);
        assertThat(started.listen()).containsExactly(new ListenAddress(null, "1.2.3.4", 5));
        assertThat(started.stateDirectory()).isEqualTo(directory);
        assertThat(started.relayMegabits()).isNull();
    }

    @Test
    void join_tap_reachesTheNodeOrExcludesNoTun() {
        assertThat(run("join --tap --namespace lab --bootstrap h:1 --state " + directory))
                .isZero();
        assertThat(started.join()).isNotNull();
        assertThat(started.join().tap()).isTrue();
        assertThat(started.join().tun()).isTrue();
        assertThat(run("join --tap --no-tun --namespace lab --bootstrap h:1 --state " + directory))
                .isEqualTo(2);
        assertThat(err()).contains("--no-tun and --tap exclude each other");
    }

    /** No state, no node: it is said before anything is started. */
    @Test
    void join_inviteThatCannotBe_isExit4AndOneLine() {
        OverlayId id = OverlayId.of(new byte[OverlayId.BYTES]);
        ByteString secret = ByteString.copyFrom(new byte[InviteToken.SECRET_BYTES]);
        List<String> bootstraps = List.of("192.0.2.1:1");
        long now = System.currentTimeMillis();
        String good = new InviteToken("lab", id, id, List.of(), bootstraps, secret, now + 3600_000).encode();
        String expired = new InviteToken("lab", id, id, List.of(), bootstraps, secret, now - 1000).encode();
        String altered = good.substring(0, 20) + (good.charAt(20) == 'A' ? 'B' : 'A') + good.substring(21);
        for (String line : List.of(
                "--invite " + altered,
                "--invite " + good.substring(0, 40),
                "--invite nonsense",
                "--invite " + expired,
                "--namespace other --invite " + good,
                "--namespace lab@" + "1".repeat(40) + " --invite " + good)) {
            err.reset();
            assertThat(run("join --no-tun " + line)).as(line).isEqualTo(4);
            assertThat(err()).as(line).hasLineCount(1).contains("ask for");
            assertThat(started).as(line).isNull();
        }
        assertThat(run("join --no-tun --invite " + good + " --state " + directory))
                .isZero();
        assertThat(started.join().namespace()).isEqualTo("lab@" + id);
        assertThat(started.join().invite()).isEqualTo(good);
        assertThat(started.bootstraps()).extracting(Object::toString).containsExactly("192.0.2.1:1");
    }

    @Test
    void relayOptions_reachTheNode() {
        assertThat(run("bootstrap --no-relay")).isZero();
        assertThat(started.relayMegabits()).isZero();
        assertThat(run(JOIN + "--relay-limit 50 --state " + directory)).isZero();
        assertThat(started.relayMegabits()).isEqualTo(50);
    }

    @Test
    void passphraseFile_reachesTheNodeUnread() {
        assertThat(run(JOIN + "--state " + directory)).isZero();
        assertThat(started.passphraseFile()).isNull();
        assertThat(run("bootstrap --passphrase-file - --state " + directory)).isZero();
        assertThat(started.passphraseFile()).isEqualTo(Path.of("-"));
        assertThat(run(JOIN + "--passphrase-file /nowhere/p --state " + directory))
                .isZero();
        assertThat(started.passphraseFile()).isEqualTo(Path.of("/nowhere/p"));
    }

    @ParameterizedTest
    @CsvSource({"missing, there is no file", "empty, the passphrase is empty", "., cannot take the passphrase from"})
    void passphraseFile_unusable_isToldBeforeAnythingIsStarted(String file, String message) throws Exception {
        Files.createFile(directory.resolve("empty"));
        Path state = directory.resolve("state");
        assertThat(run(JOIN + "--state " + state + " --passphrase-file " + directory.resolve(file)))
                .isZero();
        assertThatThrownBy(() -> new VpnNodeLauncher().start(started, new Silent()))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(directory.toString());
        assertThat(state).doesNotExist();
    }

    @Test
    void queues_reachTheNode() {
        assertThat(run(JOIN + "--state " + directory)).isZero();
        assertThat(started.queues()).isNull();
        assertThat(run(JOIN + "--queues 16 --state " + directory)).isZero();
        assertThat(started.queues()).isEqualTo(16);
    }

    @Test
    void punchRate_reachesTheNode() {
        assertThat(run("bootstrap")).isZero();
        assertThat(started.punchPacketsPerSecond()).isNull();
        assertThat(run("bootstrap --punch-rate 0")).isZero();
        assertThat(started.punchPacketsPerSecond()).isZero();
        assertThat(run(JOIN + "--punch-rate 300 --state " + directory)).isZero();
        assertThat(started.punchPacketsPerSecond()).isEqualTo(300);
    }

    @Test
    void portMappingOptions_reachTheNode() {
        assertThat(run("bootstrap --no-port-mapping")).isZero();
        assertThat(started.portMapping()).isEqualTo(PortMapping.OFF);
        assertThat(run("bootstrap")).isZero();
        assertThat(started.portMapping()).isEqualTo(PortMapping.AUTO);
        assertThat(run(JOIN + "--port-mapping nat-pmp --state " + directory)).isZero();
        assertThat(started.portMapping()).isEqualTo(PortMapping.NAT_PMP);
    }

    @Test
    void linkOptions_reachTheNode() {
        assertThat(run("bootstrap")).isZero();
        assertThat(started.lanDiscovery()).isTrue();
        assertThat(started.interfaces()).isEqualTo(InterfaceRules.NONE);
        String words = "--no-lan-discovery --interface wwan*=metered --interface eth1=off ";
        assertThat(run(JOIN + words + "--state " + directory)).isZero();
        assertThat(started.lanDiscovery()).isFalse();
        assertThat(started.interfaces().rules())
                .containsExactly(
                        new InterfaceRules.Rule("wwan*", InterfaceUse.METERED),
                        new InterfaceRules.Rule("eth1", InterfaceUse.OFF));
    }

    @Test
    void firstJoinWithoutBootstrap_isForLanDiscovery() {
        String words = "join --no-tun --namespace lab --state " + directory.resolve("none");
        assertThat(run(words)).isZero();
        assertThat(started.bootstraps()).isEmpty();
        assertThat(run(words + " --no-lan-discovery")).isEqualTo(2);
        assertThat(err()).contains("--bootstrap");
    }

    @Test
    void underlayOptions_reachTheNode() {
        String words = " --listen 4001 --listen tls:443 --listen tls:1.2.3.4:444 --proxy http://me:secret@web:3128"
                + " --tls-certificate c.pem --tls-key k.pem --bootstrap tls://h:443,udp://[::1]:2";
        for (String command : List.of("bootstrap" + words, JOIN + words.strip() + " --state " + directory)) {
            assertThat(run(command)).isZero();
            assertThat(started.listen())
                    .containsExactly(
                            new ListenAddress(null, null, 4001),
                            new ListenAddress("tls", null, 443),
                            new ListenAddress("tls", "1.2.3.4", 444));
            assertThat(started.bootstraps()).contains(BootstrapAddress.parse("tls://h:443"));
            assertThat(started.streams())
                    .isEqualTo(new StreamOptions(
                            Path.of("c.pem"), Path.of("k.pem"), new HttpProxy("web", 3128, "me", "secret")));
            assertThat(started.toString()).doesNotContain("secret");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--proxy https://me:secret@h:1",
                "--proxy me:secret@h:1",
                "--proxy http://me:secret@h:99999",
                "--tls-certificate c.pem",
                "--tls-key k.pem",
                "--listen tls:x",
                "--listen tls",
                "--bootstrap http://h:1"
            })
    void underlayOptions_wrong_areRefusedInOneLine(String words) {
        for (String command : List.of("bootstrap ", JOIN)) {
            err.reset();
            assertThat(run(command + words)).isEqualTo(2);
            assertThat(err())
                    .hasLineCount(1)
                    .contains(words.substring(0, words.indexOf(' ')))
                    .doesNotContain("secret");
        }
    }

    @Test
    void bootstrap_options_reachTheNode() {
        assertThat(run("bootstrap --listen 4001 --listen tcp:4002 --bootstrap h:1"))
                .isZero();
        assertThat(started.join()).isNull();
        assertThat(started.listen())
                .containsExactly(new ListenAddress(null, null, 4001), new ListenAddress("tcp", null, 4002));
        assertThat(started.bootstraps()).containsExactly(BootstrapAddress.parse("h:1"));
        assertThat(started.socket()).isEqualTo(directory.resolve("s"));
    }

    @ParameterizedTest
    @CsvSource({"FAILED, 1", "NOT_PERMITTED, 4", "TIMED_OUT, 5"})
    void startFails_knownReason_isItsExitCodeAndOneLine(Kind kind, int code) {
        Environment failing = environment(() -> new ControlException(kind, "port 4001 is taken:\nchoose another"));
        assertThat(Main.run(failing, "bootstrap")).isEqualTo(code);
        assertThat(err()).isEqualTo("p2pvpn bootstrap: port 4001 is taken:; choose another\n");
    }

    @Test
    void startFails_unknownReason_isExit1WithoutStackTrace() {
        Environment failing = environment(() -> {
            throw new IllegalStateException("broken\n\tinside");
        });
        assertThat(Main.run(failing, "bootstrap")).isEqualTo(1);
        assertThat(err()).contains("IllegalStateException: broken").hasLineCount(1);
    }

    @Test
    void defaults_withoutRoot_followXdg() {
        Map<String, String> variables = Map.of("XDG_STATE_HOME", "/s", "XDG_RUNTIME_DIR", "/r", "HOME", "/h");
        assertThat(withVariables(false, variables).defaultState()).isEqualTo(Path.of("/s/p2pvpn"));
        assertThat(withVariables(false, variables).defaultSocket()).isEqualTo(Path.of("/r/p2pvpn/p2pvpn.sock"));
        assertThat(withVariables(false, Map.of("HOME", "/h")).defaultState())
                .isEqualTo(Path.of("/h/.local/state/p2pvpn"));
        assertThat(withVariables(true, variables).defaultState()).isEqualTo(Path.of("/var/lib/p2pvpn"));
        assertThat(withVariables(true, variables).defaultSocket()).isEqualTo(Path.of("/run/p2pvpn/p2pvpn.sock"));
        assertThat(withVariables(true, Map.of("P2PVPN_SOCKET", "/x/s")).defaultSocket())
                .isEqualTo(Path.of("/x/s"));
    }

    private int run(String line) {
        Environment environment = environment(() -> null);
        return Main.run(
                environment, line.isBlank() ? new String[0] : line.strip().split(" ", -1));
    }

    private static final class Silent implements NodeListener {
        @Override
        public void onNodeState(NodeState state) {}

        @Override
        public void onNamespace(NamespaceStatus namespace) {}

        @Override
        public void onNotice(String line) {}
    }

    /** Supplies what a start fails by, or null when it succeeds. */
    private interface Failure {
        ControlException get();
    }

    private Environment environment(Failure failure) {
        return new Environment(
                Map.of("P2PVPN_SOCKET", directory.resolve("s").toString(), "HOME", directory.toString()),
                false,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                () -> (options, listener) -> start(options, listener, failure),
                FakeMain.class.getName());
    }

    private RunningNode start(NodeOptions options, NodeListener listener, Failure failure) throws ControlException {
        ControlException refusal = failure.get();
        if (refusal != null) {
            throw refusal;
        }
        started = options;
        RunningNode node = FakeNode.start(options, listener);
        node.stop();
        return node;
    }

    private static Environment withVariables(boolean root, Map<String, String> variables) {
        return new Environment(variables, root, System.out, System.err, () -> FakeNode::start, "Main");
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
