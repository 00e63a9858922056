package io.p2pvpn.cli;

import io.p2pvpn.crawler.picture.Topology;
import io.p2pvpn.crawler.picture.Topology.Faults;
import io.p2pvpn.crawler.picture.Topology.Node;
import io.p2pvpn.crawler.picture.Topology.Pair;
import io.p2pvpn.vpn.control.CrawlResult;
import io.p2pvpn.vpn.control.CrawlResult.InconsistencyEntry;
import io.p2pvpn.vpn.control.CrawlResult.RingEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** A crawl as a picture shows it: members that did not answer are there, and marked, as checks that failed are. */
final class CrawlPicture {
    private CrawlPicture() {}

    static Topology of(CrawlResult result) {
        List<Node> nodes = new ArrayList<>();
        TreeSet<String> drawn = new TreeSet<>();
        for (RingEntry entry : result.ring()) {
            drawn.add(entry.id());
            nodes.add(new Node(
                    entry.id(),
                    entry.name(),
                    entry.successors(),
                    entry.predecessors(),
                    entry.far(),
                    entry.chota(),
                    entry.relayed()));
        }
        TreeSet<String> silent = new TreeSet<>(result.lagging());
        silent.addAll(result.missing());
        for (String id : silent) {
            if (drawn.add(id)) {
                nodes.add(new Node(id, "", List.of(), List.of(), List.of(), List.of(), List.of()));
            }
        }
        List<Pair> links = new ArrayList<>();
        for (InconsistencyEntry failed : result.inconsistencies()) {
            String expected = failed.expected();
            if (expected != null) {
                links.add(new Pair(failed.node(), expected));
            }
        }
        String namespace = result.namespace();
        return Topology.of(namespace == null ? "the public ring" : "the ring of " + namespace, nodes)
                .withFaults(new Faults(List.copyOf(silent), links));
    }
}
