package io.p2pvpn.dht;

import io.p2pvpn.dht.wire.proto.SignedRecord;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records of one ring whose signatures were verified before: a look-up brings up to eight copies of one record. The one
 * that was asked for longest ago gives way. Belongs to one thread; nodes that share a thread may share it, since
 * verifying is a pure function.
 */
public final class VerifiedRecords {
    private static final float LOAD_FACTOR = 0.75f;

    private final byte[] ringId;
    private final int entriesMax;
    /** In the order of the last use. */
    private final Map<SignedRecord, DhtRecord> verified = new LinkedHashMap<>(16, LOAD_FACTOR, true);

    /**
     * None yet.
     *
     * @param ringId what the records of the ring are signed for; empty for the public ring
     * @param entriesMax how many are kept, about 1 kB each; at least one
     */
    public VerifiedRecords(byte[] ringId, int entriesMax) {
        if (entriesMax < 1) {
            throw new IllegalArgumentException("no room for any record");
        }
        this.ringId = ringId.clone();
        this.entriesMax = entriesMax;
    }

    byte[] ringId() {
        return ringId;
    }

    @Nullable
    DhtRecord get(SignedRecord signed) {
        return verified.get(signed);
    }

    void put(SignedRecord signed, DhtRecord record) {
        if (verified.size() >= entriesMax) {
            verified.remove(verified.keySet().iterator().next());
        }
        verified.put(signed, record);
    }
}
