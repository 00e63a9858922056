package io.p2pvpn.dht;

import io.p2pvpn.dht.wire.proto.StoredRecord;
import java.util.Locale;

/** The one way into the store: what arrives is verified, judged by time and policy, merged; refusals are counted. */
final class Intake {
    private final DhtContext context;
    private final RecordStore store;

    Intake(DhtContext context, RecordStore store) {
        this.context = context;
        this.store = store;
    }

    /** Verifies a record. */
    RecordCodec.Parsed parse(StoredRecord offered) {
        return context.codec().parse(offered.getRecord(), store::holds);
    }

    /** Takes what another replica hands over: whether it is here now. */
    boolean take(StoredRecord offered) {
        RecordCodec.Parsed parsed = parse(offered);
        DhtRecord record = parsed.record();
        RecordStore.PutResult result =
                record == null ? refused(parsed.refusal()) : merge(record, offered.getRemainingMillis());
        return result.status() == PutStatus.STORED;
    }

    /** Takes a verified record into the store, if time and policy allow. */
    RecordStore.PutResult merge(DhtRecord record, long offeredMillis) {
        long remainingMillis = context.acceptedMillis(record, offeredMillis);
        if (remainingMillis <= 0) {
            return refused(PutStatus.CLOCK);
        }
        if (!context.policy().accepts(record)) {
            return refused(PutStatus.POLICY);
        }
        RecordStore.PutResult result = store.put(record, remainingMillis, context.nowMillis());
        if (result.status() == PutStatus.FULL || result.status() == PutStatus.HELD) {
            count(result.status());
        }
        return result;
    }

    RecordStore.PutResult refused(PutStatus status) {
        count(status);
        return new RecordStore.PutResult(status, null);
    }

    private void count(PutStatus status) {
        context.counter("dht.drop." + status.name().toLowerCase(Locale.ROOT)).increment();
    }
}
