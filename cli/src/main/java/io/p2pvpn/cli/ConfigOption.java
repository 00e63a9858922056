package io.p2pvpn.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --config} of a command that runs a daemon; {@link ConfigFile} reads it before the command line is parsed. */
final class ConfigOption {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "take what the command line does not say from this TOML file, whose keys are these options"
                    + " without the dashes")
    @SuppressWarnings("UnusedVariable") // only told of in the help
    private @Nullable Path file;
}
