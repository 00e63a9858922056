package io.p2pvpn.crawler.mapreduce;

import io.p2pvpn.crawler.wire.proto.CoverageWire;
import io.p2pvpn.crawler.wire.proto.GapWire;
import io.p2pvpn.crawler.wire.proto.MemberTime;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Arc;
import io.p2pvpn.overlay.ring.Contacts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Adds coverages up, and moves them to and from messages. Confined to the node's loop. */
final class CoverageSum {
    /** Gaps that one answer tells; where there are more, those that follow become one. */
    static final int GAPS_MAX = 64;
    /** What a caller gets to see at most. */
    static final int GAPS_SHOWN_MAX = 1024;

    private static final long MICROS_MAX = 0xffff_ffffL;
    private static final Comparator<Coverage.Time> SLOWEST_FIRST =
            Comparator.comparingLong(Coverage.Time::mapMicros).reversed().thenComparing(Coverage.Time::member);

    private final List<Gap> gaps = new ArrayList<>();
    private final List<Coverage.Time> slowest = new ArrayList<>();
    private int members;
    private long messages;
    private long bytes;
    private int depth;
    private long mapMicros;
    private long routingMicros;

    void gap(Gap gap) {
        if (gaps.size() < GAPS_SHOWN_MAX) {
            gaps.add(gap);
        }
    }

    /** A request and its reply. */
    void call(int requestBytes, int replyBytes) {
        messages += 2;
        bytes += requestBytes + replyBytes;
    }

    void traffic(long someMessages, long someBytes) {
        messages += someMessages;
        bytes += someBytes;
    }

    /** Our own map is in. */
    void member(OverlayId self, long micros) {
        members++;
        mapMicros += micros;
        time(new Coverage.Time(self, micros, 0));
    }

    /** Our own map does not count after all. */
    void unmember() {
        members--;
    }

    /** All others have answered so long after our own map. */
    void waited(OverlayId self, long micros) {
        routingMicros += micros;
        slowest.replaceAll(
                each -> each.member().equals(self) ? new Coverage.Time(self, each.mapMicros(), micros) : each);
    }

    void deep(int hops) {
        depth = Math.max(depth, hops);
    }

    private void time(Coverage.Time time) {
        slowest.add(time);
        slowest.sort(SLOWEST_FIRST);
        if (slowest.size() > Coverage.SLOWEST_MAX) {
            slowest.remove(Coverage.SLOWEST_MAX);
        }
    }

    void add(Coverage other) {
        other.gaps().forEach(this::gap);
        addWithoutGaps(other);
    }

    void addWithoutGaps(Coverage other) {
        members += other.members();
        messages += other.messages();
        bytes += other.bytes();
        depth = Math.max(depth, other.depth());
        mapMicros += other.mapMicros();
        routingMicros += other.routingMicros();
        other.slowest().forEach(this::time);
    }

    Coverage toCoverage() {
        return new Coverage(members, gaps, messages, bytes, depth, mapMicros, routingMicros, slowest);
    }

    // -------------------------------------------------------------------- messages

    /** For a message about an arc: what are too many gaps is one from there to the end of the arc. */
    static CoverageWire toWire(Coverage coverage, Arc arc) {
        CoverageWire.Builder wire = CoverageWire.newBuilder()
                .setMembers(coverage.members())
                .setMessages((int) Math.min(coverage.messages(), Integer.MAX_VALUE))
                .setBytes(coverage.bytes())
                .setDepth(coverage.depth())
                .setMapMicros(coverage.mapMicros())
                .setRoutingMicros(coverage.routingMicros());
        for (Coverage.Time time : coverage.slowest()) {
            wire.addSlowest(MemberTime.newBuilder()
                    .setMember(Contacts.bytes(time.member()))
                    .setMapMicros((int) Math.min(time.mapMicros(), MICROS_MAX))
                    .setRoutingMicros((int) Math.min(time.routingMicros(), MICROS_MAX)));
        }
        bounded(coverage.gaps(), arc).forEach(gap -> wire.addGaps(toWire(gap)));
        return wire.build();
    }

    /** At most {@link #GAPS_MAX} gaps, which leave out nothing that the given ones leave out. */
    static List<Gap> bounded(List<Gap> gaps, Arc arc) {
        if (gaps.size() <= GAPS_MAX) {
            return gaps;
        }
        List<Gap> sorted = new ArrayList<>(gaps);
        sorted.sort(Comparator.comparing(
                gap -> arc.from().clockwiseDistanceTo(gap.arc().from())));
        List<Gap> some = new ArrayList<>(sorted.subList(0, GAPS_MAX - 1));
        Gap next = sorted.get(GAPS_MAX - 1);
        some.add(new Gap(new Arc(next.arc().from(), arc.to()), next.reason(), next.member()));
        return some;
    }

    private static GapWire toWire(Gap gap) {
        GapWire.Builder wire = GapWire.newBuilder()
                .setFrom(Contacts.bytes(gap.arc().from()))
                .setTo(Contacts.bytes(gap.arc().to()))
                .setReason(gap.reason().number());
        if (gap.member() != null) {
            wire.setMember(Contacts.bytes(gap.member()));
        }
        return wire.build();
    }

    /** From a message about an arc, or null if it cannot be right. */
    static @Nullable Coverage fromWire(CoverageWire wire, Arc arc) {
        if (wire.getGapsCount() > GAPS_MAX
                || wire.getSlowestCount() > Coverage.SLOWEST_MAX
                || wire.getMembers() < 0
                || wire.getMessages() < 0
                || wire.getBytes() < 0
                || wire.getDepth() < 0
                || wire.getDepth() > MapReduce.HOPS_MAX
                || wire.getMapMicros() < 0
                || wire.getRoutingMicros() < 0) {
            return null;
        }
        List<Gap> gaps = new ArrayList<>();
        for (GapWire each : wire.getGapsList()) {
            OverlayId from = Contacts.id(each.getFrom());
            OverlayId to = Contacts.id(each.getTo());
            OverlayId member = Contacts.id(each.getMember());
            if (from == null
                    || to == null
                    || (member == null && !each.getMember().isEmpty())) {
                return null;
            }
            Arc missing = new Arc(from, to);
            if (!arc.contains(missing)) {
                return null;
            }
            gaps.add(new Gap(missing, GapReason.of(each.getReason()), member));
        }
        List<Coverage.Time> slowest = new ArrayList<>();
        for (MemberTime each : wire.getSlowestList()) {
            OverlayId member = Contacts.id(each.getMember());
            if (member == null || !arc.contains(member)) {
                return null;
            }
            slowest.add(new Coverage.Time(
                    member,
                    Integer.toUnsignedLong(each.getMapMicros()),
                    Integer.toUnsignedLong(each.getRoutingMicros())));
        }
        return new Coverage(
                wire.getMembers(),
                gaps,
                wire.getMessages(),
                wire.getBytes(),
                wire.getDepth(),
                wire.getMapMicros(),
                wire.getRoutingMicros(),
                slowest);
    }
}
