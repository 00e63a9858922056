package io.p2pvpn.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a daemon forwards between other nodes that cannot reach each other. */
final class RelayOptions {
    private static final int MEGABITS_MAX = 1_000_000;

    @Option(names = "--no-relay", description = "forward nothing for other nodes that cannot reach each other")
    private boolean declined;

    @Option(
            names = "--relay-limit",
            paramLabel = "MBIT",
            description = "forward at most so many Mbit/s for others, half of it for one node (default: 200)")
    private @Nullable Integer megabits;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** True if something else than the default is asked for. */
    boolean isGiven() {
        return declined || megabits != null;
    }

    /** Mbit/s, 0 to forward nothing, or null for the default; checked. */
    @Nullable
    Integer megabits() {
        if (megabits != null && declined) {
            throw new ParameterException(spec.commandLine(), "--no-relay and --relay-limit exclude each other");
        }
        if (megabits != null && (megabits < 1 || megabits > MEGABITS_MAX)) {
            throw new ParameterException(
                    spec.commandLine(), "--relay-limit must be from 1 to " + MEGABITS_MAX + " Mbit/s");
        }
        return declined ? Integer.valueOf(0) : megabits;
    }
}
