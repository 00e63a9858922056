package io.p2pvpn.crawler.mapreduce;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Arc;
import org.jspecify.annotations.Nullable;

/**
 * What is to be run, and how. Immutable.
 *
 * @param task the name of an installed task
 * @param argument for it, at most {@link #ARGUMENT_BYTES_MAX}
 * @param tree where it goes
 * @param arc of {@link Tree#SPLIT}: which part of the ring; null for all of it
 * @param target of {@link Tree#PATH}: the position
 * @param timeoutNanos the whole time there is
 * @param waiting whether slow and silent members are waited for as long as that; otherwise what is there at each
 *     member's share of the time is taken, and others see to the parts of silent ones
 * @param replyBytesMax the most that a member answers at once; a larger answer is asked for in parts
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as a value
public record TaskOptions(
        String task,
        byte[] argument,
        Tree tree,
        @Nullable Arc arc,
        @Nullable OverlayId target,
        long timeoutNanos,
        boolean waiting,
        int replyBytesMax) {
    /** The most bytes of an argument. */
    public static final int ARGUMENT_BYTES_MAX = 1024;
    /** The shortest and the longest time that can be given. */
    public static final long TIMEOUT_MIN_NANOS = 100_000_000L;

    /** The longest time that can be given. */
    public static final long TIMEOUT_MAX_NANOS = 600_000_000_000L;
    /** What a member may be asked to answer at once. */
    public static final int REPLY_BYTES_MIN = 1024;

    /** What a member may be asked to answer at once. */
    public static final int REPLY_BYTES_MAX = 1024 * 1024;

    /** Checks the ranges. */
    public TaskOptions {
        if (task.isEmpty() || task.length() > MapReduceTask.NAME_BYTES_MAX || argument.length > ARGUMENT_BYTES_MAX) {
            throw new IllegalArgumentException("a task's name or argument is too long");
        }
        if (timeoutNanos < TIMEOUT_MIN_NANOS || timeoutNanos > TIMEOUT_MAX_NANOS) {
            throw new IllegalArgumentException("a run takes 0.1 s to 10 minutes");
        }
        if (replyBytesMax < REPLY_BYTES_MIN || replyBytesMax > REPLY_BYTES_MAX) {
            throw new IllegalArgumentException("a reply has 1 KiB to 1 MiB");
        }
        if (tree == Tree.PATH && target == null) {
            throw new IllegalArgumentException("a path leads to a position");
        }
    }

    /** Over the whole ring. */
    public static TaskOptions of(String task, byte[] argument, long timeoutNanos) {
        return new TaskOptions(task, argument, Tree.SPLIT, null, null, timeoutNanos, false, REPLY_BYTES_MAX);
    }

    /** The same along the way to a position. */
    public TaskOptions along(OverlayId position) {
        return new TaskOptions(task, argument, Tree.PATH, null, position, timeoutNanos, waiting, replyBytesMax);
    }

    /** The same over a part of the ring. */
    public TaskOptions within(Arc part) {
        return new TaskOptions(task, argument, Tree.SPLIT, part, null, timeoutNanos, waiting, replyBytesMax);
    }

    /** The same from both sides. */
    public TaskOptions bothWays() {
        return new TaskOptions(task, argument, Tree.BOTH, null, null, timeoutNanos, waiting, replyBytesMax);
    }

    /** The same, waiting for slow members, or not. */
    public TaskOptions waiting(boolean newWaiting) {
        return new TaskOptions(task, argument, tree, arc, target, timeoutNanos, newWaiting, replyBytesMax);
    }

    /** The same with smaller answers. */
    public TaskOptions withReplyBytes(int bytes) {
        return new TaskOptions(task, argument, tree, arc, target, timeoutNanos, waiting, bytes);
    }
}
