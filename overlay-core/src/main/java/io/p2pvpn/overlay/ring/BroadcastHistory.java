package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The broadcasts that came by lately, so that none is delivered twice, and no arc seen to twice. Confined to the node's
 * loop.
 */
final class BroadcastHistory {
    /** Broadcasts remembered; the one that came first gives way. */
    static final int ENTRIES_MAX = 4096;
    /** Arcs of one broadcast that a member is asked to see to, as children of others fail. */
    static final int ARCS_MAX = 8;

    private record Key(OverlayId source, long number) {}

    /** One broadcast. */
    static final class Entry {
        private final List<Arc> arcs = new ArrayList<>(1);
        private boolean delivered;

        /** True if everybody in the arc is seen to. */
        boolean covers(Arc arc) {
            return arcs.stream().anyMatch(seen -> seen.contains(arc));
        }

        /** True if no more arcs are taken. */
        boolean isFull() {
            return arcs.size() >= ARCS_MAX;
        }

        /** The arc is being seen to. */
        void add(Arc arc) {
            arcs.add(arc);
        }

        /** True the first time. */
        boolean deliverOnce() {
            boolean first = !delivered;
            delivered = true;
            return first;
        }
    }

    private final Map<Key, Entry> entries = new LinkedHashMap<>();

    /** What is known of a broadcast, or null if it is new. */
    @Nullable
    Entry find(OverlayId source, long number) {
        return entries.get(new Key(source, number));
    }

    /** What is known of a broadcast, from now on. */
    Entry remember(OverlayId source, long number) {
        Key key = new Key(source, number);
        Entry known = entries.get(key);
        if (known != null) {
            return known;
        }
        Entry entry = new Entry();
        entries.put(key, entry);
        if (entries.size() > ENTRIES_MAX) {
            entries.remove(entries.keySet().iterator().next());
        }
        return entry;
    }
}
