package io.p2pvpn.overlay.relay;

import io.netty.util.collection.IntObjectHashMap;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import org.jspecify.annotations.Nullable;

/**
 * The labels that this node has given out, and what each is for. They are random, so that a stranger cannot name one.
 * Bounded by those who take them. Confined to the node's loop.
 */
final class RelayLabels {
    /** What a label leads to. */
    sealed interface Target permits RelayBinding.Leg, RelayRoute {}

    private final NodeRuntime runtime;
    private final IntObjectHashMap<Target> targets = new IntObjectHashMap<>();

    RelayLabels(NodeRuntime runtime) {
        this.runtime = runtime;
    }

    /** A label that is in no use, and not 0; the next {@link #put} takes it. */
    int fresh() {
        int label;
        do {
            label = (int) runtime.keys().nextLong();
        } while (label == 0 || targets.containsKey(label));
        return label;
    }

    void put(int label, Target target) {
        targets.put(label, target);
    }

    @Nullable
    Target get(int label) {
        return targets.get(label);
    }

    void remove(int label) {
        targets.remove(label);
    }
}
