package io.p2pvpn.vpn.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page's own files: what a browser's policy would refuse, and what our style does. */
final class PageFilesTest {
    private static final Pattern MENTION = Pattern.compile("(?:src|href)=\"([^\"#]+)\"|from \"\\./([^\"]+)\"");

    private static List<Path> files() throws IOException, URISyntaxException {
        Path directory = Path.of(Objects.requireNonNull(PageFiles.class.getResource("index.html"))
                        .toURI())
                .getParent();
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(each -> each.toString().matches(".*\\.(html|css|js)"))
                    .toList();
        }
    }

    @Test
    void everyFile_isServedAndWhatItMentionsToo() throws Exception {
        PageFiles served = PageFiles.load();
        for (Path file : files()) {
            String name = file.getFileName().toString();
            assertThat(served.at(name.equals("index.html") ? "/" : "/" + name))
                    .as(name)
                    .isNotNull();
            Matcher mention = MENTION.matcher(Files.readString(file));
            while (mention.find()) {
                String other = mention.group(1) == null ? mention.group(2) : mention.group(1);
                if (!other.equals("data:,")) {
                    assertThat(served.at("/" + other))
                            .as(name + " mentions " + other)
                            .isNotNull();
                }
            }
        }
    }

    @Test
    void everyFile_textFromOthersIsNeverMarkup() throws Exception {
        for (Path file : files()) {
            assertThat(Files.readString(file).replace("http://www.w3.org/2000/svg", ""))
                    .as(file.toString())
                    .doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "://")
                    .doesNotContain("style=", "onclick=", "javascript:", "localStorage", "document.cookie");
        }
    }

    @Test
    void everyFile_isAsLongAndWideAsOurs() throws Exception {
        for (Path file : files()) {
            List<String> lines = Files.readAllLines(file);
            assertThat(lines).as(file.toString()).hasSizeLessThanOrEqualTo(600);
            assertThat(lines)
                    .as(file.toString())
                    .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(120));
        }
    }
}
