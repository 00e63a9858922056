package io.p2pvpn.dht;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a look-up found.
 *
 * @param records living records, by owner; of more than a replica sends, a random sample; of claims the one that
 *     holds the key, if any
 * @param answered positions that answered (of eight); in a small ring one member may answer for several
 * @param responders members that signed answers, when signed answers were asked for; else 0
 * @param majorityAbsent at least five positions answered, and none had a living record
 * @param conclusive at least five positions answered
 */
public record GetResult(
        List<DhtRecord> records, int answered, int responders, boolean majorityAbsent, boolean conclusive) {
    /** Keeps its own copy of the list. */
    public GetResult {
        records = List.copyOf(records);
    }

    /** The confirmed claim that holds the key, or null. */
    public @Nullable DhtRecord holder() {
        for (DhtRecord record : records) {
            if (record.isClaim()) {
                return record;
            }
        }
        return null;
    }
}
