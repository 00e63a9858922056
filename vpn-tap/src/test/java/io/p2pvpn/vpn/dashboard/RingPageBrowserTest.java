package io.p2pvpn.vpn.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.crawler.picture.RingPicture;
import io.p2pvpn.crawler.picture.Topology;
import io.p2pvpn.crawler.picture.Topology.Faults;
import io.p2pvpn.crawler.picture.Topology.Node;
import io.p2pvpn.crawler.picture.Topology.Trip;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page of a whole ring in a browser. */
@Tag("browser")
@Timeout(value = 100, unit = TimeUnit.SECONDS)
final class RingPageBrowserTest {
    private static final int NEIGHBOURS = 4;
    private static final int FAR_LINKS = 5;
    private static final String HOSTILE = "</script><script>alert(1)</script>";

    @TempDir
    private static Path directory;

    private static Chromium browser;

    @BeforeAll
    static void start() throws Exception {
        Assumptions.assumeTrue(Chromium.program() != null, "needs Chromium (Debian: apt-get install chromium)");
        browser = Chromium.start();
    }

    @AfterAll
    static void stop() throws Exception {
        if (browser != null) {
            browser.close();
        }
    }

    /** A sound ring with far links at Symphony's distances, and round trips. */
    static Topology ring(int size) {
        Random random = new Random(size);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            ids.add(String.format(Locale.ROOT, "%012x", (long) (random.nextDouble() * (1L << 48))) + "0".repeat(28));
        }
        ids.sort(null);
        List<Node> nodes = new ArrayList<>();
        List<Trip> trips = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            List<String> successors = new ArrayList<>();
            List<String> far = new ArrayList<>();
            for (int step = 1; step <= NEIGHBOURS; step++) {
                successors.add(ids.get((i + step) % size));
            }
            for (int k = 0; k < FAR_LINKS; k++) {
                far.add(ids.get((i + (int) Math.exp(random.nextDouble() * Math.log(size - 1))) % size));
            }
            List<String> relayed = i % 40 == 7 ? List.of(ids.get((i + 90) % size)) : List.of();
            String name = i == 3 ? HOSTILE : "node" + i;
            nodes.add(new Node(ids.get(i), name, successors, List.of(), far, List.of(), relayed));
            successors.forEach(end -> trips.add(new Trip(end, successors.get(0), random.nextDouble() * 90)));
            for (String end : far) {
                trips.add(new Trip(ids.get(i), end, Math.exp(random.nextDouble() * 5.5)));
            }
        }
        return Topology.of("ring of " + size, nodes)
                .withTrips(trips)
                .withFaults(new Faults(List.of(ids.get(size / 3)), List.of()));
    }

    private static void open(int size, String scheme, int width, int height) throws Exception {
        Path file = Files.writeString(directory.resolve(size + ".html"), RingPicture.html(ring(size)));
        browser.show(scheme, width, height);
        browser.open("about:blank");
        browser.open(file.toUri().toString());
        browser.await("shot !== null");
    }

    @Test
    void ringOf500_anybody_canUseIt() throws Exception {
        for (String scheme : List.of("light", "dark")) {
            for (int width : new int[] {1300, 390}) {
                open(500, scheme, width, 900);
                BrowserPage.assertOpenToAll(browser, scheme + " " + width);
                BrowserPage.assertFits(browser);
            }
        }
        browser.show("dark", 1100, 760);
        browser.await("canvas.clientWidth > 500 && 2 * data.radius * view.scale < canvas.clientHeight - 150");
        browser.evaluate("choose(250, false); fit()");
        browser.await("shot !== null && sameView(shot)");
        browser.screenshot(BrowserPage.SCREENSHOTS.resolve("ring-500.png"), false);
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void ringOf500_keyboard_searchesAndWalks() throws Exception {
        open(500, "light", 1300, 900);
        browser.evaluate("(() => { const it = document.getElementById('search'); it.focus(); it.value = 'node250';"
                + " it.dispatchEvent(new Event('input')); })()");
        browser.press("Enter", 13);
        assertThat(browser.evaluate("document.getElementById('chosen-title').textContent")
                        .asString())
                .isEqualTo("node250");
        browser.evaluate("document.getElementById('picture').focus()");
        browser.press("n", 78);
        assertThat(browser.evaluate("document.getElementById('chosen-title').textContent")
                        .asString())
                .isEqualTo("node251");
        assertThat(browser.evaluate("document.getElementById('chosen').textContent")
                        .asString())
                .contains("near: ", "node252", "node247", " ms");
        double before = browser.evaluate("view.scale").asDouble();
        browser.press("+", 187);
        assertThat(browser.evaluate("view.scale").asDouble()).isGreaterThan(before);
        browser.press("ArrowLeft", 37);
        browser.press("0", 48);
        assertThat(browser.evaluate("view.x + view.y").asDouble()).isZero();
        browser.press("Escape", 27);
        assertThat(browser.evaluate("document.getElementById('chosen-title').textContent")
                        .asString())
                .isEqualTo("No node chosen");
    }

    @Test
    void ringOf500_hostileName_isText() throws Exception {
        open(500, "light", 1300, 900);
        assertThat(browser.evaluate("document.scripts.length").asInt()).isEqualTo(2);
        assertThat(browser.evaluate("nodes[3].name").asString()).isEqualTo(HOSTILE);
        browser.evaluate("choose(3, true)");
        assertThat(browser.evaluate("document.getElementById('chosen-title').textContent")
                        .asString())
                .isEqualTo(HOSTILE);
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void ringOf5000_zoomed_staysUsable() throws Exception {
        open(5000, "light", 1300, 900);
        double frameMillis = browser.evaluate("(async () => { const begin = performance.now();"
                        + " for (let i = 0; i < 20; i++) { zoom(1.2, 60, -300);"
                        + " await new Promise((drawn) => requestAnimationFrame(drawn)); }"
                        + " return (performance.now() - begin) / 20; })()")
                .asDouble();
        browser.await("shot !== null && sameView(shot)");
        // About 17 ms on a quiet machine; a test must pass on one that does ten other things.
        assertThat(frameMillis).isLessThan(400);
    }
}
