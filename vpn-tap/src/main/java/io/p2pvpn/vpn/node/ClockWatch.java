package io.p2pvpn.vpn.node;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Clock;
import io.p2pvpn.vpn.control.StatusReport.Health;
import io.p2pvpn.vpn.control.StatusReport.Severity;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares this host's wall clock with those of its peers, as their handshakes tell them. Certificates and records of
 * the DHTs have times in them: with a clock that is hours off, what is there seems to be gone, and a namespace that
 * exists would be founded again. Confined to the node's loop.
 */
final class ClockWatch {
    /** Peers remembered, those heard last. */
    static final int PEERS_MAX = 32;
    /** What certificates allow. */
    static final long WARN_MILLIS = 300_000;
    /** From here on nothing can be found in a DHT. */
    static final long REFUSE_MILLIS = 3_600_000;

    private static final long MINUTE_MILLIS = 60_000;
    private static final long HOUR_MILLIS = 60 * MINUTE_MILLIS;
    private static final long DAY_MILLIS = 24 * HOUR_MILLIS;

    private final Clock clock;
    /** By how much we are ahead of each. */
    private final Map<OverlayId, Long> aheadMillis = new LinkedHashMap<>();

    ClockWatch(Clock clock) {
        this.clock = clock;
    }

    /** A peer's clock said so a moment ago. */
    void onPeer(OverlayId peer, long epochMillis) {
        aheadMillis.remove(peer);
        aheadMillis.put(peer, clock.epochMillis() - epochMillis);
        if (aheadMillis.size() > PEERS_MAX) {
            Iterator<OverlayId> oldest = aheadMillis.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    /** By how much this host's clock is ahead, in ms: the median of all peers; the lower one of two. */
    long aheadMillis() {
        long[] all = aheadMillis.values().stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(all);
        return all.length == 0 ? 0 : all[(all.length - 1) / 2];
    }

    /** Whether it is so far off that joining makes no sense. */
    boolean isHopeless() {
        return Math.abs(aheadMillis()) > REFUSE_MILLIS;
    }

    /** What is so, and what to do. */
    String text() {
        long ahead = aheadMillis();
        return "this host's clock is " + span(Math.abs(ahead)) + (ahead > 0 ? " ahead of" : " behind")
                + (aheadMillis.size() == 1 ? " that of the node it has reached" : " those of its peers")
                + ": set it right (timedatectl set-ntp true), certificates and records depend on it";
    }

    private static String span(long millis) {
        if (millis >= 2 * DAY_MILLIS) {
            return millis / DAY_MILLIS + " days";
        }
        return millis >= 2 * HOUR_MILLIS ? millis / HOUR_MILLIS + " hours" : millis / MINUTE_MILLIS + " minutes";
    }

    /** What is to be said of it now. */
    List<Health> health() {
        return Math.abs(aheadMillis()) > WARN_MILLIS
                ? List.of(new Health("clock-off", isHopeless() ? Severity.ERROR : Severity.WARNING, text()))
                : List.of();
    }
}
