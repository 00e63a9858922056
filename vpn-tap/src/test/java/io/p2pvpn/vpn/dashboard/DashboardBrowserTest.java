package io.p2pvpn.vpn.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.Timers;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The page in a browser: what it shows, and whether everybody can use it. */
@Tag("browser")
@Timeout(value = 100, unit = TimeUnit.SECONDS)
final class DashboardBrowserTest {
    private static final int PAST_SECONDS = 300;
    private static final int ESCAPE = 27;
    private static final int ENTER = 13;

    private static final ShownNode NODE = new ShownNode();
    private static ExecutorService loop;
    private static DashboardServer server;
    private static Chromium browser;

    @BeforeAll
    static void start() throws Exception {
        Assumptions.assumeTrue(Chromium.program() != null, "needs Chromium (Debian: apt-get install chromium)");
        loop = Executors.newSingleThreadExecutor();
        Timers timers = new Timers() {
            @Override
            public Timer schedule(long delayNanos, Runnable task) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void execute(Runnable task) {
                loop.execute(task);
            }
        };
        History history = new History();
        for (int i = PAST_SECONDS; i > 0; i--) {
            long millis = TimeUnit.SECONDS.toMillis(i);
            history.add(
                    Sample.of(NODE),
                    System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(millis),
                    System.currentTimeMillis() - millis);
        }
        Tally tally = new Tally(timers, new Counters());
        server = DashboardServer.start(0, new NodeCalls(timers, NODE), tally, history, TimeUnit.HOURS.toNanos(1));
        browser = Chromium.start();
    }

    @AfterAll
    static void stop() throws Exception {
        if (browser != null) {
            browser.close();
        }
        if (server != null) {
            server.close();
            loop.shutdownNow();
        }
    }

    private static void open(String scheme, int width, int height) throws Exception {
        browser.show(scheme, width, height);
        browser.open("about:blank");
        browser.open(server.link());
        browser.await("document.querySelectorAll('#peer-rows tr').length === 20");
        browser.await("document.querySelectorAll('#namespaces tbody tr').length === 18");
        browser.await("document.querySelectorAll('#request-rows tr').length === 1");
    }

    private static String text(String selector) throws Exception {
        return browser.evaluate("document.querySelector('" + selector + "').textContent")
                .asString();
    }

    @Test
    void page_ofANode_showsWhatItIs() throws Exception {
        open("light", 1360, 900);
        assertThat(text("#live")).isEqualTo("live");
        assertThat(text("#node-state")).isEqualTo("online");
        assertThat(text("#health-notes")).contains("warning: 10.87.0.0/16 is also routed");
        browser.await("performance.now() > 2500");
        assertThat(browser.evaluate("document.querySelectorAll('#health-notes li').length")
                        .asInt())
                .as("two notes of one kind, after some looks")
                .isEqualTo(2);
        assertThat(text("#tiles")).contains("Mbit/s", "17 of 20", "18");
        assertThat(text("#peer-rows")).contains("amsterdam", "10.87.0.2", "via ", "UDP is blocked at lisbon");
        assertThat(browser.evaluate("document.querySelector('#traffic-chart .series').getAttribute('d').length")
                        .asInt())
                .isGreaterThan(1000);
        assertThat(browser.evaluate("document.querySelectorAll('#ring-picture .dot').length")
                        .asInt())
                .isEqualTo(18);
        assertThat(browser.evaluate("document.querySelectorAll('#places-picture .dot').length")
                        .asInt())
                .isEqualTo(18);
        browser.show("light", 1280, 1460);
        browser.await("document.querySelector('#traffic-chart svg').clientWidth > 0");
        browser.screenshot(BrowserPage.SCREENSHOTS.resolve("dashboard.png"), false);
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void secret_onceThePageIsOpen_standsNowhere() throws Exception {
        open("light", 1360, 900);
        assertThat(browser.evaluate("location.href").asString()).endsWith("/");
        assertThat(browser.evaluate("document.cookie").asString()).isEmpty();
        assertThat(browser.evaluate("performance.getEntriesByType('resource').every((each) =>"
                                + " each.name.startsWith(location.origin) && !each.name.includes("
                                + "sessionStorage.getItem('p2pvpn-token')))")
                        .asBoolean())
                .isTrue();
        browser.open("http://127.0.0.1:" + server.port() + "/?again");
        browser.await("document.querySelectorAll('#peer-rows tr').length === 20");
        browser.evaluate("sessionStorage.clear()");
        browser.open("http://127.0.0.1:" + server.port() + "/");
        browser.await("!document.getElementById('locked').hidden");
        assertThat(text("#peer-rows")).isEmpty();
    }

    @Test
    void names_ofOthers_areText() throws Exception {
        open("light", 1360, 900);
        assertThat(text("#peer-rows")).contains(ShownNode.HOSTILE);
        assertThat(text("#namespaces")).contains(ShownNode.HOSTILE);
        assertThat(browser.evaluate("document.images.length").asInt()).isZero();
        assertThat(browser.evaluate("document.scripts.length").asInt()).isEqualTo(1);
    }

    @Test
    void everybody_inAnyLightAndWidth_canUseIt() throws Exception {
        for (String scheme : List.of("light", "dark")) {
            for (int width : new int[] {1360, 390}) {
                open(scheme, width, 844);
                BrowserPage.assertOpenToAll(browser, scheme + " " + width);
                BrowserPage.assertFits(browser);
                if (width < 600 && scheme.equals("light")) {
                    browser.screenshot(BrowserPage.SCREENSHOTS.resolve("dashboard-phone.png"), false);
                }
                browser.evaluate("document.querySelector('#peer-rows button').click()");
                browser.await("document.querySelectorAll('#peer-body table').length === 2");
                BrowserPage.assertOpenToAll(browser, "peer, " + scheme + " " + width);
                browser.press("Escape", ESCAPE);
            }
        }
        browser.open("about:blank");
        browser.open("http://localhost:" + server.port() + "/");
        browser.await("!document.getElementById('locked').hidden");
        BrowserPage.assertOpenToAll(browser, "locked");
    }

    @Test
    void keyboard_alone_reachesEverything() throws Exception {
        open("light", 1360, 900);
        browser.evaluate("window.scrollTo(0, 0)");
        BrowserPage.tabTo(browser, "it.className === 'skip'");
        BrowserPage.tabTo(browser, "it.textContent === 'Approve'");
        BrowserPage.tabTo(browser, "it.getAttribute('role') === 'img'");
        browser.press("ArrowLeft", 37);
        browser.press("ArrowLeft", 37);
        assertThat(browser.evaluate("document.activeElement.getAttribute('aria-label')")
                        .asString())
                .startsWith("Throughput: sent ");
        assertThat(text("#traffic-chart .legend")).contains("at ");
        BrowserPage.tabTo(browser, "it.id === 'ring-choice'");
        BrowserPage.tabTo(browser, "it.id === 'peer-filter'");
        BrowserPage.tabTo(browser, "it.textContent === 'amsterdam'");
        browser.press("Enter", ENTER);
        browser.await("document.getElementById('peer-dialog').open");
        browser.await("document.querySelectorAll('#peer-body table').length === 2");
        assertThat(text("#peer-title")).isEqualTo("amsterdam");
        browser.press("Escape", ESCAPE);
        browser.await("!document.getElementById('peer-dialog').open");
        assertThat(browser.evaluate("document.activeElement.textContent").asString())
                .isEqualTo("amsterdam");
        BrowserPage.tabTo(browser, "it.id === 'members-again'");
        BrowserPage.tabTo(browser, "it.getAttribute('aria-label') === 'Put berlin out'");
        browser.press("Enter", ENTER);
        browser.await("document.getElementById('ask-dialog').open");
        assertThat(text("#ask-text")).contains("at once and for good");
        browser.press("Escape", ESCAPE);
        browser.await("document.activeElement.getAttribute('aria-label') === 'Put berlin out'");
        assertThat(NODE.calls()).noneMatch(call -> call.contains("REVOKE"));
    }

    @Test
    void approval_ofTheCode_isSentOnce() throws Exception {
        open("light", 1360, 900);
        browser.evaluate("document.querySelector('.decide button').focus()");
        browser.press("Enter", ENTER);
        browser.await("document.getElementById('ask-dialog').open");
        assertThat(text("#ask-text")).contains("7Q2M-K4TD-9XWB");
        BrowserPage.tabTo(browser, "it.id === 'ask-yes'");
        browser.press("Enter", ENTER);
        browser.await("document.getElementById('said').textContent.includes('is let into lab')");
        assertThat(NODE.calls())
                .filteredOn(call -> call.contains("APPROVE"))
                .singleElement()
                .asString()
                .contains("7Q2M-K4TD-9XWB", "lab");
    }

    @Test
    void filter_ofWords_leavesThePeersThatFit() throws Exception {
        open("light", 1360, 900);
        browser.evaluate("(() => { const it = document.getElementById('peer-filter'); it.value = 'RELAY';"
                + " it.dispatchEvent(new Event('input')); })()");
        browser.await("document.querySelectorAll('#peer-rows tr').length === 3");
        browser.evaluate("(() => { const it = document.getElementById('peer-filter'); it.value = 'no such';"
                + " it.dispatchEvent(new Event('input')); })()");
        assertThat(text("#no-peers")).isEqualTo("No peer fits.");
    }
}
