package io.p2pvpn.dht;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.noise.Digests;
import java.util.Arrays;

/** Which of two records stays. Pure functions of the records alone, so that merging gives the same in any order. */
final class RecordOrder {
    private RecordOrder() {}

    /**
     * Whether {@code candidate} takes the place of {@code standing}, a record of the same owner, key and kind: by
     * sequence number; where an owner signed two with one number, the tombstone, else the greater content.
     */
    static boolean supersedes(DhtRecord candidate, DhtRecord standing) {
        int bySequence = Long.compareUnsigned(candidate.sequence(), standing.sequence());
        if (bySequence != 0) {
            return bySequence > 0;
        }
        if (candidate.isTombstone() != standing.isTombstone()) {
            return candidate.isTombstone();
        }
        ByteString content = candidate.signed().getContent();
        return ByteString.unsignedLexicographicalComparator()
                        .compare(content, standing.signed().getContent())
                > 0;
    }

    /**
     * Whether a claim takes the key from another owner's living claim. A tentative one never does, a confirmed one
     * does if the other is tentative or its own rank is smaller.
     */
    static boolean displaces(DhtRecord candidate, DhtRecord holder) {
        if (candidate.isTentative()) {
            return false;
        }
        return holder.isTentative() || outranks(candidate, holder);
    }

    /** Whether {@code a} has the smaller SHA-256(key || owner key). */
    static boolean outranks(DhtRecord a, DhtRecord b) {
        return Arrays.compareUnsigned(rank(a.key(), a), rank(b.key(), b)) < 0;
    }

    private static byte[] rank(OverlayId key, DhtRecord record) {
        return Digests.sha256(key.toByteArray(), record.owner().signingKey());
    }
}
