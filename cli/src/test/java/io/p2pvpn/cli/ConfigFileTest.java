package io.p2pvpn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.cli.node.NodeListener;
import io.p2pvpn.cli.node.NodeOptions;
import io.p2pvpn.cli.node.RunningNode;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.JoinRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigFileTest {
    @TempDir
    private Path directory;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private NodeOptions started;

    @Test
    void config_allKinds_reachTheNode() throws Exception {
        config("""
                # a member
                namespace = "lab"
                bootstrap = ["192.0.2.1:1", "h:3"]
                no-tun = true
                open = false
                mtu = 1300
                listen = "4001"
                interface = ["wwan*=metered", "eth1=off"]
                """);
        assertThat(run("join", "--state", directory.toString())).isZero();
        JoinRequest request = started.join();
        assertThat(request.namespace()).isEqualTo("lab");
        assertThat(request.bootstraps()).containsExactly("192.0.2.1:1", "h:3");
        assertThat(request.open()).isFalse();
        assertThat(request.mtuBytes()).isEqualTo(1300);
        assertThat(started.listen()).hasSize(1);
        assertThat(started.interfaces().rules()).hasSize(2);
    }

    @Test
    void config_commandLineSaysOtherwise_commandLineCounts() throws Exception {
        config("""
                namespace = "lab"
                bootstrap = ["192.0.2.1:1"]
                relay-limit = 10
                no-tun = true
                """);
        assertThat(run("join", "--relay-limit=50", "--bootstrap", "192.0.2.9:9", "--state", directory.toString()))
                .isZero();
        assertThat(started.relayMegabits()).isEqualTo(50);
        assertThat(started.bootstraps()).hasSize(1).first().hasToString("192.0.2.9:9");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "nonsense = 1 | p.toml:2: 'nonsense' is no setting of bootstrap",
                "relay-limit = 'x' | p.toml:2: Invalid value for option '--relay-limit'",
                "relay-limit = 0 | p.toml:2: --relay-limit must be",
                "relay-limit = [1, 2] | p.toml:2: 'relay-limit' is one value, not a list",
                "relay-limit = true | p.toml:2: 'relay-limit' is not true or false",
                "relay-limit = 1.5 | p.toml:2: 'relay-limit' is a text in quotes or a whole number",
                "relay-limit = 1979-05-27 | p.toml:2: 'relay-limit' is a text in quotes or a whole number",
                "no-relay = 'yes' | p.toml:2: 'no-relay' is true or false",
                "config = 'x' | p.toml:2: 'config' can be given on the command line only",
                "help = true | p.toml:2: 'help' can be given on the command line only",
                "listen = [['x']] | p.toml:2: 'listen' is a text in quotes or a whole number",
                "listen = ['4001', 'http:1'] | p.toml:2: Invalid value for option '--listen'",
                "[relay] | p.toml:2: 'relay' is no setting of bootstrap",
                "a = | p.toml:2: ",
                "no-relay = true \\u0000 | p.toml:2: ",
            })
    void config_wrong_isExit2AndOneLineWithThePlace(String line, String message) throws Exception {
        config("# a comment\n" + line + "\n");
        assertThat(run("bootstrap")).isEqualTo(2);
        assertThat(err()).contains(message).hasLineCount(1);
        assertThat(started).isNull();
    }

    @Test
    void config_twiceTheSameKey_isExit2AndOneLine() throws Exception {
        config("no-relay = true\nno-relay = false\n");
        assertThat(run("bootstrap")).isEqualTo(2);
        assertThat(err()).contains("p.toml:2: ").hasLineCount(1);
    }

    @Test
    void config_unreadable_isExit2AndOneLine() throws Exception {
        assertThat(run("bootstrap")).isEqualTo(2);
        assertThat(err()).contains("there is no file").hasLineCount(1);
        err.reset();
        Files.write(file(), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThat(run("bootstrap")).isEqualTo(2);
        assertThat(err()).contains("no text in UTF-8").hasLineCount(1);
        err.reset();
        Files.write(file(), new byte[TomlFile.BYTES_MAX + 1]);
        assertThat(run("bootstrap")).isEqualTo(2);
        assertThat(err()).contains("too long").hasLineCount(1);
        err.reset();
        Files.delete(file());
        Files.createDirectory(file());
        assertThat(run("bootstrap")).isEqualTo(2);
        assertThat(err()).hasLineCount(1);
    }

    private Path file() {
        return directory.resolve("p.toml");
    }

    private void config(String text) throws IOException {
        Files.writeString(file(), text);
    }

    private int run(String command, String... more) {
        List<String> words = new ArrayList<>(List.of(command, "--config", file().toString()));
        words.addAll(List.of(more));
        Environment environment = new Environment(
                Map.of("P2PVPN_SOCKET", directory.resolve("s").toString(), "HOME", directory.toString()),
                false,
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                () -> this::start,
                FakeMain.class.getName());
        return Main.run(environment, words.toArray(new String[0]));
    }

    private RunningNode start(NodeOptions options, NodeListener listener) throws ControlException {
        started = options;
        RunningNode node = FakeNode.start(options, listener);
        node.stop();
        return node;
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
