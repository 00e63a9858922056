package io.p2pvpn.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * The file that {@code --config} names: TOML whose keys are the command's options without their dashes. What the
 * command line gives is not taken from the file.
 */
final class ConfigFile {
    private static final String OPTION = "--config";
    private static final String DASHES = "--";
    private static final Set<String> COMMAND_LINE_ONLY = Set.of("config", "detach", "help", "version");

    private final String name;
    /** Option to line. */
    private final Map<String, Integer> lines = new LinkedHashMap<>();

    private final List<String> arguments = new ArrayList<>();

    private ConfigFile(String name) {
        this.name = name;
    }

    /** A command line with what a file adds to it. */
    record Expanded(List<String> given, @Nullable ConfigFile file) {
        String[] arguments() {
            return given.toArray(new String[0]);
        }

        /** The message of a wrong value, with its place if that is in the file. */
        String place(ParameterException wrong, String message) {
            return file == null ? message : file.place(wrong.getArgSpec(), message);
        }
    }

    /**
     * The command line as it is, or with what the file adds that it names.
     *
     * @throws ParameterException if the file cannot be read, or holds what the command does not know
     */
    static Expanded expand(CommandLine root, String... arguments) {
        int at = 0;
        while (at < arguments.length && !root.getSubcommands().containsKey(arguments[at])) {
            at++;
        }
        CommandLine command =
                at == arguments.length ? null : root.getSubcommands().get(arguments[at]);
        if (command == null || command.getCommandSpec().findOption(OPTION) == null) {
            return new Expanded(List.of(arguments), null);
        }
        List<String> given = Arrays.asList(arguments).subList(at + 1, arguments.length);
        String path = valueOf(given);
        if (path == null) {
            return new Expanded(List.of(arguments), null);
        }
        ConfigFile file = new ConfigFile(path);
        file.read(command, given);
        List<String> all = new ArrayList<>(Arrays.asList(arguments).subList(0, at + 1));
        all.addAll(file.arguments);
        all.addAll(given);
        return new Expanded(List.copyOf(all), file);
    }

    private static @Nullable String valueOf(List<String> given) {
        for (int i = 0; i < given.size(); i++) {
            if (given.get(i).startsWith(OPTION + "=")) {
                return given.get(i).substring(OPTION.length() + 1);
            }
            if (given.get(i).equals(OPTION) && i + 1 < given.size()) {
                return given.get(i + 1);
            }
        }
        return null;
    }

    private void read(CommandLine command, List<String> given) {
        TomlFile file = TomlFile.read(command, name);
        for (String key : file.keys()) {
            int line = file.line(key);
            OptionSpec option = command.getCommandSpec().findOption(DASHES + key);
            if (option == null || option.hidden()) {
                throw file.wrong(line, "'" + key + "' is no setting of " + command.getCommandName());
            }
            if (COMMAND_LINE_ONLY.contains(key)) {
                throw file.wrong(line, "'" + key + "' can be given on the command line only");
            }
            List<String> values = new Values(file, option, key, line).of(file.value(key));
            if (!isGiven(option, given)) {
                lines.put(option.longestName(), line);
                arguments.addAll(values);
            }
        }
    }

    private static boolean isGiven(OptionSpec option, List<String> given) {
        for (String argument : given) {
            for (String each : option.names()) {
                if (argument.equals(each) || argument.startsWith(each + "=")) {
                    return true;
                }
            }
        }
        return false;
    }

    private String place(@Nullable ArgSpec wrong, String message) {
        for (Map.Entry<String, Integer> each : lines.entrySet()) {
            boolean meant = wrong instanceof OptionSpec option
                    ? option.longestName().equals(each.getKey())
                    : message.startsWith(each.getKey() + " ");
            if (meant) {
                return name + ":" + each.getValue() + ": " + message;
            }
        }
        return message;
    }

    /** Turns the value of one key into arguments. */
    private static final class Values {
        private final TomlFile file;
        private final OptionSpec option;
        private final String key;
        private final int line;

        Values(TomlFile file, OptionSpec option, String key, int line) {
            this.file = file;
            this.option = option;
            this.key = key;
            this.line = line;
        }

        List<String> of(@Nullable Object value) {
            boolean isSwitch = option.arity().max() == 0;
            if (isSwitch != value instanceof Boolean) {
                throw file.wrong(line, "'" + key + (isSwitch ? "' is true or false" : "' is not true or false"));
            }
            if (isSwitch) {
                return Boolean.TRUE.equals(value) ? List.of(DASHES + key) : List.of();
            }
            if (!(value instanceof TomlArray several)) {
                return List.of(single(value));
            }
            if (!option.isMultiValue()) {
                throw file.wrong(line, "'" + key + "' is one value, not a list");
            }
            return several.toList().stream().map(this::single).toList();
        }

        private String single(@Nullable Object value) {
            if (value instanceof String || value instanceof Long) {
                return DASHES + key + "=" + value;
            }
            throw file.wrong(line, "'" + key + "' is a text in quotes or a whole number");
        }
    }
}
