package io.p2pvpn.vpn.node.names;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the host's own programs. Blocks: never on the node's loop. */
final class Commands {
    private static final int SECONDS_MAX = 5;
    private static final int OUTPUT_BYTES_MAX = 64 * 1024;

    private Commands() {}

    /** What a program printed; fails if it ends with another code than 0, or does not end in time. */
    static String run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .start();
        try {
            String output = new String(process.getInputStream().readNBytes(OUTPUT_BYTES_MAX), StandardCharsets.UTF_8);
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                throw new IOException(command.get(0) + " does not end");
            }
            if (process.exitValue() != 0) {
                throw new IOException(command.get(0) + ": " + firstLine(output));
            }
            return output;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static String firstLine(String text) {
        String stripped = text.strip();
        int end = stripped.indexOf('\n');
        return end < 0 ? stripped : stripped.substring(0, end);
    }
}
