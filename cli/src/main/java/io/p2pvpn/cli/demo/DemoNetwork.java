package io.p2pvpn.cli.demo;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * The demo's network namespaces, its processes and its directory: everything that must be gone afterwards. Safe to
 * close from a shutdown hook while the demo runs: what is started after that fails.
 */
final class DemoNetwork implements AutoCloseable {
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(8);

    private final DemoPlan plan;
    private final Path directory;
    private final List<Process> processes = new ArrayList<>();
    private boolean closed;

    private DemoNetwork(DemoPlan plan, Path directory) {
        this.plan = plan;
        this.directory = directory;
    }

    /** Nothing but an empty directory yet. */
    static DemoNetwork prepare(DemoPlan plan) throws ControlException {
        try {
            return new DemoNetwork(plan, Files.createTempDirectory(plan.prefix() + "-"));
        } catch (IOException failure) {
            throw new ControlException(
                    Kind.FAILED, "cannot make a directory for the demo: " + failure.getMessage(), failure);
        }
    }

    Path directory() {
        return directory;
    }

    /** Makes namespaces, links, addresses and routes. */
    void create() throws ControlException {
        for (List<String> command : plan.createCommands()) {
            synchronized (this) {
                requireOpen();
                Tool.run(command);
            }
        }
    }

    /** Starts a process on a host; its output goes to the file. */
    synchronized Process start(DemoPlan.Host host, List<String> command, File output) throws ControlException {
        requireOpen();
        List<String> inside = new ArrayList<>(List.of("ip", "netns", "exec", host.netns()));
        inside.addAll(command);
        try {
            Process process = new ProcessBuilder(inside)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(output)
                    .redirectErrorStream(true)
                    .start();
            processes.add(process);
            return process;
        } catch (IOException failure) {
            throw new ControlException(
                    Kind.FAILED, "cannot start a process on " + host.name() + ": " + failure.getMessage(), failure);
        }
    }

    /** Writes a script that takes everything down later, and lets go of it. */
    synchronized Path keep() throws ControlException {
        requireOpen();
        StringBuilder script = new StringBuilder("#!/bin/sh\n# Takes the demo down.\n");
        for (String netns : plan.netnsNames()) {
            script.append("ip netns pids ").append(netns).append(" | xargs -r kill\n");
        }
        script.append("sleep 2\n");
        for (String netns : plan.netnsNames()) {
            script.append("ip netns pids ").append(netns).append(" | xargs -r kill -9\n");
            script.append("ip netns delete ").append(netns).append('\n');
        }
        script.append("rm -rf ").append(directory).append('\n');
        Path file = directory.resolve("remove.sh");
        try {
            Files.writeString(file, script);
        } catch (IOException failure) {
            throw new ControlException(Kind.FAILED, "cannot write " + file + ": " + failure.getMessage(), failure);
        }
        closed = true;
        return file;
    }

    /** Ends the processes, removes namespaces and directory. Goes on when a step fails: the rest shall go too. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        processes.forEach(Process::destroy);
        for (Process process : processes) {
            awaitEnd(process);
        }
        for (String netns : plan.netnsNames()) {
            killRest(netns);
            attempt(List.of("ip", "netns", "delete", netns));
        }
        delete(directory);
    }

    private static void awaitEnd(Process process) {
        try {
            process.onExit().get(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException stuck) {
            process.destroyForcibly();
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static void killRest(String netns) {
        for (String pid : attempt(List.of("ip", "netns", "pids", netns)).split("\\s+", -1)) {
            if (pid.matches("[0-9]{1,9}")) {
                ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }

    private static String attempt(List<String> command) {
        try {
            return Tool.attempt(command).output();
        } catch (ControlException failure) {
            return "";
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException failure) {
            System.err.println("could not remove " + directory + ": " + failure.getMessage());
        }
    }

    private void requireOpen() throws ControlException {
        if (closed) {
            throw new ControlException(Kind.FAILED, "stopped");
        }
    }
}
