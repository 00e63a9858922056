package io.p2pvpn.cli.node;

import io.p2pvpn.vpn.control.ControlException;

/** Makes a running node of options. */
public interface NodeLauncher {
    /**
     * Opens state, sockets and the control socket, and starts to join; returns as soon as these are open.
     *
     * @param listener told of what a person wants to know, on the node's loop
     * @throws ControlException with the exit code's kind and one line, nothing half-made left behind
     */
    RunningNode start(NodeOptions options, NodeListener listener) throws ControlException;
}
