package io.p2pvpn.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** A TOML file that a command was given; what is wrong with it is told with its line. */
public final class TomlFile {
    /** Longer ones are refused. */
    static final int BYTES_MAX = 1 << 20;

    private final CommandLine command;
    private final String name;
    private final TomlParseResult parsed;

    private TomlFile(CommandLine command, String name, TomlParseResult parsed) {
        this.command = command;
        this.name = name;
        this.parsed = parsed;
    }

    /**
     * Reads it.
     *
     * @throws ParameterException if it cannot be read, or is no TOML
     */
    public static TomlFile read(CommandLine command, String name) {
        TomlFile file = new TomlFile(command, name, Toml.parse(text(command, name)));
        if (file.parsed.hasErrors()) {
            TomlParseError first = file.parsed.errors().get(0);
            throw file.wrong(first.position().line(), String.valueOf(first.getMessage()));
        }
        return file;
    }

    private static String text(CommandLine command, String name) {
        try {
            Path path = Path.of(name);
            if (Files.size(path) > BYTES_MAX) {
                throw new ParameterException(command, name + " is too long for a configuration");
            }
            return Files.readString(path, StandardCharsets.UTF_8);
        } catch (NoSuchFileException missing) {
            throw new ParameterException(command, "there is no file " + name, missing);
        } catch (AccessDeniedException denied) {
            throw new ParameterException(command, name + " may not be read by this user", denied);
        } catch (CharacterCodingException binary) {
            throw new ParameterException(command, name + " is no text in UTF-8", binary);
        } catch (IOException | IllegalArgumentException unreadable) {
            throw new ParameterException(command, "cannot read " + name + ": " + unreadable.getMessage(), unreadable);
        }
    }

    /** The keys at its top. */
    public Set<String> keys() {
        return parsed.keySet();
    }

    /** The value of one of its keys, or null. */
    public @Nullable Object value(String key) {
        return parsed.get(List.of(key));
    }

    /** The line of one of its keys. */
    public int line(String key) {
        return parsed.inputPositionOf(List.of(key)).line();
    }

    /** An error on that line. */
    public ParameterException wrong(int line, String message) {
        return new ParameterException(command, name + ":" + line + ": " + message);
    }
}
