package io.p2pvpn.vpn.node;

import io.p2pvpn.nat.portmap.PortMapping;
import io.p2pvpn.nat.punch.PunchBudget;
import io.p2pvpn.overlay.host.HostException;
import io.p2pvpn.overlay.host.InterfaceRules;
import io.p2pvpn.overlay.host.ListenAddress;
import io.p2pvpn.overlay.host.Passphrase;
import io.p2pvpn.overlay.host.StreamOptions;
import io.p2pvpn.overlay.node.BootstrapTarget;
import io.p2pvpn.overlay.relay.RelayLimits;
import io.p2pvpn.overlay.runtime.DataQueue;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.JoinRequest;
import io.p2pvpn.vpn.control.LogControl;
import io.p2pvpn.vpn.node.names.NameMode;
import io.p2pvpn.vpn.option.BootstrapAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gathers what a {@link VpnNode} is made of. Not thread-safe. */
public final class VpnNodeBuilder {
    private static final int QUEUES_DEFAULT_MIN = 2;
    private static final int QUEUES_DEFAULT_MAX = 8;

    private final List<String> listen = new ArrayList<>();
    private final List<BootstrapAddress> bootstraps = new ArrayList<>();
    private @Nullable Path stateDirectory;
    private @Nullable Passphrase passphrase;
    private @Nullable Path controlSocket;
    private @Nullable String namespace;
    private @Nullable String hostName;
    private @Nullable JoinRequest request;
    private boolean open;
    private boolean device = true;
    private StreamOptions streams = StreamOptions.DEFAULT;
    private RelayLimits relayLimits = RelayLimits.DEFAULT;
    private boolean lanDiscovery = true;
    private InterfaceRules interfaces = InterfaceRules.NONE;
    private PunchBudget punchBudget = PunchBudget.DEFAULT;
    private PortMapping portMapping = PortMapping.AUTO;
    private NameMode names = NameMode.AUTO;
    private LogControl log = level -> null;
    private @Nullable Integer queues;
    private VpnNodeListener listener = new VpnNodeListener() {};

    VpnNodeBuilder() {}

    /** Where to listen, as {@code [udp:|tcp:|tls:][ADDR:]PORT}; may be repeated. Any free port if never said. */
    public VpnNodeBuilder listen(String address) {
        listen.add(address);
        return this;
    }

    /**
     * Nodes that know the way in, as {@code [udp://|tcp://|tls://][ID@]HOST:PORT}, separated by commas; may be
     * repeated.
     *
     * @throws IllegalArgumentException when the text is not of that form
     */
    public VpnNodeBuilder bootstrap(String addresses) {
        bootstraps.addAll(BootstrapAddress.parseList(addresses));
        return this;
    }

    /** The namespace to join, as {@code NAME} or {@code NAME@HASH}; none for a node of the public ring only. */
    public VpnNodeBuilder namespace(String name) {
        namespace = name;
        return this;
    }

    /** Found the namespace as open if nobody holds its name, and enter no other kind. */
    public VpnNodeBuilder open() {
        open = true;
        return this;
    }

    /** Our name inside the namespace; that of the host if never said. */
    public VpnNodeBuilder hostName(String name) {
        hostName = name;
        return this;
    }

    /** Every detail of the join at once, instead of {@link #namespace}, {@link #open} and {@link #hostName}. */
    public VpnNodeBuilder join(JoinRequest details) {
        request = details;
        return this;
    }

    /** Where identity, certificates and leases are kept. Required. */
    public VpnNodeBuilder stateDirectory(Path directory) {
        stateDirectory = directory;
        return this;
    }

    /**
     * Seals what is secret in the state directory under a passphrase, which every later start needs too; files that are
     * plain yet are sealed at the start. Plain files if never said.
     */
    public VpnNodeBuilder passphrase(Passphrase secret) {
        passphrase = secret;
        return this;
    }

    /** Serves the control API there. */
    public VpnNodeBuilder controlSocket(Path socket) {
        controlSocket = socket;
        return this;
    }

    /** No network device, and so no privileges: the application talks to the overlay itself. */
    public VpnNodeBuilder withoutDevice() {
        device = false;
        return this;
    }

    /** Forwards nothing between other nodes that cannot reach each other. */
    public VpnNodeBuilder withoutRelaying() {
        relayLimits = RelayLimits.DECLINED;
        return this;
    }

    /**
     * Forwards at most that much between other nodes, in Mbit/s, half of it on behalf of one node.
     *
     * @throws IllegalArgumentException when it is not between 1 and 1,000,000
     */
    public VpnNodeBuilder relayLimit(int megabits) {
        relayLimits = RelayLimits.ofMegabits(megabits);
        return this;
    }

    /** What each network interface may be used for; everything if never said. */
    public VpnNodeBuilder interfaces(InterfaceRules rules) {
        interfaces = rules;
        return this;
    }

    /** Neither looks for nodes on the host's own links nor answers those that do. */
    public VpnNodeBuilder withoutLanDiscovery() {
        lanDiscovery = false;
        return this;
    }

    /**
     * Sends at most that many packets a second to look for unknown ports of peers behind NAT boxes; 0 for none.
     *
     * @throws IllegalArgumentException when it is not between 0 and 300
     */
    public VpnNodeBuilder punchRate(int packetsPerSecond) {
        punchBudget = PunchBudget.DEFAULT.withPacketsPerSecond(packetsPerSecond);
        return this;
    }

    /** How the home router is asked for ports; in every way that there is if never said. */
    public VpnNodeBuilder portMapping(PortMapping mode) {
        portMapping = mode;
        return this;
    }

    /** How programs of this host look members' names up; by the first way that works if never said. */
    public VpnNodeBuilder names(NameMode mode) {
        names = mode;
        return this;
    }

    /** What the control API sets log levels with; it cannot if never said. */
    public VpnNodeBuilder log(LogControl control) {
        log = control;
        return this;
    }

    /**
     * How many queues, each with a thread, move packets. If never said, half as many as processors, but 8 at most and
     * no fewer than 2; 1 where there is one processor or the node is started without a namespace.
     *
     * @throws IllegalArgumentException when it is not between 1 and 16
     */
    public VpnNodeBuilder queues(int number) {
        if (number < 1 || number > DataQueue.QUEUES_MAX) {
            throw new IllegalArgumentException(number + " queues");
        }
        queues = number;
        return this;
    }

    /** The programs that talk need processors too, but even where two have it all, two queues are quicker than one. */
    private static int defaultQueues(boolean movesPackets) {
        int processors = Runtime.getRuntime().availableProcessors();
        int wanted = Math.max(QUEUES_DEFAULT_MIN, Math.min(processors / 2, QUEUES_DEFAULT_MAX));
        return movesPackets ? Math.min(wanted, processors) : 1;
    }

    /** How TCP and TLS streams are opened and taken: certificate, proxy. */
    public VpnNodeBuilder streams(StreamOptions options) {
        streams = options;
        return this;
    }

    /** Who hears what happens. */
    public VpnNodeBuilder listener(VpnNodeListener hearer) {
        listener = hearer;
        return this;
    }

    InterfaceRules interfaceRules() {
        return interfaces;
    }

    List<BootstrapTarget> bootstrapTargets() {
        return JoinRequests.targets(bootstraps);
    }

    RelayLimits relayLimits() {
        return relayLimits;
    }

    /**
     * The node, not started.
     *
     * @throws ControlException when something cannot be right
     */
    public VpnNode build() throws ControlException {
        Path state = stateDirectory;
        if (state == null) {
            throw new ControlException(ControlException.Kind.WRONG_USAGE, "a node needs a state directory");
        }
        List<ListenAddress> addresses = new ArrayList<>();
        for (String text : listen) {
            try {
                addresses.add(ListenAddress.parse(text));
            } catch (HostException e) {
                throw new ControlException(ControlException.Kind.WRONG_USAGE, String.valueOf(e.getMessage()), e);
            }
        }
        JoinRequest join = request != null || namespace == null ? request : details(namespace);
        return new VpnNode(
                new VpnNodeOptions(
                        List.copyOf(addresses),
                        streams,
                        bootstrapTargets(),
                        state,
                        passphrase,
                        controlSocket,
                        join == null ? null : JoinRequests.options(join),
                        relayLimits,
                        lanDiscovery,
                        interfaces,
                        punchBudget,
                        portMapping,
                        names,
                        log,
                        queues == null ? defaultQueues(join != null) : queues),
                listener);
    }

    private JoinRequest details(String name) {
        return new JoinRequest(name, List.of(), open, null, hostName, null, null, null, device, 0, true, false);
    }
}
