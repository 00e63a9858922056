package io.p2pvpn.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a daemon may spend on finding ways through NAT boxes. */
final class PunchOptions {
    private static final int PACKETS_MAX = 300;

    @Option(
            names = "--punch-rate",
            paramLabel = "PACKETS",
            description = "try unknown ports of peers behind NAT boxes with at most so many packets a second, 0 to 300"
                    + " (default: 300; 0 turns it off)")
    private @Nullable Integer packets;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** True if something else than the default is asked for. */
    boolean isGiven() {
        return packets != null;
    }

    /** Packets a second, or null for the default; checked. */
    @Nullable
    Integer packetsPerSecond() {
        if (packets != null && (packets < 0 || packets > PACKETS_MAX)) {
            throw new ParameterException(spec.commandLine(), "--punch-rate must be from 0 to " + PACKETS_MAX);
        }
        return packets;
    }
}
