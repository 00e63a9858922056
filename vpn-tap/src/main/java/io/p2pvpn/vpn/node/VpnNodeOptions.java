package io.p2pvpn.vpn.node;

import io.p2pvpn.nat.portmap.PortMapping;
import io.p2pvpn.nat.punch.PunchBudget;
import io.p2pvpn.overlay.host.InterfaceRules;
import io.p2pvpn.overlay.host.ListenAddress;
import io.p2pvpn.overlay.host.Passphrase;
import io.p2pvpn.overlay.host.StreamOptions;
import io.p2pvpn.overlay.node.BootstrapTarget;
import io.p2pvpn.overlay.relay.RelayLimits;
import io.p2pvpn.vpn.control.LogControl;
import io.p2pvpn.vpn.namespace.MembershipOptions;
import io.p2pvpn.vpn.node.names.NameMode;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node is made of.
 *
 * @param listen where it listens; empty for any free port
 * @param streams how TCP and TLS streams are opened and taken
 * @param bootstraps nodes that know the way into the public ring; empty for one that founds it
 * @param stateDirectory made when missing
 * @param passphrase under which its files are sealed; null for plain files
 * @param controlSocket where the control API listens, or null for none
 * @param namespace what to join, or null for the public ring only
 * @param relayLimits what it forwards for others
 * @param lanDiscovery whether it looks for nodes on its own links
 * @param interfaces what each network interface may be used for
 * @param punchBudget what looking for unknown ports of peers may cost
 * @param portMapping how it asks the home router for ports
 * @param names how programs of this host look members' names up
 * @param log what the program around it logs with
 * @param queues of the data plane
 */
record VpnNodeOptions(
        List<ListenAddress> listen,
        StreamOptions streams,
        List<BootstrapTarget> bootstraps,
        Path stateDirectory,
        @Nullable Passphrase passphrase,
        @Nullable Path controlSocket,
        @Nullable MembershipOptions namespace,
        RelayLimits relayLimits,
        boolean lanDiscovery,
        InterfaceRules interfaces,
        PunchBudget punchBudget,
        PortMapping portMapping,
        NameMode names,
        LogControl log,
        int queues) {}
