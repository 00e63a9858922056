package io.p2pvpn.cli;

import io.p2pvpn.cli.node.ForegroundNode;
import io.p2pvpn.cli.node.NodeOptions;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.node.names.NameMode;
import io.p2pvpn.vpn.option.BootstrapAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a rendezvous node. */
@Command(
        name = "bootstrap",
        description = {
            "Run a rendezvous node; needs no root.",
            "Others find each other through it. Any member can serve as one; this one does nothing else."
        },
        footer = {
            "  p2pvpn bootstrap --listen 4001",
            "  p2pvpn bootstrap --listen 4001 --listen tls:443 --bootstrap 203.0.113.5:4001"
        })
final class BootstrapCommand implements Callable<Integer>, DaemonCommand {
    @Option(
            names = "--bootstrap",
            split = ",",
            paramLabel = "[ID@]HOST:PORT",
            description = "other nodes of the public ring, comma-separated; none for the first one")
    private List<BootstrapAddress> bootstraps = new ArrayList<>();

    @Option(names = "--state", paramLabel = "DIR", description = "where identity and known peers are kept")
    private @Nullable Path state;

    @Option(names = "--socket", paramLabel = "FILE", description = "control socket to make")
    private @Nullable Path socket;

    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Mixin
    private final PassphraseOption passphrase = new PassphraseOption();

    @Mixin
    private final UnderlayOptions underlay = new UnderlayOptions();

    @Mixin
    private final RelayOptions relay = new RelayOptions();

    @Mixin
    private final LinkOptions links = new LinkOptions();

    @Mixin
    private final PunchOptions punch = new PunchOptions();

    @Mixin
    private final PortMappingOption portMapping = new PortMappingOption();

    private final Environment environment;

    BootstrapCommand(Environment environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws ControlException {
        return new ForegroundNode(environment.err(), environment.variables())
                .run(environment.launcher().get(), options(), config.rereading(environment));
    }

    @Override
    public NodeOptions options() {
        return new NodeOptions(
                underlay.listen(),
                underlay.streams(),
                List.copyOf(bootstraps),
                state == null ? environment.defaultState() : state,
                passphrase.file(),
                socket == null ? environment.defaultSocket() : socket,
                relay.megabits(),
                links.lanDiscovery(),
                links.interfaces(),
                punch.packetsPerSecond(),
                portMapping.mode(),
                NameMode.OFF,
                null,
                null);
    }
}
