package io.p2pvpn.cli.doctor;

import io.netty.channel.epoll.Epoll;
import io.p2pvpn.vpn.control.HostUser;
import io.p2pvpn.vpn.tun.LinuxTun;
import io.p2pvpn.vpn.tun.TunException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The host that this process runs on. */
final class LinuxHost implements HostView {
    private static final long TOOL_SECONDS_MAX = 5;
    private static final int OUTPUT_BYTES_MAX = 16 << 20;

    @Override
    public String system() {
        return System.getProperty("os.name");
    }

    @Override
    public @Nullable String whyNoLoop() {
        return Epoll.isAvailable()
                ? null
                : String.valueOf(Epoll.unavailabilityCause())
                        .lines()
                        .findFirst()
                        .orElse("unknown");
    }

    @Override
    public boolean mayConfigureNetwork() {
        return HostUser.mayConfigureNetwork();
    }

    @Override
    public @Nullable String file(String path) {
        try {
            return Files.readString(Path.of(path), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            return null;
        }
    }

    @Override
    public @Nullable String whyNoDevice() {
        try {
            // Nobody sees it: it gets no address, is never up, and goes when it is closed.
            LinuxTun.open(null).close();
            return null;
        } catch (TunException refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path);
    }

    @Override
    public boolean isWritable(Path directory) {
        return Files.isWritable(directory);
    }

    @Override
    public long freeBytes(Path directory) {
        Path there = directory.toAbsolutePath().normalize();
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        try {
            return there == null ? -1 : Files.getFileStore(there).getUsableSpace();
        } catch (IOException unknown) {
            return -1;
        }
    }

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public @Nullable String output(List<String> command) {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
        } catch (IOException missing) {
            return null;
        }
        CompletableFuture<String> text = CompletableFuture.supplyAsync(() -> read(process));
        try {
            String all = text.get(TOOL_SECONDS_MAX, TimeUnit.SECONDS);
            return process.waitFor(TOOL_SECONDS_MAX, TimeUnit.SECONDS) && process.exitValue() == 0 ? all : null;
        } catch (TimeoutException | ExecutionException failed) {
            return null;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return null;
        } finally {
            process.destroyForcibly();
        }
    }

    private static String read(Process process) {
        try {
            return new String(process.getInputStream().readNBytes(OUTPUT_BYTES_MAX), StandardCharsets.UTF_8);
        } catch (IOException ended) {
            return "";
        }
    }
}
