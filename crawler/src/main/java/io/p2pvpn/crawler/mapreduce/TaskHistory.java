package io.p2pvpn.crawler.mapreduce;

import com.google.protobuf.ByteString;
import io.p2pvpn.crawler.wire.proto.TreeWire;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Arc;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was taken of the last runs, so that nothing is done twice. Confined to the node's loop. */
final class TaskHistory {
    /** Runs, and parts, that are remembered; the oldest is forgotten. */
    static final int RUNS_MAX = 1024;
    /** Parts of one run that a member takes in one tree. */
    static final int ARCS_MAX = 8;

    private record RunKey(ByteString ring, OverlayId source, long number) {}

    private record PartKey(OverlayId from, long part) {}

    private record Taken(TreeWire tree, Arc arc) {}

    /** One run. */
    static final class Run {
        private final List<Taken> taken = new ArrayList<>();
        private boolean mapped;

        /** True the first time: this member's own answer is in one of the trees only. */
        boolean mapOnce() {
            boolean first = !mapped;
            mapped = true;
            return first;
        }

        /** True if this member has not seen to all of that arc before in that tree. */
        boolean take(TreeWire tree, Arc arc) {
            boolean known = taken.stream()
                    .anyMatch(each -> each.tree() == tree && each.arc().contains(arc));
            if (known || taken.size() >= 2 * ARCS_MAX) {
                return false;
            }
            taken.add(new Taken(tree, arc));
            return true;
        }
    }

    private final Map<RunKey, Run> runs = new LinkedHashMap<>();
    private final Map<PartKey, Boolean> parts = new LinkedHashMap<>();

    /** The run of that name. */
    Run run(ByteString ring, OverlayId source, long number) {
        Run run = runs.computeIfAbsent(new RunKey(ring, source, number), unused -> new Run());
        if (runs.size() > RUNS_MAX) {
            runs.remove(runs.keySet().iterator().next());
        }
        return run;
    }

    /** True if this peer has handed over that part before. */
    boolean isKnown(OverlayId from, long part) {
        return parts.containsKey(new PartKey(from, part));
    }

    /** This peer has handed over that part. */
    void remember(OverlayId from, long part) {
        parts.put(new PartKey(from, part), Boolean.TRUE);
        if (parts.size() > RUNS_MAX) {
            parts.remove(parts.keySet().iterator().next());
        }
    }
}
