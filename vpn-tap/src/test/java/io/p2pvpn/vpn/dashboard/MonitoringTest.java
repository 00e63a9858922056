package io.p2pvpn.vpn.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** The alert rules and the Grafana dashboard: whether what they name is counted and measured anywhere. */
final class MonitoringTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final List<Path> FILES =
            List.of(ROOT.resolve("monitoring/alerts.yaml"), ROOT.resolve("monitoring/grafana-dashboard.json"));
    /** A whole name; not the beginning of a pattern for names. */
    private static final Pattern METRIC = Pattern.compile("\\bp2pvpn_[a-z0-9_]*[a-z0-9](?![a-z0-9_.])");

    /** The beginning of names whose end is a variable, and what could be that. */
    private static final Pattern BEGINNING = Pattern.compile("counter\\(\"([a-z][a-z.]*\\.)\" \\+");

    private static final Pattern WORD = Pattern.compile("\"([a-z][a-z-]*)\"");
    private static final Pattern LITERAL = Pattern.compile("\"([a-z][a-z0-9]*(?:[.-][a-z0-9]+)+)\"");
    private static final Pattern GAUGE = Pattern.compile("add\\(\\s*\"([a-z.]+)\",\\s*\"([a-z]*)\"");

    private static Set<String> known() throws IOException {
        TreeSet<String> known = new TreeSet<>();
        TreeSet<String> beginnings = new TreeSet<>();
        TreeSet<String> words = new TreeSet<>();
        try (Stream<Path> files = Files.walk(ROOT, 20)) {
            files.filter(each -> each.toString().contains("/src/main/java/")
                            && each.toString().endsWith(".java"))
                    .forEach(file -> {
                        String code = read(file);
                        each(LITERAL, code).forEach(found -> known.add(name(found) + "_total"));
                        beginnings.addAll(each(BEGINNING, code));
                        words.addAll(each(WORD, code));
                    });
        }
        beginnings.forEach(begin -> words.forEach(word -> known.add(name(begin + word) + "_total")));
        for (Drop reason : Drop.values()) {
            known.add(name(reason.counter()) + "_total");
        }
        String gauges = read(ROOT.resolve("vpn-tap/src/main/java/io/p2pvpn/vpn/control/Gauges.java"));
        GAUGE.matcher(gauges)
                .results()
                .map(found -> name(found.group(1)) + (found.group(2).isEmpty() ? "" : "_" + found.group(2)))
                .forEach(known::add);
        return known;
    }

    private static List<String> each(Pattern pattern, String code) {
        return pattern.matcher(code).results().map(found -> found.group(1)).toList();
    }

    private static String name(String dotted) {
        return "p2pvpn_" + dotted.replace('.', '_').replace('-', '_').toLowerCase(Locale.ROOT);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyMetric_ofRulesAndDashboard_existsInTheCode() throws Exception {
        Set<String> known = known();
        for (Path file : FILES) {
            List<String> named = METRIC.matcher(read(file))
                    .results()
                    .map(MatchResult::group)
                    .distinct()
                    .toList();
            assertThat(named).as(file.toString()).hasSizeGreaterThan(5);
            assertThat(known).as(file.toString()).containsAll(named);
        }
    }

    @Test
    void grafanaDashboard_always_isJsonWithoutSurprises() {
        var dashboard = JsonMapper.builder().build().readTree(read(FILES.get(1)));
        assertThat(dashboard.get("title").asString()).isEqualTo("p2pvpn");
        Set<Integer> ids = new TreeSet<>();
        dashboard.get("panels").forEach(panel -> {
            ids.add(panel.get("id").asInt());
            assertThat(panel.get("targets").size())
                    .as(panel.get("title").asString())
                    .isPositive();
        });
        assertThat(ids).hasSize(dashboard.get("panels").size());
    }

    @Test
    void alerts_each_sayWhatAndWhatToDo() {
        String rules = read(FILES.get(0));
        int alerts = rules.split("- alert: ", -1).length - 1;
        assertThat(alerts).isGreaterThan(10);
        for (String part : List.of("expr: ", "severity: (warning|critical)", "summary: ", "description: ")) {
            assertThat(Pattern.compile("\n +" + part).matcher(rules).results())
                    .as(part)
                    .hasSize(alerts);
        }
    }
}
