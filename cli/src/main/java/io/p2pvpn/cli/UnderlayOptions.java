package io.p2pvpn.cli;

import io.p2pvpn.overlay.host.HttpProxy;
import io.p2pvpn.overlay.host.StreamOptions;
import io.p2pvpn.vpn.option.ListenAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a daemon listens, and how it gets out. */
final class UnderlayOptions {
    @Option(
            names = "--listen",
            paramLabel = "[udp:|tcp:|tls:][ADDR:]PORT",
            description = "where to listen, UDP and TCP unless it says which; may be given several times"
                    + " (default: any free port)")
    private List<ListenAddress> listen = new ArrayList<>();

    @Option(
            names = "--proxy",
            paramLabel = "http://[USER:PASSWORD@]HOST:PORT",
            description = "open TCP and TLS streams to public addresses through this HTTP proxy (CONNECT)")
    private @Nullable HttpProxy proxy;

    @Option(
            names = "--tls-certificate",
            paramLabel = "FILE",
            description = "PEM certificate that TLS listeners show (default: a throw-away one)")
    private @Nullable Path certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "PEM key of that certificate")
    private @Nullable Path key;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** Where to listen; empty for any free port. */
    List<ListenAddress> listen() {
        return List.copyOf(listen);
    }

    /** How streams are opened and taken; checked. */
    StreamOptions streams() {
        if ((certificate == null) != (key == null)) {
            throw new ParameterException(
                    spec.commandLine(), "--tls-certificate and --tls-key belong together: name both, or neither");
        }
        return new StreamOptions(certificate, key, proxy);
    }
}
