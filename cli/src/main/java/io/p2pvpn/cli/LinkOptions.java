package io.p2pvpn.cli;

import io.p2pvpn.overlay.host.InterfaceRules;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** How a daemon uses the links that its host is attached to. */
final class LinkOptions {
    @Option(
            names = "--no-lan-discovery",
            description = "neither look for nodes on this host's own links by multicast nor answer those that do")
    private boolean noLanDiscovery;

    @Option(
            names = "--interface",
            paramLabel = "NAME=on|backup|metered|off",
            description = "what a network interface may be used for: everything (the default), what no other carries,"
                    + " the same as sparingly as can be, nothing; * in NAME stands for any characters; may be given"
                    + " several times, the first that matches counts")
    private List<InterfaceRules.Rule> interfaces = new ArrayList<>();

    InterfaceRules interfaces() {
        return new InterfaceRules(interfaces);
    }

    boolean lanDiscovery() {
        return !noLanDiscovery;
    }

    /** True if something else than the default is asked for. */
    boolean isGiven() {
        return noLanDiscovery || !interfaces.isEmpty();
    }
}
