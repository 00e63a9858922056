package io.p2pvpn.vpn.group;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The members that get a copy each of what our host sends to a group. Who they are is found out by asking all now and
 * then: those that want the group report so. The first packets go to all, and ask by that; so do all packets where the
 * members are too many. Confined to the node's loop.
 */
public final class GroupAudience {
    /** Groups that our host sends to; the one idle longest gives way. */
    public static final int GROUPS_MAX = 256;
    /** Members that get copies: what is sent once to each of more would be sent once to everybody cheaper. */
    public static final int MEMBERS_MAX = 32;

    private static final long SECOND_NANOS = 1_000_000_000L;
    /** So many packets go to all: whoever looks for somebody sends no more. */
    static final int OPENING_PACKETS = 8;
    /** What follows waits until then for those who report: it may be a stream. */
    public static final long OPENING_NANOS = SECOND_NANOS / 2;
    /** The time between two questions. */
    private static final long ASKING_NANOS = 10 * SECOND_NANOS;
    /** Reports are made again after this long at least ... */
    public static final long REPORT_NANOS = 2 * ASKING_NANOS;
    /** ... and hold for this long. */
    private static final long KEPT_NANOS = 3 * REPORT_NANOS;

    private static final float LOAD_FACTOR = 0.75f;

    /** What becomes of a packet. */
    public enum Plan {
        /** It goes to all; then the members get no copies of it. */
        ALL,
        /** It waits until the opening is over. */
        LATER,
        /** The members get a copy each. */
        COPIES
    }

    private static final class Audience {
        private final TreeMap<Integer, Long> members = new TreeMap<>();
        private final long sinceNanos;
        private long askedNanos;
        private int packets;

        Audience(long nowNanos) {
            sinceNanos = nowNanos;
            // Opening packets ask by themselves.
            askedNanos = nowNanos - ASKING_NANOS + OPENING_NANOS;
        }
    }

    private final Map<GroupAddress, Audience> audiences = new LinkedHashMap<>(16, LOAD_FACTOR, true);

    /** Our host sends a packet to that group. */
    public Plan plan(GroupAddress group, long nowNanos) {
        Audience audience = audiences.computeIfAbsent(group, unused -> new Audience(nowNanos));
        if (audiences.size() > GROUPS_MAX) {
            audiences.remove(audiences.keySet().iterator().next());
        }
        audience.members.values().removeIf(until -> until - nowNanos <= 0);
        if (audience.members.size() >= MEMBERS_MAX) {
            return Plan.ALL;
        }
        boolean opening = nowNanos - audience.sinceNanos < OPENING_NANOS;
        if (opening && audience.packets < OPENING_PACKETS) {
            audience.packets++;
            return Plan.ALL;
        }
        return opening ? Plan.LATER : Plan.COPIES;
    }

    /** True if all are to be asked now whether they want what our host sends to a group; they count as asked then. */
    public boolean takeQuestion(GroupAddress group, long nowNanos) {
        Audience audience = audiences.get(group);
        if (audience == null || nowNanos - audience.askedNanos < ASKING_NANOS) {
            return false;
        }
        audience.askedNanos = nowNanos;
        return true;
    }

    /** The addresses of those that get a copy each. */
    public List<Integer> members(GroupAddress group) {
        Audience audience = audiences.get(group);
        return audience == null ? List.of() : List.copyOf(audience.members.keySet());
    }

    /**
     * A member reports.
     *
     * @return false if our host does not send to that group
     */
    public boolean onReport(GroupReport report, int ipv4, long nowNanos) {
        Audience audience = audiences.get(report.group());
        if (audience == null) {
            return false;
        }
        if (!report.wanted()) {
            audience.members.remove(ipv4);
        } else if (audience.members.containsKey(ipv4) || audience.members.size() < MEMBERS_MAX) {
            audience.members.put(ipv4, nowNanos + KEPT_NANOS);
        }
        return true;
    }

    /** Somebody may want that group who did not: all are asked with the next packet. */
    public void hurry(GroupAddress group, long nowNanos) {
        Audience audience = audiences.get(group);
        if (audience != null && nowNanos - audience.askedNanos >= SECOND_NANOS) {
            audience.askedNanos = nowNanos - ASKING_NANOS;
        }
    }

    /** Forgets that member. */
    public void forget(int ipv4) {
        audiences.values().forEach(audience -> audience.members.remove(ipv4));
    }
}
