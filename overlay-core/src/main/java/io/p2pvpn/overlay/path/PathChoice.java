package io.p2pvpn.overlay.path;

import io.p2pvpn.overlay.runtime.InterfaceUse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which path carries traffic. A pure function with hysteresis: equals do not take turns. */
public final class PathChoice {
    /** Another path of the same kind must be faster by this part of the current round trip ... */
    static final double GAIN_MIN = 0.2;
    /** ... and by this much. */
    static final long GAIN_MIN_NANOS = 5_000_000;

    private PathChoice() {}

    /** The best proven path, or null if there is none. */
    public static @Nullable Path choose(List<Path> paths, @Nullable Path current) {
        Path best = current != null && paths.contains(current) && current.isValidated() ? current : null;
        for (Path path : paths) {
            if (path.isValidated() && (best == null || isBetter(path, best))) {
                best = path;
            }
        }
        return best;
    }

    /** True if {@code challenger} should take over from {@code holder}. */
    public static boolean isBetter(Path challenger, Path holder) {
        boolean challengerSuspect = challenger.isSuspect();
        boolean holderSuspect = holder.isSuspect();
        if (challengerSuspect != holderSuspect) {
            // A way along the ring must not stand in for a direct one, of which the ring is made, for two lost probes.
            // It does for a relay, which may be gone without a word, and whose place in the ring does not depend on
            // what carries traffic (Session.sendLinked).
            boolean standsIn = challenger.route().kind() != FrameRoute.Kind.RING
                    || holder.route().kind() == FrameRoute.Kind.RELAY;
            return holderSuspect && standsIn;
        }
        boolean straight = challenger.route().isDirect() && holder.route().isDirect();
        InterfaceUse challengerUse = challenger.route().use();
        InterfaceUse holderUse = holder.route().use();
        if (straight && challengerUse != holderUse) {
            return challengerUse.compareTo(holderUse) < 0;
        }
        int order = challenger.route().kind().compareTo(holder.route().kind());
        if (order != 0) {
            return order < 0;
        }
        // Which of several relays is used is for one end to say (relay.RelayKeeper), or the two would pull at it.
        if (holder.route().kind() == FrameRoute.Kind.RELAY) {
            return false;
        }
        if (challenger.rttNanos() < 0 || holder.rttNanos() < 0) {
            return false;
        }
        long gain = holder.rttNanos() - challenger.rttNanos();
        return gain > GAIN_MIN_NANOS && gain > GAIN_MIN * holder.rttNanos();
    }
}
