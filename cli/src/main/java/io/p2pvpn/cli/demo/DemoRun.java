package io.p2pvpn.cli.demo;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.StatusReport.NamespaceStatus;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The demo, step by step. */
final class DemoRun {
    private static final double NANOS_PER_SECOND = 1e9;

    private final DemoPlan plan;
    private final DemoNetwork network;
    private final String mainClass;
    private final PrintStream err;
    private final long startNanos = System.nanoTime();

    DemoRun(DemoPlan plan, DemoNetwork network, String mainClass, PrintStream err) {
        this.plan = plan;
        this.network = network;
        this.mainClass = mainClass;
        this.err = err;
    }

    DemoReport run() throws ControlException {
        tell("making " + plan.hosts().size() + " hosts and a router out of network namespaces " + plan.prefix() + "-*");
        network.create();
        DemoDaemon bootstrap = DemoDaemon.startBootstrap(network, plan, mainClass);
        bootstrap.awaitUp();
        tell("bootstrap runs; the members join namespace " + DemoDaemon.NAMESPACE);
        List<PairPings.Target> targets = join();
        tell("all pairs ping each other over the VPN");
        List<DemoReport.Ping> pings = PairPings.run(targets);
        tell("one TCP stream, bare and through the VPN, 3 s each");
        DemoReport.Tcp tcp = tcp(targets.get(0), targets.get(1));
        tell("killing the bootstrap; all pairs ping again");
        bootstrap.kill();
        List<DemoReport.Ping> again = PairPings.run(targets);
        return new DemoReport(targets.stream().map(DemoRun::member).toList(), pings, again, tcp, seconds());
    }

    /** The first member founds the namespace; the others come all at once. */
    private List<PairPings.Target> join() throws ControlException {
        List<PairPings.Target> targets = new ArrayList<>();
        List<DemoDaemon> others = new ArrayList<>();
        for (DemoPlan.Host host : plan.members()) {
            DemoDaemon daemon = DemoDaemon.startMember(network, plan, host, mainClass);
            if (targets.isEmpty()) {
                targets.add(awaitMember(daemon));
            } else {
                others.add(daemon);
            }
        }
        for (DemoDaemon daemon : others) {
            targets.add(awaitMember(daemon));
        }
        return targets;
    }

    private PairPings.Target awaitMember(DemoDaemon daemon) throws ControlException {
        NamespaceStatus status = daemon.awaitMember();
        tell(daemon.host().name() + " is a member: " + String.join(" and ", status.virtualIps()));
        return new PairPings.Target(daemon, status);
    }

    /** Null, and the reason told, when it cannot be measured: the pings that follow are worth seeing still. */
    private DemoReport.@Nullable Tcp tcp(PairPings.Target from, PairPings.Target to) {
        TcpFigures figures = new TcpFigures(network);
        DemoPlan.Host sender = from.daemon().host();
        DemoPlan.Host receiver = to.daemon().host();
        try {
            double bare = figures.measure(sender, receiver, receiver.address());
            double vpn = figures.measure(sender, receiver, to.addresses().get(0));
            return new DemoReport.Tcp(rounded(vpn), rounded(bare));
        } catch (ControlException failure) {
            tell(String.valueOf(failure.getMessage()));
            return null;
        }
    }

    private static DemoReport.Member member(PairPings.Target target) {
        return new DemoReport.Member(
                target.name(), target.status().virtualIp(), target.status().overlayId());
    }

    private double seconds() {
        return rounded((System.nanoTime() - startNanos) / NANOS_PER_SECOND);
    }

    private static double rounded(double value) {
        return Math.round(value * 10) / 10.0;
    }

    private void tell(String step) {
        err.println(String.format(Locale.ROOT, "%5.1f s  %s", seconds(), step));
    }
}
