package io.p2pvpn.cli;

import io.p2pvpn.cli.node.DetachedStart;
import io.p2pvpn.cli.node.ForegroundNode;
import io.p2pvpn.cli.node.MembershipWait;
import io.p2pvpn.cli.node.NodeOptions;
import io.p2pvpn.vpn.control.ControlClient;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.HostUser;
import io.p2pvpn.vpn.control.JoinRequest;
import io.p2pvpn.vpn.option.BootstrapAddress;
import io.p2pvpn.vpn.option.IpAddress;
import io.p2pvpn.vpn.option.IpPrefix;
import io.p2pvpn.vpn.option.Names;
import io.p2pvpn.vpn.option.NamespaceName;
import io.p2pvpn.vpn.trust.InviteToken;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Joins a namespace: runs the node, or tells the daemon that runs already. */
@Command(
        name = "join",
        description = {
            "Join a namespace and run the node.",
            "It runs until it is stopped (Ctrl-C, SIGTERM, p2pvpn down). If a daemon already runs on the control"
                    + " socket, that one joins the namespace too."
        },
        footer = {
            "  sudo p2pvpn join --bootstrap 203.0.113.5:4001 --namespace lab --open",
            "  sudo p2pvpn join --invite p2pi1-...",
            "  sudo p2pvpn join --bootstrap 203.0.113.5:4001,198.51.100.9:4001 --namespace lab --name db1 --detach",
            "  sudo p2pvpn join --bootstrap 203.0.113.5:4001 --namespace lab --passphrase-file /root/p2pvpn.passphrase",
            "  p2pvpn join --bootstrap 203.0.113.5:4001 --namespace lab --no-tun --state /tmp/a --socket /tmp/a/s"
        })
final class JoinCommand implements Callable<Integer>, DaemonCommand {
    /** The least MTU that IPv6 allows. */
    private static final int MTU_BYTES_MIN = 1280;

    private static final int MTU_BYTES_MAX = 9000;
    private static final String DETACH = "--detach";

    /** A switch. */
    enum Switch {
        ON,
        OFF
    }

    @Option(
            names = "--bootstrap",
            split = ",",
            paramLabel = "[ID@]HOST:PORT",
            description = "nodes to enter by, comma-separated; any member serves; udp://, tcp:// or tls:// before"
                    + " one allows only that")
    private List<BootstrapAddress> bootstraps = new ArrayList<>();

    @Option(
            names = "--namespace",
            paramLabel = "NAME[@HASH]",
            description = "the private network to join; its hash makes sure it is the one that is meant (an invite"
                    + " says it too)")
    private @Nullable NamespaceName namespace;

    @Option(
            names = "--open",
            description = "found it open to all if it does not exist; refuse to enter one that is not")
    private boolean open;

    @Option(
            names = "--invite",
            paramLabel = "TOKEN",
            description = "what an administrator gave you to be let in at once (p2pvpn invite)")
    private @Nullable String invite;

    @Option(names = "--name", paramLabel = "HOSTNAME", description = "this host's name inside (default: its own)")
    private @Nullable String name;

    @Option(names = "--ip", paramLabel = "ADDRESS", description = "ask for this virtual IP (default: a free one)")
    private @Nullable IpAddress ip;

    @Option(names = "--cidr", paramLabel = "PREFIX", description = "address range of a namespace that is founded")
    private @Nullable IpPrefix cidr;

    @Option(names = "--device", paramLabel = "NAME", description = "name of the device (default: p2p0, p2p1, ...)")
    private @Nullable String device;

    @Option(
            names = "--tap",
            description = "make an Ethernet device (TAP), for virtual machines or for a bridge: machines behind it get"
                    + " addresses of their own by DHCP")
    private boolean tap;

    @Option(names = "--no-tun", description = "make no network device; needs no root")
    private boolean noTun;

    @Option(
            names = "--mtu",
            paramLabel = "BYTES",
            description = "MTU of the device (default: what the largest interface carries, 1414 on Ethernet)")
    private int mtuBytes;

    @Option(
            names = "--offload",
            paramLabel = "on|off",
            description = "segmentation offloads of the device (default: on)")
    private Switch offload = Switch.ON;

    @Option(names = "--state", paramLabel = "DIR", description = "where identity, certificates and leases are kept")
    private @Nullable Path state;

    @Option(names = "--socket", paramLabel = "FILE", description = "control socket to make, or of the running daemon")
    private @Nullable Path socket;

    @Option(names = DETACH, description = "run in the background; return once it is a member")
    private boolean detach;

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

    @Mixin
    private final DnsOption dns = new DnsOption();

    @Mixin
    private final QueueOption queue = new QueueOption();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private final Environment environment;

    JoinCommand(Environment environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws ControlException {
        checkInvite();
        JoinRequest request = request();
        NodeOptions options = options(request);
        Path statePath = options.stateDirectory();
        ControlClient client = new ControlClient(options.socket());
        MembershipWait wait = new MembershipWait(client, namespace().name(), environment.err());
        if (client.isAlive()) {
            if (relay.isGiven() || links.isGiven()) {
                environment
                        .err()
                        .println("a daemon runs already: what it relays and which networks it uses is set"
                                + " when it is started");
            }
            if (punch.isGiven()) {
                environment.err().println("a daemon runs already: its --punch-rate is set when it is started");
            }
            if (queue.isGiven()) {
                environment.err().println("a daemon runs already: its --queues are set when it is started");
            }
            if (dns.isGiven()) {
                environment.err().println("a daemon runs already: its --dns is set when it is started");
            }
            if (portMapping.isGiven()) {
                environment.err().println("a daemon runs already: how it maps ports is set when it is started");
            }
            if (passphrase.isGiven()) {
                environment.err().println("a daemon runs already: its --passphrase-file is read when it is started");
            }
            client.join(request);
            return wait.await(() -> ended(client));
        }
        if (request.bootstraps().isEmpty() && !links.lanDiscovery() && !Files.isDirectory(statePath)) {
            throw wrong("a first join without LAN discovery needs --bootstrap HOST:PORT: the address of any node of the"
                    + " network");
        }
        if (!noTun && !HostUser.mayConfigureNetwork()) {
            throw new ControlException(
                    Kind.NOT_PERMITTED,
                    "making a network device needs root or CAP_NET_ADMIN: use sudo, or --no-tun to do without");
        }
        if (detach) {
            return new DetachedStart(environment.mainClass(), options, environment.err()).run(childArguments(), wait);
        }
        return new ForegroundNode(environment.err(), environment.variables())
                .run(environment.launcher().get(), options, config.rereading(environment));
    }

    @Override
    public NodeOptions options() {
        return options(request());
    }

    private NodeOptions options(JoinRequest request) {
        return new NodeOptions(
                underlay.listen(),
                underlay.streams(),
                bootstraps(),
                state == null ? environment.defaultState() : state,
                passphrase.file(),
                socket == null ? environment.defaultSocket() : socket,
                relay.megabits(),
                links.lanDiscovery(),
                links.interfaces(),
                punch.packetsPerSecond(),
                portMapping.mode(),
                dns.mode(),
                queue.number(),
                request);
    }

    /** The namespace that is named, or that the invite is to, pinned. */
    private NamespaceName namespace() {
        InviteToken token = invite == null ? null : InviteToken.parse(invite);
        if (token != null) {
            return NamespaceName.parse(token.name() + "@" + token.namespaceId());
        }
        if (namespace == null) {
            throw wrong("Missing required option: '--namespace=NAME[@HASH]'");
        }
        return namespace;
    }

    private List<BootstrapAddress> bootstraps() {
        List<BootstrapAddress> all = new ArrayList<>(bootstraps);
        InviteToken token = invite == null ? null : InviteToken.parse(invite);
        if (token != null) {
            token.bootstraps().forEach(each -> all.add(BootstrapAddress.parse(each)));
        }
        return List.copyOf(all);
    }

    /** What can be said of an invite before anything is started or written. */
    private void checkInvite() throws ControlException {
        if (invite == null) {
            return;
        }
        InviteToken token = InviteToken.parse(invite);
        if (token == null) {
            throw new ControlException(
                    Kind.NOT_PERMITTED,
                    "that is no invite, or it was altered or cut short: copy all of it, or ask for a new one");
        }
        boolean another = namespace != null
                && (!token.name().equalsIgnoreCase(namespace.name())
                        || (namespace.hash() != null
                                && !token.namespaceId().toString().equals(namespace.hash())));
        if (another) {
            throw new ControlException(
                    Kind.NOT_PERMITTED,
                    "the invite is to " + token.name() + "@" + token.namespaceId() + ", not to " + namespace
                            + ": ask for another");
        }
        if (token.expiresEpochMillis() < System.currentTimeMillis()) {
            throw new ControlException(Kind.NOT_PERMITTED, "the invite has expired: ask for a new one");
        }
        if (open) {
            throw wrong("--open and --invite exclude each other");
        }
    }

    private @Nullable Integer ended(ControlClient client) {
        if (client.isAlive()) {
            return null;
        }
        environment.err().println("the daemon has ended: see its log");
        return Kind.NO_DAEMON.exitCode();
    }

    private JoinRequest request() {
        check("--name", name, Names::checkHostname);
        check("--device", device, Names::checkDevice);
        if (mtuBytes != 0 && (mtuBytes < MTU_BYTES_MIN || mtuBytes > MTU_BYTES_MAX)) {
            throw wrong("--mtu must be from " + MTU_BYTES_MIN + " to " + MTU_BYTES_MAX + " bytes");
        }
        if (cidr != null && !cidr.network().isV4()) {
            throw wrong("--cidr takes an IPv4 prefix, for example 10.128.0.0/16; the IPv6 range is made of the name");
        }
        if (ip != null && !ip.isV4()) {
            throw wrong("--ip takes an IPv4 address; the IPv6 address follows from the node's identity");
        }
        if (cidr != null && ip != null && !cidr.contains(ip)) {
            throw wrong("--ip " + ip + " is not inside --cidr " + cidr);
        }
        if (noTun && device != null) {
            throw wrong("--no-tun and --device exclude each other");
        }
        if (noTun && tap) {
            throw wrong("--no-tun and --tap exclude each other");
        }
        return new JoinRequest(
                namespace().toString(),
                bootstraps().stream().map(BootstrapAddress::toString).toList(),
                open,
                invite,
                name,
                ip == null ? null : ip.text(),
                cidr == null ? null : cidr.toString(),
                device,
                !noTun,
                mtuBytes,
                offload == Switch.ON,
                tap);
    }

    /** The same command line without {@code --detach}. */
    private List<String> childArguments() {
        // Not those of the configuration file: who may list processes is to see no more than was typed.
        List<String> arguments = new ArrayList<>(environment.arguments());
        arguments.removeIf(DETACH::equals);
        return arguments;
    }

    private void check(String option, @Nullable String text, UnaryOperator<String> checker) {
        if (text != null) {
            try {
                var unused = checker.apply(text);
            } catch (IllegalArgumentException wrong) {
                throw wrong("Invalid value for option '" + option + "': " + wrong.getMessage());
            }
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
