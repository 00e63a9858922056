package io.p2pvpn.crawler.mapreduce;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.ByteBucket;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many parts of others' runs a member takes: of one source (which is claimed), from one peer (which is not), and in
 * all. Confined to the node's loop.
 */
final class TaskRates {
    /** Of one source. */
    static final int SOURCE_PER_SECOND = 1;
    /** At once: a run in a ring where members have just crashed hands parts over several times. */
    static final int SOURCE_BURST = 24;
    /** From one peer. */
    static final int PEER_PER_SECOND = 2;
    /** At once. */
    static final int PEER_BURST = 48;
    /** In all. */
    static final int TOTAL_PER_SECOND = 4;
    /** At once. */
    static final int TOTAL_BURST = 64;
    /** Sources, and peers, that are told apart; the one that was silent longest gives way. */
    static final int KNOWN_MAX = 256;

    private static final float LOAD_FACTOR = 0.75f;

    private final ByteBucket total;
    private final Map<OverlayId, ByteBucket> sources = new LinkedHashMap<>(16, LOAD_FACTOR, true);
    private final Map<OverlayId, ByteBucket> peers = new LinkedHashMap<>(16, LOAD_FACTOR, true);

    TaskRates(long nowNanos) {
        total = new ByteBucket(TOTAL_PER_SECOND, TOTAL_BURST, nowNanos);
    }

    /** True if one more part is within the limits; it counts then. */
    boolean admit(OverlayId source, OverlayId peer, long nowNanos) {
        ByteBucket ofSource = bucket(sources, source, SOURCE_PER_SECOND, SOURCE_BURST, nowNanos);
        ByteBucket ofPeer = bucket(peers, peer, PEER_PER_SECOND, PEER_BURST, nowNanos);
        if (ofSource.available(nowNanos) < 1 || ofPeer.available(nowNanos) < 1 || total.available(nowNanos) < 1) {
            return false;
        }
        ofSource.spend(1);
        ofPeer.spend(1);
        total.spend(1);
        return true;
    }

    private static ByteBucket bucket(
            Map<OverlayId, ByteBucket> buckets, OverlayId id, int perSecond, int burst, long nowNanos) {
        ByteBucket bucket = buckets.computeIfAbsent(id, unused -> new ByteBucket(perSecond, burst, nowNanos));
        if (buckets.size() > KNOWN_MAX) {
            buckets.remove(buckets.keySet().iterator().next());
        }
        return bucket;
    }
}
