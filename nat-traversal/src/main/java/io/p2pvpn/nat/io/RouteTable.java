package io.p2pvpn.nat.io;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The kernel's IPv4 routing table as {@code /proc/net/route} shows it (proc_net(5)): addresses as hex. Their
 * bytes are in the order of the host, which is little-endian wherever the program runs. */
final class RouteTable {
    private static final int FLAG_UP = 1;
    private static final int FLAG_GATEWAY = 2;
    private static final int COLUMNS_MIN = 8;

    private RouteTable() {}

    /**
     * A default route.
     *
     * @param device through which it leads
     * @param gateway IPv4, most significant byte first
     */
    record DefaultRoute(String device, int gateway) {}

    /** The default route of the least metric over a router, or null. Lines that cannot be read are skipped. */
    static @Nullable DefaultRoute defaultRoute(List<String> lines, List<String> excludedDevices) {
        DefaultRoute best = null;
        long bestMetric = Long.MAX_VALUE;
        for (String line : lines) {
            String[] columns = line.trim().split("\\s+", -1);
            if (columns.length < COLUMNS_MIN || excludedDevices.contains(columns[0])) {
                continue;
            }
            try {
                long destination = Long.parseLong(columns[1], 16);
                long gateway = Long.parseLong(columns[2], 16);
                int flags = Integer.parseInt(columns[3], 16);
                long metric = Long.parseLong(columns[6]);
                long mask = Long.parseLong(columns[7], 16);
                boolean usable = (flags & FLAG_UP) != 0 && (flags & FLAG_GATEWAY) != 0 && gateway != 0;
                if (destination == 0 && mask == 0 && usable && metric < bestMetric) {
                    bestMetric = metric;
                    best = new DefaultRoute(columns[0], Integer.reverseBytes((int) gateway));
                }
            } catch (NumberFormatException heading) {
                // The first line names the columns.
            }
        }
        return best;
    }
}
