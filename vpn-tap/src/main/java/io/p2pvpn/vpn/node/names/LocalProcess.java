package io.p2pvpn.vpn.node.names;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A program that runs in this network namespace: one in another answers other hosts' questions, and may not even mean
 * the same device by its number. Blocks: never on the node's loop.
 *
 * @param pid its process
 * @param arguments its command line, its name first
 */
record LocalProcess(long pid, List<String> arguments) {
    /** The kernel keeps that much of a process's name. */
    private static final int NAME_CHARS_MAX = 15;

    /** A process of that name, or null. */
    static @Nullable LocalProcess find(String name) {
        String kept = name.substring(0, Math.min(name.length(), NAME_CHARS_MAX));
        Path proc = Path.of("/proc");
        try (DirectoryStream<Path> all = Files.newDirectoryStream(proc, "[0-9]*")) {
            String ours = Files.readSymbolicLink(proc.resolve("self/ns/net")).toString();
            for (Path each : all) {
                LocalProcess found = read(each, kept, ours);
                if (found != null) {
                    return found;
                }
            }
        } catch (IOException e) {
            return null;
        }
        return null;
    }

    private static @Nullable LocalProcess read(Path process, String name, String network) {
        try {
            boolean isIt = Files.readString(process.resolve("comm")).strip().equals(name)
                    && Files.readSymbolicLink(process.resolve("ns/net"))
                            .toString()
                            .equals(network);
            if (!isIt) {
                return null;
            }
            String line = new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8);
            return new LocalProcess(Long.parseLong(String.valueOf(process.getFileName())), List.of(line.split("\0")));
        } catch (IOException gone) {
            return null;
        }
    }

    /** The value of an option, as {@code -x VALUE}, {@code -xVALUE} or {@code --long=VALUE}; null without it. */
    @Nullable
    String option(String shortForm, String longForm) {
        for (int i = 1; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.startsWith(longForm + "=")) {
                return argument.substring(longForm.length() + 1);
            }
            if ((argument.equals(shortForm) || argument.equals(longForm)) && i + 1 < arguments.size()) {
                return arguments.get(i + 1);
            }
            boolean attached = argument.startsWith(shortForm) && !argument.startsWith("--");
            if (attached && argument.length() > shortForm.length()) {
                return argument.substring(shortForm.length());
            }
        }
        return null;
    }
}
