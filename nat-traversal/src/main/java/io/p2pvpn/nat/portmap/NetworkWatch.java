package io.p2pvpn.nat.portmap;

import io.p2pvpn.overlay.runtime.Endpoint;
import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Notices that this host's addresses, or the address that peers see, are others than before. */
final class NetworkWatch {
    private static final int SEEN_MAX = 16;

    private final Supplier<List<Endpoint>> interfaces;
    private final Supplier<List<Endpoint>> observed;
    private final Set<InetAddress> seen = new LinkedHashSet<>();
    private List<Endpoint> lastInterfaces = List.of();

    NetworkWatch(Supplier<List<Endpoint>> interfaces, Supplier<List<Endpoint>> observed) {
        this.interfaces = interfaces;
        this.observed = observed;
    }

    /**
     * True if something changed since the last look. Only addresses count, since a symmetric NAT shows another port to
     * each peer; and an address seen before is no news, since peers on several networks see us differently.
     */
    boolean look() {
        List<Endpoint> now = interfaces.get();
        boolean changed = !now.equals(lastInterfaces);
        lastInterfaces = now;
        boolean first = seen.isEmpty();
        for (Endpoint endpoint : observed.get()) {
            if (seen.add(endpoint.address())) {
                changed |= !first;
                if (seen.size() > SEEN_MAX) {
                    seen.remove(seen.iterator().next());
                }
            }
        }
        return changed;
    }
}
