package io.p2pvpn.cli;

import picocli.CommandLine.Option;

/** How a daemon uses the links that its host is attached to. */
final class LinkOptions {
    @Option(
            names = "--no-lan-discovery",
            description = "neither look for nodes on this host's own links by multicast nor answer those that do")
    private boolean noLanDiscovery;

    boolean lanDiscovery() {
        return !noLanDiscovery;
    }

    /** True if something else than the default is asked for. */
    boolean isGiven() {
        return noLanDiscovery;
    }
}
