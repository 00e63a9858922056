package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.ByteBucket;
import java.util.LinkedHashMap;
import java.util.Map;

/** How much of a ring's broadcasts a member takes part in, of one source and in all. Confined to the node's loop. */
final class BroadcastRates {
    /** What a message counts beside its payload: its own header, and those of the frame around it. */
    static final int OVERHEAD_BYTES = 512;
    /** Of one source. */
    static final int SOURCE_BYTES_PER_SECOND = 64 * 1024;

    static final int SOURCE_BURST_BYTES = 128 * 1024;
    /** At once, of our own: what the network bunches up stays within the others' limits. */
    static final int OWN_BURST_BYTES = 64 * 1024;
    /** In all. */
    static final int TOTAL_BYTES_PER_SECOND = 512 * 1024;

    static final int TOTAL_BURST_BYTES = 512 * 1024;
    /** Sources that are told apart; the one that was silent longest gives way. */
    static final int SOURCES_MAX = 256;

    private static final float LOAD_FACTOR = 0.75f;

    private final ByteBucket own;
    private final ByteBucket total;
    private final Map<OverlayId, ByteBucket> sources = new LinkedHashMap<>(16, LOAD_FACTOR, true);

    BroadcastRates(long nowNanos) {
        own = new ByteBucket(SOURCE_BYTES_PER_SECOND, OWN_BURST_BYTES, nowNanos);
        total = new ByteBucket(TOTAL_BYTES_PER_SECOND, TOTAL_BURST_BYTES, nowNanos);
    }

    /** True if we may send so many bytes; they count then. */
    boolean admitOwn(int payloadBytes, long nowNanos) {
        int cost = payloadBytes + OVERHEAD_BYTES;
        boolean may = own.available(nowNanos) >= cost;
        if (may) {
            own.spend(cost);
        }
        return may;
    }

    /** True if so many bytes of the source are within the limits; they count then. */
    boolean admit(OverlayId source, int payloadBytes, long nowNanos) {
        ByteBucket bucket = sources.computeIfAbsent(
                source, unused -> new ByteBucket(SOURCE_BYTES_PER_SECOND, SOURCE_BURST_BYTES, nowNanos));
        if (sources.size() > SOURCES_MAX) {
            sources.remove(sources.keySet().iterator().next());
        }
        int cost = payloadBytes + OVERHEAD_BYTES;
        if (bucket.available(nowNanos) < cost || total.available(nowNanos) < cost) {
            return false;
        }
        bucket.spend(cost);
        total.spend(cost);
        return true;
    }
}
