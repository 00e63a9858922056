package io.p2pvpn.dht;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.dht.wire.proto.GetAnswer;
import io.p2pvpn.dht.wire.proto.GetReply;
import io.p2pvpn.dht.wire.proto.GetRequest;
import io.p2pvpn.dht.wire.proto.PutReply;
import io.p2pvpn.dht.wire.proto.PutRequest;
import io.p2pvpn.dht.wire.proto.StoredRecord;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.ring.RingReply;
import io.p2pvpn.overlay.ring.RingService.Delivery;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Calls to single positions: the caller's side of {@link ReplicaServer}. Results never complete exceptionally. */
final class Replicas {
    /** A verified record and how long it has still to live at the replica that told of it. */
    record Copy(DhtRecord record, long remainingMillis) {}

    /** What a position did with a record; with HELD and OLDER the one that stands there, if it verifies. */
    record PutAnswer(PutStatus status, @Nullable Copy standing) {
        static final PutAnswer NONE = new PutAnswer(PutStatus.UNANSWERED, null);
    }

    /**
     * What a position has.
     *
     * @param responder the member that serves the position
     * @param signer who signed the answer, when that was asked for
     * @param sampled there is more than it sent
     */
    record Answer(OverlayId responder, @Nullable PublicIdentity signer, List<Copy> copies, boolean sampled) {}

    private final DhtContext context;

    Replicas(DhtContext context) {
        this.context = context;
    }

    /** Offers a record to the member nearest to a position. */
    CompletableFuture<PutAnswer> put(OverlayId position, DhtRecord record, long remainingMillis) {
        byte[] request = PutRequest.newBuilder()
                .setStored(context.toWire(record, remainingMillis))
                .build()
                .toByteArray();
        return context.ring()
                .call(position, Delivery.NEAREST, DhtContext.PUT, request)
                .handle((reply, error) -> reply == null ? PutAnswer.NONE : parsePut(record, reply.body()));
    }

    private PutAnswer parsePut(DhtRecord offered, byte[] body) {
        try {
            PutReply reply = PutReply.parseFrom(body);
            Copy standing = reply.hasStanding() ? verified(reply.getStanding()) : null;
            if (standing != null && !standing.record().key().equals(offered.key())) {
                standing = null;
            }
            return new PutAnswer(PutStatus.of(reply.getStatus()), standing);
        } catch (InvalidProtocolBufferException e) {
            context.counter("dht.drop.answer").increment();
            return PutAnswer.NONE;
        }
    }

    /**
     * Asks the member nearest to a position; null when no usable answer came.
     *
     * @param way which way the question takes through the ring, 0 for the best
     */
    CompletableFuture<@Nullable Answer> get(OverlayId position, OverlayId key, ByteString nonce, int way) {
        byte[] request = GetRequest.newBuilder()
                .setKey(ByteString.copyFrom(key.toByteArray()))
                .setNonce(nonce)
                .build()
                .toByteArray();
        return context.ring()
                .call(position, Delivery.NEAREST, DhtContext.GET, request, way)
                .handle((reply, error) -> reply == null ? null : parseGet(reply, position, key, nonce));
    }

    private @Nullable Answer parseGet(RingReply ringReply, OverlayId position, OverlayId key, ByteString nonce) {
        try {
            GetReply reply = GetReply.parseFrom(ringReply.body());
            GetAnswer answer = GetAnswer.parseFrom(reply.getAnswer());
            if (answer.getNotReady()) {
                return null;
            }
            PublicIdentity signer = null;
            if (!nonce.isEmpty()) {
                signer = context.answers().verify(reply, key, position, nonce);
                if (signer == null) {
                    context.counter("dht.drop.answer").increment();
                    return null;
                }
            }
            return new Answer(ringReply.responder(), signer, copies(answer, key), answer.getSampled());
        } catch (InvalidProtocolBufferException e) {
            context.counter("dht.drop.answer").increment();
            return null;
        }
    }

    private List<Copy> copies(GetAnswer answer, OverlayId key) {
        List<Copy> copies = new ArrayList<>();
        for (StoredRecord stored : answer.getRecordsList()) {
            if (copies.size() >= 2 * DhtLimits.ANSWER_RECORDS_MAX) {
                break;
            }
            Copy copy = verified(stored);
            if (copy != null && copy.record().key().equals(key)) {
                copies.add(copy);
            }
        }
        return copies;
    }

    /** A record of this ring that is in time and allowed, or null. */
    private @Nullable Copy verified(StoredRecord stored) {
        DhtRecord record = context.codec().parseOrNull(stored.getRecord());
        if (record != null) {
            long remainingMillis = context.acceptedMillis(record, stored.getRemainingMillis());
            if (remainingMillis > 0 && context.policy().accepts(record)) {
                return new Copy(record, remainingMillis);
            }
        }
        context.counter("dht.drop.answer").increment();
        return null;
    }
}
