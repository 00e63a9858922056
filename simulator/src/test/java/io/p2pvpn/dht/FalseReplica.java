package io.p2pvpn.dht;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.dht.wire.proto.FetchReply;
import io.p2pvpn.dht.wire.proto.FetchRequest;
import io.p2pvpn.dht.wire.proto.GetAnswer;
import io.p2pvpn.dht.wire.proto.GetReply;
import io.p2pvpn.dht.wire.proto.GetRequest;
import io.p2pvpn.dht.wire.proto.HandOverReply;
import io.p2pvpn.dht.wire.proto.HandOverRequest;
import io.p2pvpn.dht.wire.proto.PutReply;
import io.p2pvpn.dht.wire.proto.PutRequest;
import io.p2pvpn.dht.wire.proto.PutStatusWire;
import io.p2pvpn.dht.wire.proto.RecordContent;
import io.p2pvpn.dht.wire.proto.SignedRecord;
import io.p2pvpn.dht.wire.proto.StoredRecord;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.ring.RingCall;
import io.p2pvpn.overlay.ring.RingHandler;
import io.p2pvpn.overlay.ring.RingService;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * Replicas that say that they have stored everything and keep only the first version of it, and answer with that, with
 * a record whose value was changed, with one of their own, or with nothing; signed, where that is asked for. They share
 * what they hear.
 */
public final class FalseReplica {
    private static final String FALSE_VALUE = "false";
    private static final long LIFE_MILLIS = 600_000;
    private static final int LIES = 4;

    private final RandomGenerator random;
    private final TreeMap<OverlayId, TreeMap<OverlayId, SignedRecord>> first = new TreeMap<>();

    /** One for all malicious nodes. */
    public FalseReplica(RandomGenerator random) {
        this.random = random;
    }

    /** Takes the place of what serves the DHT of a ring. */
    public void corrupt(NodeRuntime runtime, RingService ring, Identity identity, IdentityCache identities) {
        DhtContext context = new DhtContext(
                runtime,
                ring,
                new VerifiedRecords(new byte[0], DhtLimits.VERIFIED_CACHE_MAX),
                identity,
                identities,
                RecordPolicy.acceptAll());
        ring.handle(DhtContext.PUT, lying(call -> onPut(call)));
        ring.handle(DhtContext.GET, lying(call -> onGet(context, call)));
        ring.handle(DhtContext.FETCH, lying(FalseReplica::onFetch));
        ring.handle(DhtContext.HAND_OVER, lying(FalseReplica::onHandOver));
    }

    /** What a handler does that may meet bytes which do not parse. */
    @FunctionalInterface
    private interface Lie {
        byte[] answer(RingCall call) throws InvalidProtocolBufferException;
    }

    private RingHandler lying(Lie lie) {
        return call -> {
            try {
                return CompletableFuture.completedFuture(lie.answer(call));
            } catch (InvalidProtocolBufferException e) {
                return CompletableFuture.failedFuture(e);
            }
        };
    }

    private byte[] onPut(RingCall call) throws InvalidProtocolBufferException {
        SignedRecord signed = PutRequest.parseFrom(call.request()).getStored().getRecord();
        RecordContent content = RecordContent.parseFrom(signed.getContent());
        OverlayId key = OverlayId.of(content.getKey().toByteArray());
        OverlayId owner = OverlayId.ofHash(
                io.p2pvpn.overlay.noise.Digests.sha256(content.getOwner().toByteArray()));
        if (!content.getTentative()) {
            first.computeIfAbsent(key, unused -> new TreeMap<>()).putIfAbsent(owner, signed);
        }
        return PutReply.newBuilder()
                .setStatus(PutStatusWire.PUT_STATUS_STORED)
                .build()
                .toByteArray();
    }

    private byte[] onGet(DhtContext context, RingCall call) throws InvalidProtocolBufferException {
        GetRequest request = GetRequest.parseFrom(call.request());
        OverlayId key = OverlayId.of(request.getKey().toByteArray());
        GetAnswer.Builder answer = GetAnswer.newBuilder();
        List<SignedRecord> known =
                List.copyOf(first.getOrDefault(key, new TreeMap<>()).values());
        switch (random.nextInt(LIES)) {
            case 0 -> known.forEach(signed -> answer.addRecords(stored(signed)));
            case 1 -> {
                for (SignedRecord signed : known) {
                    RecordContent content = RecordContent.parseFrom(signed.getContent());
                    answer.addRecords(stored(signed.toBuilder()
                            .setContent(content.toBuilder()
                                    .setSequence(content.getSequence() + 1)
                                    .setValue(ByteString.copyFromUtf8(FALSE_VALUE))
                                    .build()
                                    .toByteString())
                            .build()));
                }
            }
            case 2 -> {
                OwnSigner signer = new OwnSigner(context, context.identity());
                for (DhtRecord.Kind kind : DhtRecord.Kind.values()) {
                    answer.addRecords(stored(signer.record(kind, key, ByteString.copyFromUtf8(FALSE_VALUE), 600)
                            .signed()));
                }
            }
            default -> {}
        }
        GetReply.Builder reply = GetReply.newBuilder().setAnswer(answer.build().toByteString());
        if (!request.getNonce().isEmpty()) {
            context.answers().sign(reply, key, call.target(), request.getNonce());
        }
        return reply.build().toByteArray();
    }

    private static StoredRecord stored(SignedRecord signed) {
        return StoredRecord.newBuilder()
                .setRecord(signed)
                .setRemainingMillis(LIFE_MILLIS)
                .build();
    }

    private static byte[] onFetch(RingCall call) throws InvalidProtocolBufferException {
        FetchRequest request = FetchRequest.parseFrom(call.request());
        return FetchReply.newBuilder()
                .setUntil(request.getTo())
                .setSettled(true)
                .build()
                .toByteArray();
    }

    private static byte[] onHandOver(RingCall call) throws InvalidProtocolBufferException {
        int count = HandOverRequest.parseFrom(call.request()).getRecordsCount();
        return HandOverReply.newBuilder().setStoredCount(count).build().toByteArray();
    }
}
