package io.p2pvpn.simulator;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.ring.RingPeer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One look at one direction of a ring; {@link RingInvariants} says what the names of the invariants mean. */
final class RingSideCheck {
    /** Neighbours on each side, as docs/protocol.md section 6.4 has it. */
    static final int NEAR = 4;

    private final List<RingLife> members;
    private final Map<OverlayId, PublicIdentity> owners;
    private final boolean clockwise;
    private final RingGrace grace;
    private final long nowNanos;
    private final TreeMap<OverlayId, Integer> places = new TreeMap<>();
    private long recheckNanos = Long.MAX_VALUE;

    /** @param members in the order of their IDs */
    RingSideCheck(
            List<RingLife> members,
            Map<OverlayId, PublicIdentity> owners,
            boolean clockwise,
            RingGrace grace,
            long nowNanos) {
        this.members = members;
        this.owners = owners;
        this.clockwise = clockwise;
        this.grace = grace;
        this.nowNanos = nowNanos;
        for (int i = 0; i < members.size(); i++) {
            places.put(members.get(i).id(), i);
        }
    }

    /** When something that is tolerated now will no longer be. */
    long recheckNanos() {
        return recheckNanos;
    }

    /** Throws at the first invariant that does not hold. */
    void run() {
        for (RingLife member : members) {
            checkOrder(member);
            checkLinks(member);
        }
        int[] skippers = skippers();
        checkCycle(skippers);
        checkPrincipals(skippers);
        for (RingLife member : members) {
            Map<String, Long> lags = new TreeMap<>();
            checkSymmetry(member, lags);
            checkBestIsLinked(member, lags);
            member.setLags(clockwise, lags);
        }
    }

    private void checkOrder(RingLife member) {
        OverlayId before = member.id();
        for (OverlayId id : member.side(clockwise).list()) {
            boolean isNext = !id.equals(member.id())
                    && !id.equals(before)
                    && (clockwise ? id.isBetween(before, member.id()) : id.isBetween(member.id(), before));
            if (!isNext) {
                fail("P2", "list out of order at " + id.toShortString() + ": " + member.describe());
            }
            if (!owners.containsKey(id)) {
                fail("S0", "nobody ever was " + id.toShortString() + ": " + member.describe());
            }
            before = id;
        }
    }

    private void checkLinks(RingLife member) {
        for (RingPeer link : member.side(clockwise).linked()) {
            boolean isTrue = link.session().isOpen()
                    && link.session().isLinked()
                    && link.session().peer().equals(owners.get(link.id()));
            if (!isTrue) {
                fail("S0", "no session with " + link.id().toShortString() + ": " + member.describe());
            }
        }
    }

    private void checkCycle(int[] skippers) {
        int size = members.size();
        int[] next = new int[size];
        for (int i = 0; i < size; i++) {
            next[i] = best(i);
            if (next[i] < 0) {
                if (hasEstablishedBesides(i)) {
                    fail("P1", "no live neighbour: " + members.get(i).describe());
                }
                next[i] = i;
            }
        }
        boolean[] inRing = new boolean[size];
        int cycles = markCycles(next, inRing);
        if (size > 0 && cycles != 1) {
            fail("P3", cycles + " cycles");
        }
        int turns = 0;
        for (int i = 0; i < size; i++) {
            boolean passesTop = clockwise ? next[i] <= i : next[i] >= i;
            turns += inRing[i] && passesTop ? 1 : 0;
        }
        if (size > 0 && turns != 1) {
            fail("P3", "the cycle goes round " + turns + " times");
        }
        for (int i = 0; i < size; i++) {
            if (!inRing[i] && isEstablished(members.get(i))) {
                fail("P4", "outside the cycle: " + members.get(i).describe());
            }
        }
        for (int i = 0; i < size; i++) {
            if (!inRing[i] && skippers[i] < 0) {
                fail("P5", "principal outside the cycle: " + members.get(i).describe());
            }
        }
    }

    /** Marks who is on a cycle of {@code next}; how many cycles there are. */
    private static int markCycles(int[] next, boolean[] inRing) {
        int[] seenFrom = new int[next.length];
        Arrays.fill(seenFrom, -1);
        int cycles = 0;
        for (int start = 0; start < next.length; start++) {
            int at = start;
            while (seenFrom[at] < 0) {
                seenFrom[at] = start;
                at = next[at];
            }
            if (seenFrom[at] == start && !inRing[at]) {
                cycles++;
                while (!inRing[at]) {
                    inRing[at] = true;
                    at = next[at];
                }
            }
        }
        return cycles;
    }

    /** The place of the first live entry of a member's list, or -1. */
    private int best(int i) {
        for (OverlayId id : members.get(i).side(clockwise).list()) {
            Integer place = places.get(id);
            if (place != null) {
                return place;
            }
        }
        return -1;
    }

    private void checkPrincipals(int[] skippers) {
        for (int i = 0; i < members.size(); i++) {
            if (skippers[i] >= 0 && isEstablished(members.get(i))) {
                fail(
                        "P6",
                        "skipped: " + members.get(i).describe() + " by "
                                + members.get(skippers[i]).describe());
            }
        }
    }

    /** Of each member somebody in whose list it stands between two entries that follow each other, or -1. */
    private int[] skippers() {
        int size = members.size();
        int[] skippers = new int[size];
        Arrays.fill(skippers, -1);
        for (int i = 0; i < size; i++) {
            List<OverlayId> list = members.get(i).side(clockwise).list();
            OverlayId end = list.size() < NEAR
                    ? members.get(i).id()
                    : list.get(lastJudged(members.get(i).side(clockwise)));
            for (int k = 1; k < size; k++) {
                int place = Math.floorMod(clockwise ? i + k : i - k, size);
                OverlayId id = members.get(place).id();
                OverlayId self = members.get(i).id();
                if (clockwise ? !id.isBetween(self, end) : !id.isBetween(end, self)) {
                    // The others lie further away still.
                    break;
                }
                if (!list.contains(id)) {
                    skippers[place] = i;
                }
            }
        }
        return skippers;
    }

    /**
     * Up to which entry of a list there may be no gap: the fourth live one, or the fourth that is not linked, as no
     * more are called at a time. While those handshakes take their time, a list reaches on to whatever else is linked.
     */
    private int lastJudged(RingLife.Side side) {
        List<OverlayId> list = side.list();
        List<OverlayId> linked = side.linked().stream().map(RingPeer::id).toList();
        int live = 0;
        int called = 0;
        for (int i = 0; i < list.size(); i++) {
            live += places.containsKey(list.get(i)) ? 1 : 0;
            called += linked.contains(list.get(i)) ? 0 : 1;
            if (live == NEAR || called == NEAR) {
                return i;
            }
        }
        return list.size() - 1;
    }

    private void checkSymmetry(RingLife member, Map<String, Long> lags) {
        for (RingPeer link : member.side(clockwise).linked()) {
            Integer place = places.get(link.id());
            RingLife other = place == null ? null : members.get(place);
            boolean isOneSided = other != null
                    && (!RingLife.isPresent(link, other) || other.ring().peer(member.id()) == null);
            if (isOneSided) {
                tolerate("S1", "one-sided link to " + link.id().toShortString(), member, grace.detectionNanos(), lags);
            }
        }
    }

    private void checkBestIsLinked(RingLife member, Map<String, Long> lags) {
        int best = best(places.getOrDefault(member.id(), -1));
        RingLife other = best < 0 ? null : members.get(best);
        if (other == null || member.linkTo(other, clockwise) != null) {
            return;
        }
        boolean isFirst = member.side(clockwise).list().get(0).equals(other.id());
        boolean isSpokenTo = member.side(clockwise).linked().stream()
                .anyMatch(link -> link.id().equals(other.id()));
        if (isFirst && !isSpokenTo && member.memberSinceNanos() == nowNanos && isEstablished(other)) {
            fail("S2", "became a member without a link to " + other.host().name() + ": " + member.describe());
        }
        tolerate("S2", "no link to " + other.id().toShortString(), member, grace.linkNanos(), lags);
    }

    private void tolerate(String invariant, String lag, RingLife member, long nanos, Map<String, Long> lags) {
        long sinceNanos = member.lags(clockwise).getOrDefault(lag, nowNanos);
        if (nowNanos >= sinceNanos + nanos) {
            fail(invariant, lag + " for " + nanos / 1_000_000 + " ms: " + member.describe());
        }
        lags.put(lag, sinceNanos);
        recheckNanos = Math.min(recheckNanos, sinceNanos + nanos);
    }

    private boolean hasEstablishedBesides(int i) {
        for (int k = 0; k < members.size(); k++) {
            if (k != i && isEstablished(members.get(k))) {
                return true;
            }
        }
        return false;
    }

    private boolean isEstablished(RingLife member) {
        long establishedNanos = member.memberSinceNanos() + grace.newsNanos();
        if (nowNanos < establishedNanos) {
            recheckNanos = Math.min(recheckNanos, establishedNanos);
            return false;
        }
        return true;
    }

    private static void fail(String invariant, String detail) {
        throw new RingViolation(invariant, detail);
    }
}
