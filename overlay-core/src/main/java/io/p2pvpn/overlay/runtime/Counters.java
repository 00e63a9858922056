package io.p2pvpn.overlay.runtime;

import java.util.Map;
import java.util.TreeMap;

/**
 * Event counters of one node, by name. Names read {@code module.noun.detail}, for example
 * {@code session.drop.replay}; the set of names is fixed by the code, never by input.
 *
 * <p>A {@link Counter} is looked up once and kept in a field. Confined to the node's loop; {@link #snapshot} too.
 */
public final class Counters {
    /** One count that only grows. */
    public static final class Counter {
        private long value;

        private Counter() {}

        /** Adds one. */
        public void increment() {
            value++;
        }

        /** Adds {@code amount}, 0 or more. */
        public void add(long amount) {
            value += amount;
        }

        /** The count so far. */
        public long value() {
            return value;
        }
    }

    private final TreeMap<String, Counter> counters = new TreeMap<>();

    /** The counter of this name, made at its first use. */
    public Counter counter(String name) {
        return counters.computeIfAbsent(name, unused -> new Counter());
    }

    /** All counts, sorted by name. */
    public Map<String, Long> snapshot() {
        TreeMap<String, Long> values = new TreeMap<>();
        counters.forEach((name, counter) -> values.put(name, counter.value()));
        return values;
    }
}
