package io.p2pvpn.cli;

import io.p2pvpn.cli.node.NodeOptions;

/** A command that runs a daemon. */
interface DaemonCommand {
    /**
     * What the command line asks for, checked.
     *
     * @throws picocli.CommandLine.ParameterException if it cannot be
     */
    NodeOptions options();
}
