package io.p2pvpn.vpn.rules;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The flows of a namespace that are let in: a set-associative table, shared by all threads of its data path.
 *
 * <p>A flow has one of {@link #WAYS} places, which its hash names. When they are taken, a flow that is over gives way;
 * else the one that was idle longest of those that members began, for these can be judged again; else, to a flow that
 * our host begins, the one of ours that was idle longest. So no member can push out what our host began.
 *
 * <p>Thread-safe. Looking up takes no lock and allocates nothing; adding takes one lock and makes one object. Without
 * flows it takes no memory, with all of them about 3 MiB.
 */
public final class FlowTable {
    /** The most flows. */
    public static final int FLOWS_MAX = 65_536;

    /** Places of one hash. */
    static final int WAYS = 8;

    private static final int SETS_BITS = Integer.numberOfTrailingZeros(FLOWS_MAX / WAYS);
    private static final int HASH_FACTOR = 0x9e37_79b9;

    /** Above the idle times of flows of ours that are not over. */
    private static final int RANK_OF_MEMBERS = Flow.TCP_IDLE_SECONDS_MAX + 1;

    private static final int RANK_OVER = 2 * RANK_OF_MEMBERS;

    /** Places are filled from the first on and never emptied: behind an empty one there is nothing. */
    private volatile @Nullable AtomicReferenceArray<Flow> places;

    private volatile int nowSeconds;
    private long lastStamp;
    private int turn;

    /** Tells the time, to be called about once a second. */
    public void tick(long nowNanos) {
        nowSeconds = (int) TimeUnit.NANOSECONDS.toSeconds(nowNanos);
    }

    int nowSeconds() {
        return nowSeconds;
    }

    /** Forgets all flows. */
    public void clear() {
        places = null;
    }

    /** A number that no {@link MemberGate.Judge} of this table had before, above 0. */
    synchronized long nextStamp() {
        return ++lastStamp;
    }

    /** The flow with these marks, see {@link Flow}; null if it is not known, or over. */
    @Nullable
    Flow find(OverlayId member, int family, int ports) {
        AtomicReferenceArray<Flow> table = places;
        if (table == null) {
            return null;
        }
        int first = firstPlace(member, family, ports);
        for (int at = first; at < first + WAYS; at++) {
            Flow flow = table.getAcquire(at);
            if (flow == null) {
                return null;
            }
            if (flow.is(member, family, ports)) {
                return flow.isOver(nowSeconds) ? null : flow;
            }
        }
        return null;
    }

    /** Adds a flow, unless another thread was quicker, or it is a member's and only our own could give way. */
    synchronized void add(OverlayId member, int family, int ports, long letInBy) {
        AtomicReferenceArray<Flow> table = places;
        if (table == null) {
            table = new AtomicReferenceArray<>(FLOWS_MAX);
            places = table;
        }
        int place = placeFor(table, member, family, ports, letInBy == Flow.OURS);
        if (place >= 0) {
            table.setRelease(place, new Flow(member, family, ports, letInBy, nowSeconds));
        }
    }

    /** Where to put a flow, or -1. */
    private int placeFor(AtomicReferenceArray<Flow> table, OverlayId member, int family, int ports, boolean ours) {
        int first = firstPlace(member, family, ports);
        int now = nowSeconds;
        int best = -1;
        int bestRank = -1;
        turn++;
        for (int at = first; at < first + WAYS; at++) {
            Flow flow = table.get(at);
            if (flow == null) {
                return bestRank >= WAYS * RANK_OVER ? best : at;
            }
            if (flow.is(member, family, ports)) {
                return flow.isOver(now) ? at : -1;
            }
            // Of those that are equally idle not always the same one, or the newest would go.
            int rank = WAYS * rank(flow, ours, now) + ((at + turn) & (WAYS - 1));
            if (rank > bestRank) {
                best = at;
                bestRank = rank;
            }
        }
        return best;
    }

    /** The highest gives way first; below 0 never does. */
    private static int rank(Flow flow, boolean toOurs, int now) {
        if (flow.isOver(now)) {
            return RANK_OVER;
        }
        int idle = Math.max(0, flow.idleSeconds(now));
        return flow.letInBy() != Flow.OURS ? RANK_OF_MEMBERS + idle : toOurs ? idle : -1;
    }

    private static int firstPlace(OverlayId member, int family, int ports) {
        int hash = (member.hashCode() + family) * HASH_FACTOR ^ ports;
        hash = (hash ^ hash >>> 15) * HASH_FACTOR;
        return (hash ^ hash >>> 13) >>> (Integer.SIZE - SETS_BITS) << Integer.numberOfTrailingZeros(WAYS);
    }

    /** How many flows there are that are not over; looks at each place. */
    int size() {
        AtomicReferenceArray<Flow> table = places;
        int live = 0;
        for (int at = 0; table != null && at < FLOWS_MAX; at++) {
            Flow flow = table.get(at);
            live += flow != null && !flow.isOver(nowSeconds) ? 1 : 0;
        }
        return live;
    }
}
