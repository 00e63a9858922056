package io.p2pvpn.cli.simulate;

import io.p2pvpn.cli.Span;
import io.p2pvpn.cli.TomlFile;
import io.p2pvpn.simulator.scenario.Links;
import io.p2pvpn.simulator.scenario.Scenario;
import io.p2pvpn.simulator.scenario.Scenarios;
import io.p2pvpn.simulator.scenario.Settings;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * A scenario and its settings in TOML: {@code scenario}, {@code nodes}, {@code seed}, {@code duration},
 * {@code latency}, {@code jitter}, {@code loss}, {@code crypto}, {@code traversal}, {@code clock-skew}, {@code uplink},
 * and the scenario's own parameters.
 */
final class ScenarioFile {
    private static final String SCENARIO = "scenario";
    private static final String SITES = "planetlab";
    private static final String DELAY_FORM = "is a time like \"20ms\" or \"0.1s\"";
    private static final Pattern DELAY = Pattern.compile("(\\d{1,6}(?:\\.\\d{1,6})?)(us|ms|s)");
    private static final String MODELLED = "modelled";
    private static final long MILLIS_PER_SECOND = 1000;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double NANOS_PER_MICRO = 1e3;

    private final TomlFile file;

    private ScenarioFile(TomlFile file) {
        this.file = file;
    }

    /**
     * What the file says.
     *
     * @throws ParameterException if it cannot be read, or something in it is not right
     */
    static Settings read(CommandLine command, String name) {
        return new ScenarioFile(TomlFile.read(command, name)).settings();
    }

    private Settings settings() {
        if (!file.keys().contains(SCENARIO)) {
            throw file.wrong(1, "'" + SCENARIO + "' is missing: one of " + SimulateCommand.names());
        }
        Scenario scenario = Scenarios.named(text(SCENARIO));
        if (scenario == null) {
            throw wrong(SCENARIO, "is one of " + SimulateCommand.names());
        }
        Settings settings = Settings.usual(scenario);
        for (String key : file.keys()) {
            try {
                settings = with(settings, key);
            } catch (IllegalArgumentException refused) {
                throw wrong(key, String.valueOf(refused.getMessage()));
            }
        }
        return settings;
    }

    private Settings with(Settings settings, String key) {
        Links links = settings.links();
        return switch (key) {
            case SCENARIO -> settings;
            case "nodes" -> settings.withNodes(whole(key));
            case "seed" -> settings.withSeed(whole(key));
            case "duration" -> settings.withSeconds(span(key).seconds());
            case "latency" ->
                settings.withLinks(
                        text(key).equals(SITES)
                                ? links.withSites()
                                : links.withDelay(nanos(key, "is \"planetlab\", or " + DELAY_FORM)));
            case "jitter" -> settings.withLinks(links.withJitter(nanos(key, DELAY_FORM)));
            case "loss" -> settings.withLinks(links.withLoss(number(key)));
            case "crypto" -> settings.withHosts(settings.hosts().withModelled(isModelled(key)));
            case "traversal" -> settings.withHosts(settings.hosts().withTraversing(flag(key)));
            case "clock-skew" ->
                settings.withHosts(settings.hosts().withClockSkew(span(key).seconds() * MILLIS_PER_SECOND));
            case "uplink" -> settings.withHosts(settings.hosts().withUplink(whole(key)));
            default -> {
                if (settings.scenario().profile().parameter(key) == null) {
                    throw wrong(
                            key,
                            "is no setting of " + settings.scenario().profile().name());
                }
                yield settings.with(key, number(key));
            }
        };
    }

    private boolean isModelled(String key) {
        String crypto = text(key);
        if (!crypto.equals(MODELLED) && !crypto.equals("true")) {
            throw wrong(key, "is \"true\" or \"" + MODELLED + "\"");
        }
        return crypto.equals(MODELLED);
    }

    private boolean flag(String key) {
        if (file.value(key) instanceof Boolean flag) {
            return flag;
        }
        throw wrong(key, "is true or false");
    }

    private String text(String key) {
        if (file.value(key) instanceof String text) {
            return text;
        }
        throw wrong(key, "is a text in quotes");
    }

    private long whole(String key) {
        if (file.value(key) instanceof Long number) {
            return number;
        }
        throw wrong(key, "is a whole number");
    }

    private double number(String key) {
        if (file.value(key) instanceof Number number) {
            return number.doubleValue();
        }
        throw wrong(key, "is a number");
    }

    private Span span(String key) {
        try {
            return Span.parse(text(key));
        } catch (IllegalArgumentException wrong) {
            throw wrong(key, "is not right: " + wrong.getMessage());
        }
    }

    private long nanos(String key, String form) {
        Matcher parts = DELAY.matcher(text(key).toLowerCase(Locale.ROOT));
        if (!parts.matches()) {
            throw wrong(key, form);
        }
        double unit = switch (parts.group(2)) {
            case "us" -> NANOS_PER_MICRO;
            case "ms" -> NANOS_PER_MILLI;
            default -> NANOS_PER_SECOND;
        };
        return Math.round(Double.parseDouble(parts.group(1)) * unit);
    }

    private ParameterException wrong(String key, @Nullable String message) {
        return file.wrong(file.line(key), "'" + key + "' " + message);
    }
}
