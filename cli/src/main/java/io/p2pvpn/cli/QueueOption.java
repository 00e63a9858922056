package io.p2pvpn.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How many queues of a daemon move packets. */
final class QueueOption {
    private static final int QUEUES_MAX = 16;

    @Option(
            names = "--queues",
            paramLabel = "N",
            description = "move packets with so many threads, 1 to 16 (default: half as many as processors, at"
                    + " least 2 and 8 at most; 1 on a single one)")
    private @Nullable Integer queues;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** True if something else than the default is asked for. */
    boolean isGiven() {
        return queues != null;
    }

    /** How many, or null for the default; checked. */
    @Nullable
    Integer number() {
        if (queues != null && (queues < 1 || queues > QUEUES_MAX)) {
            throw new ParameterException(spec.commandLine(), "--queues must be from 1 to " + QUEUES_MAX);
        }
        return queues;
    }
}
