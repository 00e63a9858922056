package io.p2pvpn.simulator;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a look-up may answer, known from the writes alone: that of the last write acknowledged before the look-up
 * began, or of any later one. So what was acknowledged and not written again since must be the answer.
 */
final class DhtOracle {
    /** One put, claim or removal. */
    private static final class Write {
        private final @Nullable String value;
        private long acknowledgedNanos = Long.MAX_VALUE;

        private Write(@Nullable String value) {
            this.value = value;
        }
    }

    /** One owner's record under one key; its owner writes one value after the other. */
    static final class Entry {
        private final OverlayId key;
        private final boolean isClaim;
        private final OverlayId owner;
        private final List<Write> writes = new ArrayList<>();
        private long ownerEndNanos = Long.MAX_VALUE;

        Entry(OverlayId key, OverlayId owner, boolean isClaim) {
            this.key = key;
            this.owner = owner;
            this.isClaim = isClaim;
        }

        OverlayId key() {
            return key;
        }

        boolean isClaim() {
            return isClaim;
        }

        OverlayId owner() {
            return owner;
        }

        /** The last write was acknowledged: while one is under way or has failed, nobody knows what replicas have. */
        boolean isSettled() {
            return !writes.isEmpty() && writes.get(writes.size() - 1).acknowledgedNanos != Long.MAX_VALUE;
        }

        /** The owner begins to write a value, or to remove the record (null). */
        void begin(@Nullable String value) {
            writes.add(new Write(value));
        }

        /** The write under way was acknowledged, or was not: then it may show, or not. */
        void end(boolean acknowledged, long nowNanos) {
            if (acknowledged) {
                writes.get(writes.size() - 1).acknowledgedNanos = nowNanos;
            }
        }

        /** From now on nobody keeps the record alive, and it may end. */
        void ownerEnds(long nowNanos) {
            ownerEndNanos = Math.min(ownerEndNanos, nowNanos);
        }

        boolean hasOwner() {
            return ownerEndNanos == Long.MAX_VALUE;
        }

        /** The value of the last acknowledged write before an instant; null for none or a removal. */
        @Nullable
        String acknowledged(long beforeNanos) {
            int last = lastAcknowledged(beforeNanos);
            return last < 0 ? null : writes.get(last).value;
        }

        /** How long ago the value of {@link #acknowledged} was acknowledged. */
        long sinceAcknowledgedNanos(long nowNanos) {
            return nowNanos - writes.get(lastAcknowledged(nowNanos)).acknowledgedNanos;
        }

        private int lastAcknowledged(long beforeNanos) {
            for (int i = writes.size() - 1; i >= 0; i--) {
                if (writes.get(i).acknowledgedNanos <= beforeNanos) {
                    return i;
                }
            }
            return -1;
        }

        /** Whether a look-up that began at this instant and ends now may answer this; null: absent. */
        boolean mayAnswer(@Nullable String answer, long beganNanos) {
            int last = lastAcknowledged(beganNanos);
            if (answer == null && (last < 0 || ownerEndNanos != Long.MAX_VALUE)) {
                return true;
            }
            for (int i = Math.max(0, last); i < writes.size(); i++) {
                String value = writes.get(i).value;
                if (answer == null ? value == null : answer.equals(value)) {
                    return true;
                }
            }
            return false;
        }
    }
}
