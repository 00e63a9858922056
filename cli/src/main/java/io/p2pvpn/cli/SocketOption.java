package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlClient;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --socket} of a command that talks to a daemon. */
final class SocketOption {
    @Option(
            names = "--socket",
            paramLabel = "FILE",
            description = "control socket of the daemon that is meant (default: P2PVPN_SOCKET, else the host's)")
    private @Nullable Path socket;

    private final Environment environment;

    SocketOption(Environment environment) {
        this.environment = environment;
    }

    ControlClient client() {
        return new ControlClient(path());
    }

    Path path() {
        return socket == null ? environment.defaultDaemon() : socket;
    }
}
