package io.p2pvpn.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Under what a daemon seals its state directory. */
final class PassphraseOption {
    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description = "seal the secret keys in the state directory under the passphrase on the first line of this"
                    + " file (- for standard input); every later start needs it too, and without it they are lost")
    private @Nullable Path file;

    /** True if a passphrase is named. */
    boolean isGiven() {
        return file != null;
    }

    /** Where it stands; {@code -} for standard input, null without one. */
    @Nullable
    Path file() {
        return file;
    }
}
