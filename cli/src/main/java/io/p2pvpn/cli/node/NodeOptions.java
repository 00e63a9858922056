package io.p2pvpn.cli.node;

import io.p2pvpn.nat.portmap.PortMapping;
import io.p2pvpn.overlay.host.InterfaceRules;
import io.p2pvpn.overlay.host.StreamOptions;
import io.p2pvpn.vpn.control.JoinRequest;
import io.p2pvpn.vpn.node.names.NameMode;
import io.p2pvpn.vpn.option.BootstrapAddress;
import io.p2pvpn.vpn.option.ListenAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a daemon is started with, checked.
 *
 * @param listen where to listen; empty for the launcher's default
 * @param streams how TCP and TLS streams are opened and taken
 * @param bootstraps where to enter the public ring; empty for a first bootstrap node
 * @param stateDirectory identity, certificates, leases, known peers; made when missing
 * @param passphraseFile its first line is the passphrase that the state is sealed under; {@code -} for standard input,
 *     null for plain files
 * @param socket of the control API
 * @param relayMegabits Mbit/s to forward for others at most; 0 to forward nothing, null for the default
 * @param lanDiscovery whether to look for nodes on the host's own links
 * @param interfaces what each network interface may be used for
 * @param punchPacketsPerSecond to try unknown ports of peers with at most; 0 for none, null for the default
 * @param portMapping how the home router is asked for ports
 * @param names how programs of this host look members' names up
 * @param queues that move packets; null for the default
 * @param join the namespace to join; null for a node of the public ring only (a bootstrap)
 */
public record NodeOptions(
        List<ListenAddress> listen,
        StreamOptions streams,
        List<BootstrapAddress> bootstraps,
        Path stateDirectory,
        @Nullable Path passphraseFile,
        Path socket,
        @Nullable Integer relayMegabits,
        boolean lanDiscovery,
        InterfaceRules interfaces,
        @Nullable Integer punchPacketsPerSecond,
        PortMapping portMapping,
        NameMode names,
        @Nullable Integer queues,
        @Nullable JoinRequest join) {
    /** The options that differ in {@code other} and count when a daemon is started only, by their names. */
    List<String> differences(NodeOptions other) {
        List<String> differing = new ArrayList<>();
        add(differing, "listen", listen, other.listen);
        add(differing, "proxy or tls-certificate", streams, other.streams);
        add(differing, "state", stateDirectory, other.stateDirectory);
        add(differing, "passphrase-file", passphraseFile, other.passphraseFile);
        add(differing, "socket", socket, other.socket);
        add(differing, "no-lan-discovery", lanDiscovery, other.lanDiscovery);
        add(differing, "punch-rate", punchPacketsPerSecond, other.punchPacketsPerSecond);
        add(differing, "port-mapping", portMapping, other.portMapping);
        add(differing, "dns", names, other.names);
        add(differing, "queues", queues, other.queues);
        add(differing, "the namespace's own", withoutBootstraps(join), withoutBootstraps(other.join));
        return differing;
    }

    /** Whether the passphrase is read from standard input. */
    boolean isPassphraseFromInput() {
        return passphraseFile != null && passphraseFile.toString().equals("-");
    }

    private static void add(List<String> names, String name, @Nullable Object one, @Nullable Object other) {
        if (!Objects.equals(one, other)) {
            names.add(name);
        }
    }

    private static @Nullable JoinRequest withoutBootstraps(@Nullable JoinRequest request) {
        return request == null ? null : request.withBootstraps(List.of());
    }
}
