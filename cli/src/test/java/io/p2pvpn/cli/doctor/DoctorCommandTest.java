package io.p2pvpn.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.cli.Environment;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class DoctorCommandTest {
    @TempDir
    private Path directory;

    private final FakeHost host = new FakeHost();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void doctor_wellHost_isExit0WithALineForEachFinding() {
        assertThat(run()).isZero();
        assertThat(out()).contains("ok       tun-device: ").contains("info     daemon: none runs here\n");
    }

    @Test
    void doctor_somethingToMend_isExit1() {
        host.whyNoDevice = "the kernel refuses";
        assertThat(run("--json")).isEqualTo(1);
        assertThat(out())
                .startsWith("{\n  \"schema\" : 1,\n  \"findings\" : [")
                .contains("\"code\" : \"tun-device\",\n    \"severity\" : \"error\"");
    }

    private int run(String... arguments) {
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        Environment environment = new Environment(
                Map.of("P2PVPN_SOCKET", directory.resolve("s").toString(), "HOME", "/var"),
                false,
                stream,
                stream,
                () -> {
                    throw new AssertionError("no node is started");
                },
                "Main");
        return new CommandLine(new DoctorCommand(environment, host)).execute(arguments);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
