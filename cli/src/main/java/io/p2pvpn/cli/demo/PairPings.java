package io.p2pvpn.cli.demo;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.PeersReport.PathStatus;
import io.p2pvpn.vpn.control.PeersReport.Peer;
import io.p2pvpn.vpn.control.StatusReport.NamespaceStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Pings every member from every other with the system's {@code ping}, over the VPN. */
final class PairPings {
    private static final int PINGS = 3;
    private static final int PARALLEL_MAX = 4;
    private static final Pattern TIME = Pattern.compile("time=([0-9.]+) ms");

    /**
     * A member and where it can be pinged.
     *
     * @param daemon the process
     * @param status its membership
     */
    record Target(DemoDaemon daemon, NamespaceStatus status) {
        String name() {
            return daemon.host().name();
        }

        /** Virtual addresses without their prefix lengths. */
        List<String> addresses() {
            return status.virtualIps().stream()
                    .map(text -> text.replaceFirst("/.*", ""))
                    .toList();
        }
    }

    private PairPings() {}

    /** All ordered pairs, all addresses. */
    static List<DemoReport.Ping> run(List<Target> targets) throws ControlException {
        List<Callable<DemoReport.Ping>> pings = new ArrayList<>();
        for (Target from : targets) {
            for (Target to : targets) {
                if (!from.name().equals(to.name())) {
                    to.addresses().forEach(address -> pings.add(() -> ping(from, to, address)));
                }
            }
        }
        ExecutorService threads = Executors.newFixedThreadPool(PARALLEL_MAX);
        try {
            List<DemoReport.Ping> results = new ArrayList<>();
            for (Future<DemoReport.Ping> result : threads.invokeAll(pings)) {
                results.add(result.get());
            }
            return withPaths(results, targets);
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof ControlException known) {
                throw known;
            }
            throw new IllegalStateException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ControlException(Kind.FAILED, "interrupted", interrupted);
        } finally {
            threads.shutdownNow();
        }
    }

    private static DemoReport.Ping ping(Target from, Target to, String address) throws ControlException {
        String netns = from.daemon().host().netns();
        Tool.Result result = Tool.attempt(List.of(
                "ip",
                "netns",
                "exec",
                netns,
                "ping",
                "-n",
                "-c",
                String.valueOf(PINGS),
                "-i",
                "0.2",
                "-W",
                "3",
                address));
        List<Double> times = times(result.output());
        Double median = times.isEmpty() ? null : times.get(times.size() / 2);
        return new DemoReport.Ping(from.name(), to.name(), address, PINGS, times.size(), median, null);
    }

    /** The round trips in the output of ping, milliseconds, smallest first. */
    static List<Double> times(String output) {
        List<Double> times = new ArrayList<>();
        Matcher matcher = TIME.matcher(output);
        while (matcher.find()) {
            times.add(Double.valueOf(matcher.group(1)));
        }
        times.sort(null);
        return times;
    }

    private static List<DemoReport.Ping> withPaths(List<DemoReport.Ping> pings, List<Target> targets)
            throws ControlException {
        List<DemoReport.Ping> withPaths = new ArrayList<>();
        for (Target from : targets) {
            List<Peer> peers = from.daemon().client().peers().peers();
            for (DemoReport.Ping ping : pings) {
                if (ping.from().equals(from.name())) {
                    withPaths.add(new DemoReport.Ping(
                            ping.from(),
                            ping.to(),
                            ping.address(),
                            ping.sent(),
                            ping.received(),
                            ping.rttMillis(),
                            pathTo(ping.to(), targets, peers)));
                }
            }
        }
        return withPaths;
    }

    private static @Nullable String pathTo(String name, List<Target> targets, List<Peer> peers) {
        for (Target target : targets) {
            if (!target.name().equals(name)) {
                continue;
            }
            for (Peer peer : peers) {
                if (peer.overlayId().equals(target.status().overlayId())
                        || (peer.virtualIp() != null
                                && peer.virtualIp().equals(target.status().virtualIp()))) {
                    return activeKind(peer);
                }
            }
        }
        return null;
    }

    private static @Nullable String activeKind(Peer peer) {
        for (PathStatus path : peer.paths()) {
            if (path.active()) {
                boolean direct = !path.kind().equals("relay") && !path.kind().equals("ring");
                return direct ? "direct" : path.kind();
            }
        }
        return null;
    }
}
