package io.p2pvpn.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --history}: where crawls are kept. */
final class HistoryOption {
    private static final String DIRECTORY = "crawls";

    @Option(
            names = "--history",
            paramLabel = "DIRECTORY",
            description = "where the history of crawls is (default: crawls in the state directory of this user)")
    private @Nullable Path directory;

    private final Environment environment;

    HistoryOption(Environment environment) {
        this.environment = environment;
    }

    boolean isGiven() {
        return directory != null;
    }

    Path path() {
        return directory == null ? environment.defaultState().resolve(DIRECTORY) : directory;
    }
}
