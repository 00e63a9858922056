package io.p2pvpn.simulator;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the ways between hosts are like now: link models, clogs and partitions. Read by all regions, changed while none
 * runs.
 */
final class LinkTable {
    private static final long LOOPBACK_DELAY_NANOS = 50_000;
    private static final LinkModel LOOPBACK = LinkModel.constantDelay(LOOPBACK_DELAY_NANOS);

    /** Looked up only, never iterated: the order of a hash map must not reach the history. */
    private final Map<Long, LinkModel> modelByLink = new HashMap<>();

    private final Map<Long, Long> clogEndNanosByLink = new HashMap<>();
    private final List<Partition> partitions = new ArrayList<>();
    private LinkPolicy policy = (from, to) -> LinkModel.CLEAN;

    void setPolicy(LinkPolicy newPolicy) {
        policy = newPolicy;
    }

    void setModel(SimHost from, SimHost to, LinkModel model) {
        modelByLink.put(key(from.id(), to.id()), model);
    }

    LinkModel model(SimHost from, SimHost to) {
        if (!modelByLink.isEmpty()) {
            LinkModel model = modelByLink.get(key(from.id(), to.id()));
            if (model != null) {
                return model;
            }
        }
        return from == to ? LOOPBACK : policy.between(from, to);
    }

    void clog(SimHost from, SimHost to, long untilNanos) {
        clogEndNanosByLink.put(key(from.id(), to.id()), untilNanos);
    }

    /** When what is due at {@code nowNanos} may arrive: then, or when the clog ends. */
    long passableNanos(int from, int to, long nowNanos) {
        if (clogEndNanosByLink.isEmpty() || from == to) {
            return nowNanos;
        }
        Long endNanos = clogEndNanosByLink.get(key(from, to));
        return endNanos == null ? nowNanos : Math.max(endNanos, nowNanos);
    }

    void add(Partition partition) {
        partitions.add(partition);
    }

    void remove(Partition partition) {
        partitions.remove(partition);
    }

    void removePartitions() {
        partitions.clear();
    }

    boolean isPartitioned(int from, int to) {
        if (from == to) {
            return false;
        }
        for (int i = 0; i < partitions.size(); i++) {
            if (partitions.get(i).blocks(from, to)) {
                return true;
            }
        }
        return false;
    }

    private static long key(int from, int to) {
        return ((long) from << 32) | to;
    }
}
