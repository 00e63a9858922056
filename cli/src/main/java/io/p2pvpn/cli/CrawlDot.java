package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.CrawlResult;
import io.p2pvpn.vpn.control.CrawlResult.RingEntry;
import java.util.List;

/**
 * A crawl as a graph for Graphviz ({@code circo} puts it in a circle): first successors bold, other neighbours thin,
 * far links dashed, chotas dotted, relayed links red. Who is named and did not answer is grey.
 */
final class CrawlDot {
    private CrawlDot() {}

    static String text(CrawlResult result) {
        StringBuilder text = new StringBuilder("digraph ring {\n  layout=circo;\n  node [shape=box, fontsize=10];\n");
        for (RingEntry entry : result.ring()) {
            String label = entry.name().isEmpty() ? Words.id(entry.id()) : entry.name() + "\\n" + Words.id(entry.id());
            text.append("  ")
                    .append(quoted(entry.id()))
                    .append(" [label=")
                    .append(quoted(label))
                    .append("];\n");
        }
        for (String id : result.lagging()) {
            text.append("  ").append(quoted(id)).append(" [label=").append(quoted(Words.id(id)));
            text.append(", color=grey, fontcolor=grey];\n");
        }
        for (RingEntry entry : result.ring()) {
            List<String> successors = entry.successors();
            for (int i = 0; i < successors.size(); i++) {
                edge(text, entry, successors.get(i), i == 0 ? "style=bold" : "style=solid, weight=0");
            }
            entry.far().forEach(id -> edge(text, entry, id, "style=dashed, weight=0"));
            entry.chota().forEach(id -> edge(text, entry, id, "style=dotted, weight=0"));
        }
        return text.append("}\n").toString();
    }

    private static void edge(StringBuilder text, RingEntry from, String to, String style) {
        text.append("  ")
                .append(quoted(from.id()))
                .append(" -> ")
                .append(quoted(to))
                .append(" [")
                .append(style);
        text.append(from.relayed().contains(to) ? ", color=red];\n" : "];\n");
    }

    /** Names come from members: nothing in them ends the string. */
    private static String quoted(String text) {
        return "\"" + text.replace("\"", "'") + "\"";
    }
}
