package io.p2pvpn.crawler.task;

import io.p2pvpn.crawler.mapreduce.MapContext;
import io.p2pvpn.crawler.mapreduce.TaskPeer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The numbers that are known of a node without asking it. Confined to the node's loop. */
final class Facts {
    /** The median round trip to its linked neighbours, ms. */
    static final String RTT_MILLIS = "rtt-millis";
    /** How many members it is linked to. */
    static final String LINKS = "links";

    private static final double NANOS_PER_MILLI = 1e6;

    private Facts() {}

    /** A number about the node, or not a number. */
    static double number(MapContext context, String fact) {
        return switch (fact) {
            case RTT_MILLIS -> rttMillis(context);
            case LINKS ->
                (double)
                        context.ring().peers().stream().filter(TaskPeer::isEdge).count();
            default -> context.facts().number(context.ring(), fact);
        };
    }

    private static double rttMillis(MapContext context) {
        List<Long> all = new ArrayList<>();
        List<TaskPeer> near = new ArrayList<>(context.ring().near(true));
        near.addAll(context.ring().near(false));
        for (TaskPeer peer : near) {
            if (peer.rttNanos() != TaskPeer.RTT_UNKNOWN_NANOS) {
                all.add(peer.rttNanos());
            }
        }
        Collections.sort(all);
        return all.isEmpty() ? Double.NaN : all.get(all.size() / 2) / NANOS_PER_MILLI;
    }
}
