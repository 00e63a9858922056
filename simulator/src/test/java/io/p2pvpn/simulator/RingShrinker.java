package io.p2pvpn.simulator;

import io.p2pvpn.overlay.ring.RingFactory;
import io.p2pvpn.simulator.RingSchedule.Action;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the smallest schedule that still fails in the same way: A. Zeller, R. Hildebrandt, "Simplifying and isolating
 * failure-inducing input" (TSE 2002), algorithm ddmin, over the actions.
 */
final class RingShrinker {
    private static final int RUNS_MAX = 400;

    private final RingFactory rings;
    private int runs;

    RingShrinker(RingFactory rings) {
        this.rings = rings;
    }

    /** What goes wrong with this schedule, or null. */
    @Nullable
    String failure(RingSchedule schedule) {
        runs++;
        try {
            new RingRun(schedule, rings).run();
            return null;
        } catch (RingViolation | AssertionError failure) {
            return String.valueOf(failure.getMessage());
        }
    }

    /** The name of the invariant in {@code failure}. */
    static String invariant(String failure) {
        return failure.substring(0, failure.indexOf(':'));
    }

    /** The smallest part of a failing schedule that breaks the same invariant. */
    RingSchedule shrink(RingSchedule failing, String invariant) {
        RingSchedule smallest = failing;
        int parts = 2;
        while (smallest.actions().size() > 1 && runs < RUNS_MAX) {
            RingSchedule smaller = smaller(smallest, parts, invariant);
            if (smaller != null) {
                smallest = smaller;
                parts = Math.max(2, parts - 1);
            } else if (parts < smallest.actions().size()) {
                parts = Math.min(2 * parts, smallest.actions().size());
            } else {
                return smallest;
            }
        }
        return smallest;
    }

    private @Nullable RingSchedule smaller(RingSchedule schedule, int parts, String invariant) {
        List<Action> actions = schedule.actions();
        for (int part = 0; part < parts; part++) {
            List<Action> rest = new ArrayList<>(actions);
            rest.subList(actions.size() * part / parts, actions.size() * (part + 1) / parts)
                    .clear();
            RingSchedule candidate = schedule.withActions(rest);
            String failure = rest.size() < actions.size() ? failure(candidate) : null;
            if (failure != null && invariant(failure).equals(invariant)) {
                return candidate;
            }
        }
        return null;
    }
}
