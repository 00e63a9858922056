package io.p2pvpn.nat.lan;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/** How many messages a second are looked at: of one sender, and of all. Confined to the node's loop. */
final class LanIntake {
    /** Of one address. */
    static final int PER_SENDER_MAX = 10;
    /** Of all; so many addresses are told apart at most. */
    static final int TOTAL_MAX = 100;

    private static final long WINDOW_NANOS = 1_000_000_000L;

    private final Map<InetAddress, Integer> taken = new LinkedHashMap<>();
    private long windowNanos;
    private int total;

    LanIntake(long nowNanos) {
        windowNanos = nowNanos;
    }

    /** True if one more message of that sender may be looked at now. */
    boolean take(InetAddress sender, long nowNanos) {
        if (nowNanos - windowNanos >= WINDOW_NANOS) {
            windowNanos = nowNanos;
            taken.clear();
            total = 0;
        }
        if (total >= TOTAL_MAX || taken.getOrDefault(sender, 0) >= PER_SENDER_MAX) {
            return false;
        }
        total++;
        taken.merge(sender, 1, Integer::sum);
        return true;
    }
}
