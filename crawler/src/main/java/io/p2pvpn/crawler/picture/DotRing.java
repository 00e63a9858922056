package io.p2pvpn.crawler.picture;

import io.p2pvpn.crawler.picture.Drawing.Link;
import io.p2pvpn.crawler.picture.Drawing.Spot;
import java.util.List;

/** Writes the language of Graphviz. */
final class DotRing {
    private static final List<String> TRIP_COLOURS = List.of("#1a7f37", "#7d8a00", "#bf8700", "#d1570b", "#cf222e");
    private static final String FAULT = "#cf222e";

    private DotRing() {}

    static String draw(Drawing drawing) {
        StringBuilder dot = new StringBuilder("graph ring {\n");
        dot.append("  layout=neato; overlap=true; splines=line; label=\"")
                .append(SafeText.dot(drawing.title()))
                .append("\";\n  node [shape=circle, width=0.15, fixedsize=true, label=\"\", fontsize=9];\n");
        for (Spot spot : drawing.spots()) {
            dot.append("  \"").append(spot.node().id()).append("\" [pos=\"");
            SvgRing.number(dot, spot.x(Drawing.RADIUS)).append(',');
            // Its axis points up.
            SvgRing.number(dot, 2 * Drawing.MIDDLE - spot.y(Drawing.RADIUS)).append("!\", xlabel=\"");
            dot.append(SafeText.dot(spot.node().name())).append('"');
            if (spot.faulty()) {
                dot.append(", color=\"" + FAULT + "\", penwidth=3");
            }
            dot.append("];\n");
        }
        for (Link link : drawing.links()) {
            edge(dot, drawing, link);
        }
        return dot.append("}\n").toString();
    }

    private static void edge(StringBuilder dot, Drawing drawing, Link link) {
        dot.append("  \"").append(drawing.spots().get(link.one()).node().id()).append("\" -- \"");
        dot.append(drawing.spots().get(link.other()).node().id())
                .append("\" [class=\"")
                .append(link.kind().style());
        dot.append('"');
        if (link.rttMillis() >= 0) {
            dot.append(", color=\"")
                    .append(TRIP_COLOURS.get(LatencyScale.step(link.rttMillis())))
                    .append("\", rtt=\"");
            SvgRing.number(dot, link.rttMillis()).append('"');
        }
        switch (link.kind()) {
            case NEAR, FAR -> {}
            case CHOTA -> dot.append(", style=dashed");
            case RELAYED, MISSING -> dot.append(", style=dotted");
        }
        if (link.faulty()) {
            dot.append(", color=\"" + FAULT + "\", penwidth=3");
        }
        dot.append("];\n");
    }
}
