package io.p2pvpn.cli;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/** Writes the manual pages' sources, made of what the commands say of themselves; the build makes pages of them. */
final class ManPages {
    private ManPages() {}

    /**
     * Writes one AsciiDoc file for each command.
     *
     * @param arguments the directory
     */
    public static void main(String[] arguments) throws IOException {
        write(new File(arguments[0]));
    }

    static void write(File directory) throws IOException {
        PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream());
        Environment environment = new Environment(
                Map.of(), true, nowhere, nowhere, () -> (options, listener) -> null, ManPages.class.getName());
        CommandLine root = Main.commandLine(environment);
        CommandSpec[] all =
                withSubcommands(root).map(CommandLine::getCommandSpec).toArray(CommandSpec[]::new);
        int code = ManPageGenerator.generateManPage(directory, null, new boolean[0], true, all);
        if (code != 0) {
            throw new IOException("the pages cannot be written: " + code);
        }
    }

    private static Stream<CommandLine> withSubcommands(CommandLine command) {
        return Stream.concat(
                Stream.of(command), command.getSubcommands().values().stream().flatMap(ManPages::withSubcommands));
    }
}
