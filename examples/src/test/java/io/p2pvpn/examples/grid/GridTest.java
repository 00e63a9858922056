package io.p2pvpn.examples.grid;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.vpn.node.VpnNode;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as README runs it: workers in processes of their own, one of which is killed while it has a job. */
class GridTest {
    private static final int WORKERS = 3;
    private static final int FILES = 12;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void stop() throws InterruptedException {
        for (Process each : processes) {
            each.destroyForcibly().waitFor();
        }
    }

    private Process worker(String entry, String name) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Grid.class.getName(),
                        "worker",
                        entry,
                        name,
                        directory.resolve(name).toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(name + ".log").toFile())
                .redirectInput(new File("/dev/null"))
                .start();
        processes.add(process);
        return process;
    }

    private void awaitWorking(String name) throws Exception {
        Path log = directory.resolve(name + ".log");
        for (int i = 0; i < 600 && !Files.readString(log).contains(name + " works at"); i++) {
            Thread.sleep(100);
        }
        assertThat(Files.readString(log)).contains(name + " works at");
    }

    @Test
    void submit_aWorkerDies_allFilesAreDoneByTheOthers() throws Exception {
        try (VpnNode bootstrap = VpnNode.builder()
                .listen("127.0.0.1:0")
                .stateDirectory(directory.resolve("bootstrap"))
                .withoutLanDiscovery()
                .build()
                .start()) {
            bootstrap.joined().get(20, TimeUnit.SECONDS);
            String uri = bootstrap.status().get(5, TimeUnit.SECONDS).endpoints().stream()
                    .map(each -> each.uri())
                    .filter(each -> each.startsWith("udp:"))
                    .findFirst()
                    .orElseThrow();
            String entry = "127.0.0.1:" + uri.substring(uri.lastIndexOf(':') + 1);
            for (int i = 0; i < WORKERS; i++) {
                worker(entry, "worker" + i);
            }
            for (int i = 0; i < WORKERS; i++) {
                awaitWorking("worker" + i);
            }
            List<String> arguments = new ArrayList<>(
                    List.of("submit", entry, directory.resolve("me").toString(), "sha256"));
            StringBuilder expected = new StringBuilder();
            Random random = new Random(1);
            for (int i = 0; i < FILES; i++) {
                byte[] content = new byte[i == 0 ? 0 : 20_000 * i];
                random.nextBytes(content);
                Path file = directory.resolve(String.format(Locale.ROOT, "file%02d", i));
                Files.write(file, content);
                arguments.add(file.toString());
                expected.append(HexFormat.of()
                                .formatHex(MessageDigest.getInstance("SHA-256").digest(content)))
                        .append("  ")
                        .append(file)
                        .append('\n');
            }
            // Dead from the first result on: it is likely to have a job, and found as a worker for a minute more.
            AtomicReference<String> log = new AtomicReference<>("");
            PrintStream err = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8) {
                @Override
                public void println(String line) {
                    if (log.getAndUpdate(before -> before + line + "\n").isEmpty()) {
                        processes.get(0).destroyForcibly();
                    }
                }
            };
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            int code = Grid.run(arguments, new PrintStream(out, true, StandardCharsets.UTF_8), err);
            assertThat(code).as(log.get()).isZero();
            assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(expected.toString());
            assertThat(log.get()).contains("does not answer");
        }
    }

    @Test
    void wrongUsage_isCode2() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream printed = new PrintStream(err, true, StandardCharsets.UTF_8);
        assertThat(Grid.run(List.of(), printed, printed)).isEqualTo(2);
        assertThat(Grid.run(List.of("worker", "x"), printed, printed)).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .startsWith("usage: grid")
                .hasLineCount(2);
    }
}
