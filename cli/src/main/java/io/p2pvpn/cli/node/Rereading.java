package io.p2pvpn.cli.node;

import io.p2pvpn.vpn.control.ControlException;

/** Reads again what a daemon was started with. */
@FunctionalInterface
public interface Rereading {
    /**
     * The options as they are now.
     *
     * @throws ControlException if they are wrong; its message says what and where
     */
    NodeOptions read() throws ControlException;
}
