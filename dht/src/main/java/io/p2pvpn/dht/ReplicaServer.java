package io.p2pvpn.dht;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.dht.wire.proto.GetAnswer;
import io.p2pvpn.dht.wire.proto.GetReply;
import io.p2pvpn.dht.wire.proto.GetRequest;
import io.p2pvpn.dht.wire.proto.HandOverReply;
import io.p2pvpn.dht.wire.proto.HandOverRequest;
import io.p2pvpn.dht.wire.proto.PutReply;
import io.p2pvpn.dht.wire.proto.PutRequest;
import io.p2pvpn.dht.wire.proto.StoredRecord;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.RingCall;
import io.p2pvpn.overlay.ring.RingCallException;
import io.p2pvpn.overlay.runtime.Counters.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/**
 * Answers the calls of other members: the replica's side.
 *
 * <p>What cannot be parsed is dropped without an answer; what parses and is refused gets the reason, so that an honest
 * caller's error message can say it. Both are counted. Nothing is served before the ring is joined: a node that does
 * not know its place yet would answer "absent" for records that others keep.
 */
final class ReplicaServer {
    private final DhtContext context;
    private final RecordStore store;
    private final Counter malformed;
    private long settledMillis;

    ReplicaServer(DhtContext context, RecordStore store) {
        this.context = context;
        this.store = store;
        this.malformed = context.counter("dht.drop.malformed");
    }

    void register() {
        context.ring().handle(DhtContext.PUT, this::onPut);
        context.ring().handle(DhtContext.GET, this::onGet);
        context.ring().handle(DhtContext.HAND_OVER, this::onHandOver);
        context.ring().onJoined(this::onJoined);
    }

    private CompletableFuture<byte[]> onPut(RingCall call) {
        PutRequest request;
        try {
            request = PutRequest.parseFrom(call.request());
        } catch (InvalidProtocolBufferException e) {
            return drop();
        }
        RecordStore.PutResult result = context.isServing()
                ? accept(request.getStored(), call.target())
                : new RecordStore.PutResult(PutStatus.NOT_READY, null);
        PutReply.Builder reply = PutReply.newBuilder().setStatus(result.status().wire());
        RecordStore.Stored standing = result.standing();
        if (standing != null) {
            reply.setStanding(context.toWire(standing.record(), standing.remainingMillis(context.nowMillis())));
        }
        return CompletableFuture.completedFuture(reply.build().toByteArray());
    }

    private RecordStore.PutResult accept(StoredRecord offered, OverlayId position) {
        RecordCodec.Parsed parsed = context.codec().parse(offered.getRecord(), store::holds);
        DhtRecord record = parsed.record();
        if (record != null && !DhtKeys.positions(record.key()).contains(position)) {
            return refused(PutStatus.INVALID);
        }
        return record == null ? refused(parsed.refusal()) : merge(record, offered.getRemainingMillis());
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
        if (result.status() == PutStatus.FULL) {
            return refused(PutStatus.FULL);
        }
        return result;
    }

    private RecordStore.PutResult refused(PutStatus status) {
        context.counter("dht.drop." + status.name().toLowerCase(Locale.ROOT)).increment();
        return new RecordStore.PutResult(status, null);
    }

    private CompletableFuture<byte[]> onGet(RingCall call) {
        GetRequest request;
        try {
            request = GetRequest.parseFrom(call.request());
        } catch (InvalidProtocolBufferException e) {
            return drop();
        }
        if (request.getKey().size() != OverlayId.BYTES
                || (!request.getNonce().isEmpty() && request.getNonce().size() != DhtLimits.NONCE_BYTES)) {
            return drop();
        }
        OverlayId key = OverlayId.of(request.getKey().toByteArray());
        GetAnswer answer = context.isServing()
                ? answer(key)
                : GetAnswer.newBuilder().setNotReady(true).build();
        if (!request.getNonce().isEmpty() && answer.getRecordsCount() == 0 && !isSettled()) {
            // Whoever asks for a signature decides on absence: a newcomer cannot know yet what it was not handed.
            answer = GetAnswer.newBuilder().setNotReady(true).build();
        }
        ByteString bytes = answer.toByteString();
        GetReply.Builder reply = GetReply.newBuilder().setAnswer(bytes);
        if (!request.getNonce().isEmpty()) {
            context.answers().sign(reply, key, call.target(), request.getNonce());
        }
        return CompletableFuture.completedFuture(reply.build().toByteArray());
    }

    private boolean isSettled() {
        return context.nowMillis() - settledMillis >= 0;
    }

    private void onJoined() {
        boolean founder = context.ring().successors().isEmpty();
        settledMillis = context.nowMillis() + (founder ? 0 : DhtLimits.SETTLE_MILLIS);
    }

    private GetAnswer answer(OverlayId key) {
        List<RecordStore.Stored> living = new ArrayList<>();
        List<RecordStore.Stored> others = new ArrayList<>();
        for (RecordStore.Stored stored : store.get(key, context.nowMillis())) {
            (stored.record().isVisible() ? living : others).add(stored);
        }
        GetAnswer.Builder answer = GetAnswer.newBuilder();
        int bytesLeft = addSample(answer, living, DhtLimits.ANSWER_BYTES_MAX);
        addSample(answer, others, bytesLeft);
        return answer.setSampled(answer.getRecordsCount() < living.size() + others.size())
                .build();
    }

    /** Adds what fits, drawn at random when not all does; returns the bytes left. */
    private int addSample(GetAnswer.Builder answer, List<RecordStore.Stored> candidates, int bytesMax) {
        int bytesLeft = bytesMax;
        for (int i = 0; i < candidates.size() && i < DhtLimits.ANSWER_RECORDS_MAX; i++) {
            int drawn = i + context.random().nextInt(candidates.size() - i);
            RecordStore.Stored stored = candidates.get(drawn);
            candidates.set(drawn, candidates.get(i));
            int size = stored.record().sizeBytes();
            if (size <= bytesLeft) {
                answer.addRecords(context.toWire(stored.record(), stored.remainingMillis(context.nowMillis())));
                bytesLeft -= size;
            }
        }
        return bytesLeft;
    }

    private CompletableFuture<byte[]> onHandOver(RingCall call) {
        HandOverRequest request;
        try {
            request = HandOverRequest.parseFrom(call.request());
        } catch (InvalidProtocolBufferException e) {
            return drop();
        }
        HandOverReply.Builder reply = HandOverReply.newBuilder();
        if (!context.isServing()) {
            return CompletableFuture.completedFuture(
                    reply.setNotReady(true).build().toByteArray());
        }
        int stored = 0;
        for (StoredRecord offered : request.getRecordsList()) {
            RecordCodec.Parsed parsed = context.codec().parse(offered.getRecord(), store::holds);
            DhtRecord record = parsed.record();
            RecordStore.PutResult result =
                    record == null ? refused(parsed.refusal()) : merge(record, offered.getRemainingMillis());
            if (result.status() == PutStatus.STORED) {
                stored++;
            }
        }
        return CompletableFuture.completedFuture(
                reply.setStoredCount(stored).build().toByteArray());
    }

    private CompletableFuture<byte[]> drop() {
        malformed.increment();
        return CompletableFuture.failedFuture(new RingCallException("malformed request"));
    }
}
