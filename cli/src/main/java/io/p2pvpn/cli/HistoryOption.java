package io.p2pvpn.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --history}: where crawls are kept. */
final class HistoryOption {
    /** Beside the state directory, since that may belong to another user, and is the daemon's alone. */
    private static final String DIRECTORY = "p2pvpn-crawls";

    @Option(
            names = "--history",
            paramLabel = "DIRECTORY",
            description = "where the history of crawls is (default: as root /var/lib/p2pvpn-crawls,"
                    + " else ~/.local/state/p2pvpn-crawls)")
    private @Nullable Path directory;

    private final Environment environment;

    HistoryOption(Environment environment) {
        this.environment = environment;
    }

    boolean isGiven() {
        return directory != null;
    }

    Path path() {
        return directory == null ? environment.defaultState().resolveSibling(DIRECTORY) : directory;
    }
}
