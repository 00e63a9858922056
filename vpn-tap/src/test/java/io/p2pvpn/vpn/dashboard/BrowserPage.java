package io.p2pvpn.vpn.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What all tests in a browser do. */
final class BrowserPage {
    /** Where pictures go that are kept: {@code -Dp2pvpn.screenshots=docs/images}. */
    static final Path SCREENSHOTS = Path.of(System.getProperty("p2pvpn.screenshots", "target/screenshots"));

    private static final String AXE = "/META-INF/resources/webjars/axe-core/4.6.3/axe.min.js";

    private BrowserPage() {}

    /** Fails for everything that shuts somebody out, as axe-core sees it: WCAG 2.1 AA and best practices. */
    static void assertOpenToAll(Chromium browser, String what) throws Exception {
        try (InputStream axe = BrowserPage.class.getResourceAsStream(AXE)) {
            browser.evaluate(new String(axe.readAllBytes(), StandardCharsets.UTF_8) + "\n;true");
        }
        JsonNode violations = browser.evaluate("axe.run(document, {resultTypes: ['violations']}).then((found) =>"
                + " found.violations.map((each) => each.id + ': ' + each.nodes.slice(0, 3).map((node) =>"
                + " node.html.slice(0, 160) + ' ' + node.failureSummary).join(' | ')))");
        List<String> said = new ArrayList<>();
        violations.forEach(each -> said.add(each.asString()));
        assertThat(said).as(what).isEmpty();
    }

    /** Nothing may stick out sideways. */
    static void assertFits(Chromium browser) throws Exception {
        assertThat(browser.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                        .asInt())
                .as("pixels that stick out")
                .isLessThanOrEqualTo(0);
    }

    /** Presses Tab until the expression is true of the element with the focus; every element on the way shows it. */
    static void tabTo(Chromium browser, String expression) throws IOException {
        try {
            for (int i = 0; i < 120; i++) {
                browser.press("Tab", 9);
                String seen = browser.evaluate("(() => { const it = document.activeElement;"
                                + " const style = getComputedStyle(it);"
                                + " return it === document.body ? 'nowhere' : style.outlineStyle === 'none'"
                                + " ? 'unseen ' + it.outerHTML.slice(0, 200) : (" + expression
                                + ") ? 'there' : 'on'; })()")
                        .asString();
                assertThat(seen).doesNotStartWith("unseen");
                if (seen.equals("there")) {
                    return;
                }
            }
        } catch (Exception e) {
            throw new IOException(e);
        }
        throw new IOException("Tab never came to " + expression);
    }
}
