package io.p2pvpn.cli.node;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Starts the same command line in the background, in a session of its own, and waits until it has become a member. */
public final class DetachedStart {
    private static final File NOTHING = new File("/dev/null");
    private static final Path SETSID = Path.of("/usr/bin/setsid");

    private final String mainClass;
    private final NodeOptions options;
    private final PrintStream err;

    /** The log goes to the state directory; a former one is kept beside it. */
    public DetachedStart(String mainClass, NodeOptions options, PrintStream err) {
        this.mainClass = mainClass;
        this.options = options;
        this.err = err;
    }

    /** Starts it and returns the exit code of the command. */
    public int run(List<String> arguments, MembershipWait wait) throws ControlException {
        Path stateDirectory = options.stateDirectory();
        Path log = stateDirectory.resolve("daemon.log");
        Process daemon;
        try {
            Files.createDirectories(
                    stateDirectory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            if (Files.exists(log)) {
                Files.move(log, stateDirectory.resolve("daemon.log.1"), StandardCopyOption.REPLACE_EXISTING);
            }
            daemon = new ProcessBuilder(command(arguments))
                    .redirectInput(options.isPassphraseFromInput() ? Redirect.INHERIT : Redirect.from(NOTHING))
                    .redirectOutput(log.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException failure) {
            throw new ControlException(
                    Kind.FAILED,
                    "cannot start in the background (" + failure.getMessage() + "): run it without --detach",
                    failure);
        }
        int code = wait.await(() -> daemon.isAlive() ? null : ended(daemon, log));
        if (daemon.isAlive()) {
            err.println("runs in the background as process " + daemon.pid() + ", log: " + log);
        }
        return code;
    }

    /** A daemon that ends before it is a member has failed, whatever it says. */
    private int ended(Process daemon, Path log) {
        err.println(lastLine(log));
        return daemon.exitValue() == 0 ? Kind.FAILED.exitCode() : daemon.exitValue();
    }

    private static String lastLine(Path log) {
        try {
            List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
            return lines.isEmpty() ? "it ended without a word: " + log : lines.get(lines.size() - 1);
        } catch (IOException unreadable) {
            return "it ended; its log " + log + " cannot be read";
        }
    }

    private List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SETSID)) {
            command.add(SETSID.toString());
        } else {
            // A JVM keeps ignoring the signals that were ignored when it was started.
            command.addAll(List.of("/bin/sh", "-c", "trap '' HUP INT; exec \"$@\"", "p2pvpn"));
        }
        command.addAll(SameProgram.command(mainClass));
        command.addAll(arguments);
        return command;
    }
}
