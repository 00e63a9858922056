package io.p2pvpn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class ManPagesTest {
    @TempDir
    private Path directory;

    @Test
    void everyCommand_hasAPageWithItsOptionsAndExamples() throws Exception {
        ManPages.write(directory.toFile());
        CommandLine root = Main.commandLine(
                new Environment(Map.of(), true, System.out, System.err, () -> (options, listener) -> null, "none"));
        assertThat(Files.readString(directory.resolve("p2pvpn.adoc")))
                .contains("== Name")
                .contains(root.getSubcommands().keySet().stream()
                        .map(name -> "p2pvpn-" + name)
                        .toArray(String[]::new));
        for (Map.Entry<String, CommandLine> command : root.getSubcommands().entrySet()) {
            String page = Files.readString(directory.resolve("p2pvpn-" + command.getKey() + ".adoc"));
            assertThat(page)
                    .contains("== Name", "== Synopsis", "== Description", "Examples", "p2pvpn " + command.getKey());
            for (OptionSpec option : command.getValue().getCommandSpec().options()) {
                assertThat(page).contains("*" + option.longestName() + "*");
            }
        }
        assertThat(directory.resolve("p2pvpn-crawl-history.adoc"))
                .content()
                .contains("*--window*", "p2pvpn crawl history --since");
    }
}
