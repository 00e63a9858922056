package io.p2pvpn.crawler.task;

import io.p2pvpn.crawler.mapreduce.ChildAnswer;
import io.p2pvpn.overlay.ring.Arc;

/** Answers of children, for tests. */
final class Answers {
    private Answers() {}

    static ChildAnswer of(Arc arc, byte[] value) {
        return new ChildAnswer(arc, value, null);
    }
}
