package io.p2pvpn.crawler.mapreduce;

import io.p2pvpn.overlay.ring.Arc;
import org.jspecify.annotations.Nullable;

/**
 * What came of a part of the ring. Immutable.
 *
 * @param arc the part
 * @param value the answer; null if there is none
 * @param gap why there is none; null if there is one
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as a value
public record ChildAnswer(
        Arc arc, byte @Nullable [] value, @Nullable Gap gap) {
    static ChildAnswer of(Arc arc, byte[] value) {
        return new ChildAnswer(arc, value, null);
    }

    static ChildAnswer missing(Gap gap) {
        return new ChildAnswer(gap.arc(), null, gap);
    }
}
