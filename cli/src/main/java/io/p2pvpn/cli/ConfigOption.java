package io.p2pvpn.cli;

import io.p2pvpn.cli.node.Rereading;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --config} of a command that runs a daemon; {@link ConfigFile} reads it before the command line is parsed. */
final class ConfigOption {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "take what the command line does not say from this TOML file, whose keys are these options"
                    + " without the dashes; SIGHUP has it read again")
    private @Nullable Path file;

    /** How the file is read again; null without one. */
    @Nullable
    Rereading rereading(Environment environment) {
        return file == null ? null : () -> Main.reread(environment);
    }
}
