package io.p2pvpn.cli;

import io.p2pvpn.nat.portmap.PortMapping;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a daemon asks the home router for ports. */
final class PortMappingOption {
    @Option(names = "--no-port-mapping", description = "do not ask the home router for a port")
    private boolean off;

    @Option(
            names = "--port-mapping",
            paramLabel = "auto|pcp|nat-pmp|upnp|off",
            description = "how to ask the home router for a port that leads here (default: auto, each in turn)")
    private @Nullable String word;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** True if something else than the default is asked for. */
    boolean isGiven() {
        return off || word != null;
    }

    /** What is asked for; checked. */
    PortMapping mode() {
        if (word == null) {
            return off ? PortMapping.OFF : PortMapping.AUTO;
        }
        PortMapping mode = PortMapping.ofWord(word);
        if (mode == null) {
            throw new ParameterException(
                    spec.commandLine(), "--port-mapping must be auto, pcp, nat-pmp, upnp or off: " + word);
        }
        if (off && mode != PortMapping.OFF) {
            throw new ParameterException(spec.commandLine(), "--no-port-mapping and --port-mapping exclude each other");
        }
        return mode;
    }
}
