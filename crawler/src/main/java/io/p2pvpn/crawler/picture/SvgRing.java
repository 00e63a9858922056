package io.p2pvpn.crawler.picture;

import io.p2pvpn.crawler.picture.Drawing.Link;
import io.p2pvpn.crawler.picture.Drawing.Spot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes SVG. Links of one look are one path, which keeps documents of thousands of nodes small. */
final class SvgRing {
    private static final int WIDTH = 1260;
    private static final int HEIGHT = 1040;
    private static final int TOP = 40;
    private static final int LEGEND_LEFT = 1010;
    private static final int LEGEND_STEP = 26;
    /** More names would stand in each other's way; they are in the titles of the nodes. */
    private static final int NAMES_MAX = 72;
    /** So many can be told apart; of more than the other, each is drawn thin. */
    private static final int LINKS_FEW = 300;

    private static final int LINKS_MANY = 2000;

    /** Of names along the ring; of two nodes that are closer, the second one's is left out. */
    private static final double NAME_APART = 14;

    private static final double DOT_MIN = 1.6;
    private static final double DOT_MAX = 7;
    private static final double DOT_SHARE = 900;
    private static final int TENTH = 10;

    private static final String STYLE = """
            text { font: 15px system-ui, "DejaVu Sans", sans-serif; fill: #24292f }
            .title { font-size: 20px; font-weight: 600 }
            .name { font-size: 13px }
            .paper { fill: #ffffff } .ring { fill: none; stroke: #d0d7de }
            .link { fill: none; stroke-width: 1; stroke-opacity: 0.55 } .few { stroke-width: 1.6; stroke-opacity: 0.8 }
            .many { stroke-width: 0.7; stroke-opacity: 0.4 }
            .near { stroke: #57606a } .far { stroke: #0969da } .chota { stroke: #1a7f37 }
            .relayed { stroke: #8250df } .missing { stroke: #cf222e }
            .t0 { stroke: #1a7f37 } .t1 { stroke: #7d8a00 } .t2 { stroke: #bf8700 } .t3 { stroke: #d1570b }
            .t4 { stroke: #cf222e }
            .faulty { stroke: #cf222e; stroke-width: 3; stroke-opacity: 1 }
            .dot { fill: #24292f; stroke: #ffffff; stroke-width: 0.8 }
            .dot.ill { fill: #cf222e } .mark { fill: none; stroke: #cf222e; stroke-width: 2 }
            @media (prefers-color-scheme: dark) {
              text { fill: #e6edf3 } .paper { fill: #0d1117 } .ring { stroke: #30363d }
              .near { stroke: #8b949e } .far { stroke: #58a6ff } .chota { stroke: #56d364 }
              .relayed { stroke: #bc8cff } .missing { stroke: #ff7b72 }
              .t0 { stroke: #56d364 } .t1 { stroke: #c3cf3c } .t2 { stroke: #e3b341 } .t3 { stroke: #ffa657 }
              .t4 { stroke: #ff7b72 } .faulty { stroke: #ff7b72 }
              .dot { fill: #e6edf3; stroke: #0d1117 } .dot.ill { fill: #ff7b72 } .mark { stroke: #ff7b72 }
            }
            """;

    private final Drawing drawing;
    private final StringBuilder svg = new StringBuilder();
    private int legendTop = TOP + 50;

    private SvgRing(Drawing drawing) {
        this.drawing = drawing;
    }

    static String draw(Drawing drawing) {
        return new SvgRing(drawing).draw();
    }

    private String draw() {
        String label = SafeText.xml(drawing.title()) + ": " + drawing.spots().size() + " nodes, "
                + drawing.links().size() + " links";
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + WIDTH + " " + HEIGHT + "\" width=\""
                        + WIDTH + "\" height=\"" + HEIGHT + "\" role=\"img\" aria-label=\"")
                .append(label)
                .append("\">\n<style>\n")
                .append(STYLE)
                .append("</style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");
        svg.append("<text class=\"title\" x=\"24\" y=\"36\">").append(label).append("</text>\n");
        svg.append("<g transform=\"translate(0 " + TOP + ")\">\n<circle class=\"ring\" cx=\"");
        number(Drawing.MIDDLE).append("\" cy=\"");
        number(Drawing.MIDDLE).append("\" r=\"");
        number(Drawing.RADIUS).append("\"/>\n");
        links();
        nodes();
        svg.append("</g>\n");
        legend();
        return svg.append("</svg>\n").toString();
    }

    // ------------------------------------------------------------------------ links

    private void links() {
        Map<String, StringBuilder> paths = new TreeMap<>();
        Map<String, LinkKind> kinds = new TreeMap<>();
        for (Link link : drawing.links()) {
            // What is wrong lies on top.
            String look = (link.faulty() ? "1" : "0") + link.kind().number() + " " + style(link);
            kinds.put(look, link.kind());
            Curve.append(paths.computeIfAbsent(look, each -> new StringBuilder()), drawing.spots(), link);
        }
        int count = drawing.links().size();
        String crowd = count <= LINKS_FEW ? " few" : count > LINKS_MANY ? " many" : "";
        paths.forEach((look, path) -> {
            svg.append("<path class=\"link")
                    .append(crowd)
                    .append(look.substring(look.indexOf(' ')))
                    .append('"');
            dashes(kinds.get(look));
            svg.append(" d=\"").append(path).append("\"/>\n");
        });
    }

    private String style(Link link) {
        String colour = link.rttMillis() >= 0
                ? "t" + LatencyScale.step(link.rttMillis())
                : link.kind().style();
        return link.faulty() ? colour + " faulty" : colour;
    }

    private void dashes(@Nullable LinkKind kind) {
        if (kind != null && !kind.dashes().isEmpty()) {
            svg.append(" stroke-dasharray=\"").append(kind.dashes()).append('"');
        }
    }

    // ------------------------------------------------------------------------ nodes

    private void nodes() {
        double size = Math.max(
                DOT_MIN,
                Math.min(DOT_MAX, DOT_SHARE / Math.max(1, drawing.spots().size())));
        boolean few = drawing.spots().size() <= NAMES_MAX;
        double named = -1;
        for (Spot spot : drawing.spots()) {
            svg.append(spot.faulty() ? "<circle class=\"dot ill\" cx=\"" : "<circle class=\"dot\" cx=\"");
            number(spot.x(Drawing.RADIUS)).append("\" cy=\"");
            number(spot.y(Drawing.RADIUS)).append("\" r=\"");
            number(spot.faulty() ? size + 1 : size)
                    .append("\"><title>")
                    .append(SafeText.xml(spot.node().name()));
            svg.append(' ').append(spot.node().id()).append("</title></circle>\n");
            if (spot.faulty()) {
                svg.append("<circle class=\"mark\" cx=\"");
                number(spot.x(Drawing.RADIUS)).append("\" cy=\"");
                number(spot.y(Drawing.RADIUS)).append("\" r=\"");
                number(size + 5).append("\"/>\n");
            }
            if (few && (spot.turn() - named) * 2 * Math.PI * Drawing.RADIUS > NAME_APART) {
                named = spot.turn();
                name(spot);
            }
        }
    }

    /** Outward from its node, never upside down. */
    private void name(Spot spot) {
        double radius = Drawing.RADIUS + 16;
        boolean left = spot.turn() > 0.5;
        double degrees = spot.turn() * 360 - (left ? 270 : 90);
        svg.append("<text class=\"name\" text-anchor=\"")
                .append(left ? "end" : "start")
                .append("\" transform=\"translate(");
        number(spot.x(radius)).append(' ');
        number(spot.y(radius)).append(") rotate(");
        number(degrees).append(")\" dy=\"4\">");
        String name = spot.node().name();
        svg.append(SafeText.xml(name.isEmpty() ? spot.node().id().substring(0, 8) : cut(name)))
                .append("</text>\n");
    }

    private static String cut(String name) {
        String safe = SafeText.name(name);
        int end = safe.offsetByCodePoints(0, Math.min(11, safe.codePointCount(0, safe.length())));
        return end == safe.length() ? safe : safe.substring(0, end) + "\u2026";
    }

    // ----------------------------------------------------------------------- legend

    private void legend() {
        for (LinkKind kind : LinkKind.values()) {
            List<Link> some =
                    drawing.links().stream().filter(each -> each.kind() == kind).toList();
            if (!some.isEmpty()) {
                String colour = drawing.measured() && kind != LinkKind.MISSING ? "near" : kind.style();
                line(colour, kind, kind.words() + ": " + some.size());
            }
        }
        int[] steps = new int[LatencyScale.STEPS];
        drawing.links().stream()
                .filter(each -> each.rttMillis() >= 0)
                .forEach(each -> steps[LatencyScale.step(each.rttMillis())]++);
        for (int i = 0; i < steps.length; i++) {
            if (drawing.measured()) {
                line("t" + i, LinkKind.NEAR, LatencyScale.words(i) + ": " + steps[i]);
            }
        }
        long faulty = drawing.links().stream().filter(Link::faulty).count();
        if (faulty > 0) {
            line("faulty", LinkKind.NEAR, "at fault: " + faulty);
        }
        long ill = drawing.spots().stream().filter(Spot::faulty).count();
        if (ill > 0) {
            svg.append("<circle class=\"dot ill\" cx=\"" + (LEGEND_LEFT + 15) + "\" cy=\"" + legendTop + "\" r=\"6\"/>"
                    + "<circle class=\"mark\" cx=\"" + (LEGEND_LEFT + 15) + "\" cy=\"" + legendTop + "\" r=\"10\"/>\n");
            text("nodes at fault: " + ill);
        }
        List<String> notes = new ArrayList<>();
        if (drawing.unknown() > 0) {
            notes.add("not drawn: " + drawing.unknown() + " to unknown nodes");
        }
        if (drawing.tooMany() > 0) {
            notes.add("not drawn: " + drawing.tooMany() + " beyond " + Topology.LINKS_MAX + " of a kind");
        }
        notes.forEach(this::text);
    }

    private void line(String style, LinkKind kind, String words) {
        svg.append("<path class=\"link few ").append(style).append('"');
        dashes(kind);
        svg.append(" d=\"M" + LEGEND_LEFT + " " + legendTop + "h30\"/>\n");
        text(words);
    }

    private void text(String words) {
        svg.append("<text x=\"" + (LEGEND_LEFT + 40) + "\" y=\"" + (legendTop + 5) + "\">")
                .append(words)
                .append("</text>\n");
        legendTop += LEGEND_STEP;
    }

    private StringBuilder number(double value) {
        return number(svg, value);
    }

    /** With one decimal, the same on every machine. */
    static StringBuilder number(StringBuilder text, double value) {
        long tenths = Math.round(value * TENTH);
        if (tenths < 0) {
            text.append('-');
        }
        text.append(Math.abs(tenths) / TENTH);
        return tenths % TENTH == 0 ? text : text.append('.').append(Math.abs(tenths) % TENTH);
    }
}
