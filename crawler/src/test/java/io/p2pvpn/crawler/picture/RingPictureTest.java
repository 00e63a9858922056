package io.p2pvpn.crawler.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.crawler.picture.Topology.Faults;
import io.p2pvpn.crawler.picture.Topology.Node;
import io.p2pvpn.crawler.picture.Topology.Pair;
import io.p2pvpn.crawler.picture.Topology.Trip;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

final class RingPictureTest {
    private static final String A = "1" + "0".repeat(39);
    private static final String B = "5" + "0".repeat(39);
    private static final String C = "a" + "0".repeat(39);
    private static final List<String> HOSTILE = List.of(
            "</title><script>alert(1)</script>",
            "\" onload=\"alert(1)",
            "' onload='alert(1)",
            "</script><script>alert(1)</script>",
            "<!--",
            "]]>",
            "&lt;&amp;&#60;",
            "a\u0000b\u0001c\u001bd\ud800e\uffff",
            "\u202egnp.exe\u2066",
            "\u2028\u2029\r\n",
            "\\\"]; evil [label=\"\\N\\G",
            "@DATA@ @SCRIPT@ $1 \\1",
            "x".repeat(100_000),
            "");

    private static Node node(String id, String name, String... successors) {
        return new Node(id, name, List.of(successors), List.of(), List.of(), List.of(), List.of());
    }

    private static Document parsed(String xml) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
    }

    @Test
    void svg_ofARing_isWellFormedAndHasEveryNodeAndLinkOnce() throws Exception {
        Topology topology = SampleRing.withFaults(100, 1);
        Document document = parsed(RingPicture.svg(topology));
        assertThat(document.getElementsByTagName("circle").getLength())
                .as("100 nodes, 2 marks around those at fault, the ring, 2 in the legend")
                .isEqualTo(105);
        int curves = 0;
        for (int i = 0; i < document.getElementsByTagName("path").getLength(); i++) {
            String data = document.getElementsByTagName("path")
                    .item(i)
                    .getAttributes()
                    .getNamedItem("d")
                    .getNodeValue();
            curves += (int) data.chars().filter(each -> each == 'Q').count();
        }
        assertThat(curves).isEqualTo(Drawing.of(topology).links().size());
    }

    @Test
    void svg_hostileNames_changeNothingAroundThem() throws Exception {
        for (String name : HOSTILE) {
            Topology topology = Topology.of(name, List.of(node(A, name, B), node(B, name, A)));
            Document document = parsed(RingPicture.svg(topology));
            assertThat(document.getElementsByTagName("script").getLength()).isZero();
            assertThat(document.getElementsByTagName("*").getLength())
                    .isEqualTo(parsed(RingPicture.svg(Topology.of("t", List.of(node(A, "a", B), node(B, "b", A)))))
                            .getElementsByTagName("*")
                            .getLength());
            assertThat(document.getDocumentElement().hasAttribute("onload")).isFalse();
        }
    }

    @Test
    void html_hostileNames_stayInsideTheData() {
        for (String name : HOSTILE) {
            Topology plain = Topology.of("t", List.of(node(A, "a", B), node(B, "b", A)));
            String html = RingPicture.html(Topology.of(name, List.of(node(A, name, B), node(B, name, A))));
            assertThat(count(html, "<")).as(name).isEqualTo(count(RingPicture.html(plain), "<"));
            assertThat(count(html, "</script>")).isEqualTo(2);
            assertThat(html).doesNotContain("\u202e", "\u2028", "\u0000", "onload=\"alert");
        }
    }

    @Test
    void html_always_takesNothingFromElsewhere() {
        String html = RingPicture.html(SampleRing.of(20, 3));
        assertThat(html.replace("http://www.w3.org/2000/svg", "")).doesNotContain("http:", "https:", "//cdn", "url(");
        assertThat(html).contains("default-src 'none'", "script-src 'sha256-", "style-src 'sha256-");
    }

    @Test
    void dot_hostileNames_stayInsideTheirQuotes() {
        for (String name : HOSTILE) {
            String dot = RingPicture.dot(Topology.of(name, List.of(node(A, name, B), node(B, "b", A))));
            for (String line : dot.split("\n", -1)) {
                String outside = line.replaceAll("\"(\\\\.|[^\"\\\\])*\"", "");
                assertThat(outside).as(line).doesNotContain("\"", "evil", "alert");
            }
            assertThat(dot.lines().count()).isEqualTo(7);
        }
    }

    @Test
    void pictures_nodesInAnyOrder_areTheSameBytes() {
        Topology topology = SampleRing.withFaults(200, 7);
        List<Node> nodes = new ArrayList<>(topology.nodes());
        List<Trip> trips = new ArrayList<>(topology.trips());
        Collections.shuffle(nodes, new Random(1));
        Collections.shuffle(trips, new Random(2));
        Topology shuffled = new Topology(topology.title(), nodes, trips, topology.faults());
        assertThat(RingPicture.svg(shuffled)).isEqualTo(RingPicture.svg(topology));
        assertThat(RingPicture.html(shuffled)).isEqualTo(RingPicture.html(topology));
        assertThat(RingPicture.dot(shuffled)).isEqualTo(RingPicture.dot(topology));
    }

    @Test
    void drawing_linkToldByBothEnds_isOne() {
        Node one = new Node(A, "a", List.of(B), List.of(), List.of(C), List.of(), List.of());
        Node other = new Node(B, "b", List.of(), List.of(A), List.of(), List.of(), List.of());
        Node third = new Node(C, "c", List.of(), List.of(), List.of(), List.of(A), List.of(B));
        Drawing drawing = Drawing.of(Topology.of("t", List.of(third, other, one))
                .withTrips(List.of(new Trip(B, A, 9), new Trip(A, B, 7), new Trip(A, "x", 1), new Trip(A, C, -4))));
        assertThat(drawing.links())
                .containsExactly(
                        new Drawing.Link(0, 1, LinkKind.NEAR, 7, false),
                        new Drawing.Link(0, 2, LinkKind.FAR, Drawing.NO_TRIP, false),
                        new Drawing.Link(1, 2, LinkKind.RELAYED, Drawing.NO_TRIP, false));
    }

    @Test
    void drawing_linkAtFaultThatNobodyTold_isMissing() {
        Topology topology = Topology.of("t", List.of(node(A, "a"), node(B, "b")))
                .withFaults(new Faults(List.of(B, "unknown"), List.of(new Pair(B, A), new Pair(A, "unknown"))));
        Drawing drawing = Drawing.of(topology);
        assertThat(drawing.links()).containsExactly(new Drawing.Link(0, 1, LinkKind.MISSING, Drawing.NO_TRIP, true));
        assertThat(drawing.spots().get(1).faulty()).isTrue();
        assertThat(RingPicture.svg(topology)).contains("nodes at fault: 1", "at fault: 1", "missing: 1");
    }

    @Test
    void drawing_nodeThatTellsTooMuch_isCutAndSaidSo() {
        List<String> many = Collections.nCopies(1_000_000, "f".repeat(40));
        Node liar = new Node(A, "a", List.of(), List.of(), many, List.of(), List.of());
        Drawing drawing = Drawing.of(Topology.of("t", List.of(liar)));
        assertThat(drawing.unknown()).isEqualTo(Topology.LINKS_MAX);
        assertThat(drawing.tooMany()).isEqualTo(1_000_000 - Topology.LINKS_MAX);
        assertThat(drawing.links()).isEmpty();
    }

    @Test
    void topology_moreThanAPictureShows_isRefused() {
        List<Node> nodes = Collections.nCopies(Topology.NODES_MAX + 1, node(A, "a"));
        assertThatThrownBy(() -> Topology.of("t", nodes)).hasMessageContaining("draw a part");
        assertThatThrownBy(() -> node("no id", "a")).hasMessageContaining("40 lower-case");
        Topology twice = Topology.of("t", List.of(node(A, "a"), node(A, "b")));
        assertThatThrownBy(() -> RingPicture.svg(twice)).hasMessageContaining("two nodes");
    }

    @Test
    void pictures_noNodeOrOne_areStillPictures() throws Exception {
        for (List<Node> nodes : List.of(List.<Node>of(), List.of(node(A, "a", A)))) {
            Topology topology = Topology.of("small", nodes);
            assertThat(parsed(RingPicture.svg(topology)).getDocumentElement().getLocalName())
                    .isEqualTo("svg");
            assertThat(RingPicture.html(topology)).contains("\"links\":[]");
            assertThat(RingPicture.dot(topology)).startsWith("graph ring {").endsWith("}\n");
        }
    }

    @Test
    void number_anyValue_hasOneDecimalAtMost() {
        assertThat(SvgRing.number(new StringBuilder(), -0.04).toString()).isEqualTo("0");
        assertThat(SvgRing.number(new StringBuilder(), -1.25).toString()).isEqualTo("-1.2");
        assertThat(SvgRing.number(new StringBuilder(), 12.96).toString()).isEqualTo("13");
    }

    private static int count(String text, String part) {
        return (text.length() - text.replace(part, "").length()) / part.length();
    }
}
