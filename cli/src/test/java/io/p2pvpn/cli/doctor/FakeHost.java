package io.p2pvpn.cli.doctor;

import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A host on which all is well, until a test says otherwise. */
final class FakeHost implements HostView {
    String system = "Linux";

    @Nullable
    String whyNoLoop;

    @Nullable
    String whyNoDevice;

    boolean privileged = true;
    boolean writable = true;
    long freeBytes = 1_000_000_000;
    Instant now = Instant.parse("2026-11-29T00:00:00Z");
    final Map<String, String> files = new HashMap<>(Map.of(
            "/proc/cpuinfo", "flags\t\t: fpu aes avx\n",
            "/proc/self/limits", "Max open files            1024                 4096                 files     \n",
            "/proc/sys/net/ipv6/conf/all/disable_ipv6", "0\n"));
    final Set<String> present = new HashSet<>(Set.of("/dev/net/tun", "/", "/var"));
    final Map<String, String> outputs = new HashMap<>(Map.of("nft", "{\"nftables\": []}"));

    @Override
    public String system() {
        return system;
    }

    @Override
    public @Nullable String whyNoLoop() {
        return whyNoLoop;
    }

    @Override
    public boolean mayConfigureNetwork() {
        return privileged;
    }

    @Override
    public @Nullable String file(String path) {
        return files.get(path);
    }

    @Override
    public @Nullable String whyNoDevice() {
        return whyNoDevice;
    }

    @Override
    public boolean exists(Path path) {
        return present.contains(path.toString());
    }

    @Override
    public boolean isWritable(Path directory) {
        return writable && exists(directory);
    }

    @Override
    public long freeBytes(Path directory) {
        return freeBytes;
    }

    @Override
    public Instant now() {
        return now;
    }

    @Override
    public @Nullable String output(List<String> command) {
        return outputs.get(command.get(0));
    }
}
