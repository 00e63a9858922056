package io.p2pvpn.crawler.mapreduce;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What is done at every member, and how two answers become one. Installed by the program, never sent: a run names it.
 *
 * <p>No bytes at all are the answer of nobody. {@link #reduce} is associative, and answers come in any order.
 */
public interface MapReduceTask {
    /** The most bytes of a name. */
    int NAME_BYTES_MAX = 32;

    /** What it is called in messages: 1 to {@link #NAME_BYTES_MAX} ASCII characters. */
    String name();

    /**
     * This member's own answer, now or later. Must not change anything: it may run more than once.
     *
     * @return a failure leaves this member out, which the coverage tells
     */
    CompletableFuture<byte[]> map(MapContext context, byte[] argument);

    /**
     * Puts one more answer to those that there are.
     *
     * @param argument of the run
     * @param current all answers so far; empty if there are none
     * @param child one more, about its part of the ring, or why there is none: this is also where errors are handled
     * @return null if the child's answer cannot be right: it is left out, and others are asked about its part
     */
    @Nullable
    Reduced reduce(byte[] argument, byte[] current, ChildAnswer child);

    /**
     * What became of the answers.
     *
     * @param value put together
     * @param done whether more answers would not change it: others are not waited for
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared as a value
    record Reduced(byte[] value, boolean done) {
        /** One that others may change. */
        public static Reduced of(byte[] value) {
            return new Reduced(value, false);
        }
    }
}
