package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Stops the daemon; it stays a member and keeps its address. */
@Command(
        name = "down",
        description = {"Stop the daemon.", "Its membership and address stay its own for the next start."},
        footer = {"  sudo p2pvpn down", "  p2pvpn down --socket /tmp/a/p2pvpn.sock"})
final class DownCommand implements Callable<Integer> {
    @Mixin
    private final SocketOption socket;

    DownCommand(Environment environment) {
        this.socket = new SocketOption(environment);
    }

    @Override
    public Integer call() throws ControlException {
        socket.client().down();
        DaemonEnd.await(socket.client(), socket.path());
        return 0;
    }
}
