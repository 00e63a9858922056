package io.p2pvpn.vpn.group;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Which groups the hosts behind our device want, by their reports (IGMP and MLD snooping, RFC 4541). What nobody
 * reports any more lapses. Confined to the node's loop.
 */
public final class LocalGroups {
    /** Groups that are told apart; more are not delivered. */
    public static final int GROUPS_MAX = 256;
    /** The time between two questions to the hosts. */
    public static final int QUERY_SECONDS = 60;

    private static final long SECOND_NANOS = 1_000_000_000L;
    /** Two lost answers are forgiven (RFC 3376 section 8.4). */
    private static final long KEPT_NANOS = (2 * QUERY_SECONDS + 10) * SECOND_NANOS;
    /** Where one host wants a group no more, another has this long to say that it does. */
    private static final long LAST_NANOS = 6 * SECOND_NANOS;

    private final TreeMap<GroupAddress, Long> wanted = new TreeMap<>();

    /** True if some host wants it. */
    public boolean contains(GroupAddress group) {
        return wanted.containsKey(group);
    }

    /**
     * A host reports.
     *
     * @return true if it wants what none wanted before
     */
    public boolean onReport(GroupReport report, long nowNanos) {
        GroupAddress group = report.group();
        GroupAddress.Reach reach = group.reach();
        if (reach != GroupAddress.Reach.LINK && reach != GroupAddress.Reach.WANTED) {
            return false;
        }
        if (!report.wanted()) {
            wanted.computeIfPresent(group, (known, until) -> Math.min(until, nowNanos + LAST_NANOS));
            return false;
        }
        if (!wanted.containsKey(group) && wanted.size() >= GROUPS_MAX) {
            return false;
        }
        return wanted.put(group, nowNanos + KEPT_NANOS) == null;
    }

    /** Forgets the groups that nobody has reported for too long, and names them. */
    public List<GroupAddress> lapse(long nowNanos) {
        List<GroupAddress> lapsed = new ArrayList<>();
        wanted.forEach((group, until) -> {
            if (until - nowNanos <= 0) {
                lapsed.add(group);
            }
        });
        lapsed.forEach(wanted::remove);
        return lapsed;
    }
}
