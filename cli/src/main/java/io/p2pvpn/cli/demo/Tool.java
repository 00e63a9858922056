package io.p2pvpn.cli.demo;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs the system's own tools: {@code ip} and {@code ping}. */
final class Tool {
    /**
     * What a tool left.
     *
     * @param exitCode of the process
     * @param output both its streams
     */
    record Result(int exitCode, String output) {}

    private Tool() {}

    /** Runs it and fails when it fails. */
    static String run(List<String> command) throws ControlException {
        Result result = attempt(command);
        if (result.exitCode() != 0) {
            throw new ControlException(
                    Kind.FAILED,
                    "'" + String.join(" ", command) + "' failed: "
                            + result.output().strip());
        }
        return result.output();
    }

    /** Runs it to its end. */
    static Result attempt(List<String> command) throws ControlException {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(process.waitFor(), output);
        } catch (IOException missing) {
            throw new ControlException(
                    Kind.FAILED,
                    "cannot run " + command.get(0) + " (" + missing.getMessage()
                            + "): on Debian and Ubuntu, apt-get install iproute2 iputils-ping",
                    missing);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new ControlException(Kind.FAILED, "interrupted", stopped);
        }
    }
}
