package io.p2pvpn.vpn.data;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Virtual IPv4 address to route: an open-addressing hash table with linear probing, at most half full. Look-ups
 * allocate nothing. Confined to one queue.
 */
public final class ForwardingTable {
    /** The most routes, those of a full /16. */
    public static final int ROUTES_MAX = 65_536;

    private static final int SLOTS_MIN = 64;
    private static final int HASH_FACTOR = 0x9e37_79b9;

    private int[] keys = new int[SLOTS_MIN];
    private @Nullable MemberRoute[] routes = new MemberRoute[SLOTS_MIN];
    private int size;

    /** The route to the member with that address, or null. */
    public @Nullable MemberRoute get(int ipv4) {
        return routes[find(ipv4)];
    }

    /** Adds the route to its address, or replaces the one there; false when the table is full. */
    public boolean put(MemberRoute route) {
        int slot = find(route.ipv4());
        if (routes[slot] == null) {
            if (size == ROUTES_MAX) {
                return false;
            }
            if (2 * (size + 1) > routes.length) {
                grow();
                slot = find(route.ipv4());
            }
            size++;
        }
        keys[slot] = route.ipv4();
        routes[slot] = route;
        return true;
    }

    /** Removes the route to that address; the route that was there, or null. */
    public @Nullable MemberRoute remove(int ipv4) {
        int hole = find(ipv4);
        MemberRoute removed = routes[hole];
        if (removed == null) {
            return null;
        }
        size--;
        int mask = routes.length - 1;
        // Close the gap: move up whatever probed past it (Knuth, TAOCP vol. 3, algorithm 6.4 R).
        for (int at = (hole + 1) & mask; routes[at] != null; at = (at + 1) & mask) {
            int home = home(keys[at]);
            if (((at - home) & mask) >= ((at - hole) & mask)) {
                keys[hole] = keys[at];
                routes[hole] = routes[at];
                hole = at;
            }
        }
        routes[hole] = null;
        return removed;
    }

    /** How many routes there are. */
    public int size() {
        return size;
    }

    private int find(int key) {
        int mask = routes.length - 1;
        int at = home(key);
        while (routes[at] != null && keys[at] != key) {
            at = (at + 1) & mask;
        }
        return at;
    }

    private int home(int key) {
        int hash = key * HASH_FACTOR;
        return (hash ^ hash >>> 16) & (routes.length - 1);
    }

    private void grow() {
        int[] oldKeys = keys;
        @Nullable MemberRoute[] oldRoutes = routes;
        keys = new int[2 * oldKeys.length];
        routes = Arrays.copyOf(new MemberRoute[0], 2 * oldRoutes.length);
        for (int i = 0; i < oldKeys.length; i++) {
            MemberRoute route = oldRoutes[i];
            if (route != null) {
                int slot = find(oldKeys[i]);
                keys[slot] = oldKeys[i];
                routes[slot] = route;
            }
        }
    }
}
