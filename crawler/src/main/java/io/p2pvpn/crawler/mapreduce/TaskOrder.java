package io.p2pvpn.crawler.mapreduce;

import com.google.protobuf.ByteString;
import io.p2pvpn.crawler.wire.proto.Passed;
import io.p2pvpn.crawler.wire.proto.TaskStart;
import io.p2pvpn.crawler.wire.proto.TreeWire;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Arc;
import io.p2pvpn.overlay.ring.Contacts;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A part of a run, as it is handed to a member. Immutable.
 *
 * @param source whose run it is
 * @param number of the run, or of a part that was handed over once more
 * @param part names it between the two members
 * @param arc what is to be seen to; of a path: the position that it leads to
 * @param tree how it is shared out
 * @param hops links crossed, that to the receiver included
 * @param task what is to be done
 * @param argument for it; treat as read-only
 * @param leftNanos how long the answer is of use
 * @param waiting whether silent members are waited for
 * @param bytesMax the most that is answered
 * @param passed members that are passed by, and why
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as a value
record TaskOrder(
        OverlayId source,
        long number,
        long part,
        Arc arc,
        TreeWire tree,
        int hops,
        String task,
        byte[] argument,
        long leftNanos,
        boolean waiting,
        int bytesMax,
        SortedMap<OverlayId, GapReason> passed) {
    /** Members that are passed by at most. */
    static final int PASSED_MAX = 16;

    private static final long MILLI_NANOS = 1_000_000L;

    TaskOrder {
        passed = Collections.unmodifiableSortedMap(new TreeMap<>(passed));
    }

    /** What a child gets of it. */
    TaskOrder hand(long newNumber, long newPart, Arc newArc, long newLeftNanos, Map<OverlayId, GapReason> newPassed) {
        return new TaskOrder(
                source,
                newNumber,
                newPart,
                newArc,
                tree,
                hops + 1,
                task,
                argument,
                newLeftNanos,
                waiting,
                Math.min(bytesMax, TaskOptions.REPLY_BYTES_MAX),
                new TreeMap<>(newPassed));
    }

    /** The same, passing one more member by. */
    SortedMap<OverlayId, GapReason> passedWith(OverlayId member, GapReason reason) {
        SortedMap<OverlayId, GapReason> more = new TreeMap<>(passed);
        more.put(member, reason);
        return more;
    }

    boolean isPath() {
        return tree == TreeWire.TREE_PATH;
    }

    /** For a message. */
    TaskStart toWire(ByteString ring) {
        TaskStart.Builder wire = TaskStart.newBuilder()
                .setRing(ring)
                .setSource(Contacts.bytes(source))
                .setNumber(number)
                .setPart(part)
                .setFrom(Contacts.bytes(arc.from()))
                .setTo(Contacts.bytes(arc.to()))
                .setTree(tree)
                .setHops(hops)
                .setTask(task)
                .setArgument(ByteString.copyFrom(argument))
                .setLeftMillis((int) (leftNanos / MILLI_NANOS))
                .setWait(waiting)
                .setBytesMax(bytesMax);
        passed.forEach((member, reason) -> wire.addPassed(
                Passed.newBuilder().setMember(Contacts.bytes(member)).setReason(reason.number())));
        return wire.build();
    }

    /** From a message, or null if it cannot be right. */
    static @Nullable TaskOrder fromWire(TaskStart wire) {
        OverlayId source = Contacts.id(wire.getSource());
        OverlayId from = Contacts.id(wire.getFrom());
        OverlayId to = Contacts.id(wire.getTo());
        boolean fits = wire.getHops() >= 1
                && wire.getHops() <= MapReduce.HOPS_MAX
                && isName(wire.getTask())
                && wire.getArgument().size() <= TaskOptions.ARGUMENT_BYTES_MAX
                && wire.getLeftMillis() >= 1
                && wire.getLeftMillis() * MILLI_NANOS <= TaskOptions.TIMEOUT_MAX_NANOS
                && wire.getBytesMax() >= TaskOptions.REPLY_BYTES_MIN
                && wire.getBytesMax() <= TaskOptions.REPLY_BYTES_MAX
                && wire.getTree() != TreeWire.UNRECOGNIZED
                && wire.getPassedCount() <= PASSED_MAX;
        if (source == null || from == null || to == null || !fits) {
            return null;
        }
        SortedMap<OverlayId, GapReason> passed = new TreeMap<>();
        for (Passed each : wire.getPassedList()) {
            OverlayId member = Contacts.id(each.getMember());
            if (member == null) {
                return null;
            }
            passed.put(member, GapReason.of(each.getReason()));
        }
        return new TaskOrder(
                source,
                wire.getNumber(),
                wire.getPart(),
                new Arc(from, to),
                wire.getTree(),
                wire.getHops(),
                wire.getTask(),
                wire.getArgument().toByteArray(),
                wire.getLeftMillis() * MILLI_NANOS,
                wire.getWait(),
                wire.getBytesMax(),
                passed);
    }

    private static boolean isName(String name) {
        return !name.isEmpty()
                && name.length() <= MapReduceTask.NAME_BYTES_MAX
                && name.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }
}
