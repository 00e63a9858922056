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
    private final Intake intake;
    private final ZoneFetch fetch;
    private final Counter malformed;

    ReplicaServer(DhtContext context, RecordStore store, Intake intake, ZoneFetch fetch) {
        this.context = context;
        this.store = store;
        this.intake = intake;
        this.fetch = fetch;
        this.malformed = context.counter("dht.drop.malformed");
    }

    void register() {
        context.ring().handle(DhtContext.PUT, this::onPut);
        context.ring().handle(DhtContext.GET, this::onGet);
        context.ring().handle(DhtContext.HAND_OVER, this::onHandOver);
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
        RecordCodec.Parsed parsed = intake.parse(offered);
        DhtRecord record = parsed.record();
        if (record == null) {
            return intake.refused(parsed.refusal());
        }
        if (!DhtKeys.positions(record.key()).contains(position)) {
            return intake.refused(PutStatus.INVALID);
        }
        if (record.isTentative() && !fetch.isSettled(position)) {
            // A rival's claim may be on its way to us.
            return new RecordStore.PutResult(PutStatus.NOT_READY, null);
        }
        return intake.merge(record, offered.getRemainingMillis());
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
        if (answer.getRecordsCount() == 0 && !fetch.isSettled(call.target())) {
            // We cannot know yet what we have not been told.
            answer = GetAnswer.newBuilder().setNotReady(true).build();
        }
        ByteString bytes = answer.toByteString();
        GetReply.Builder reply = GetReply.newBuilder().setAnswer(bytes);
        if (!request.getNonce().isEmpty()) {
            context.answers().sign(reply, key, call.target(), request.getNonce());
        }
        return CompletableFuture.completedFuture(reply.build().toByteArray());
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
            stored += intake.take(offered) ? 1 : 0;
        }
        return CompletableFuture.completedFuture(
                reply.setStoredCount(stored).build().toByteArray());
    }

    private CompletableFuture<byte[]> drop() {
        malformed.increment();
        return CompletableFuture.failedFuture(new RingCallException("malformed request"));
    }
}
