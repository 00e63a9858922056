package io.p2pvpn.dht;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.p2pvpn.dht.wire.proto.FetchReply;
import io.p2pvpn.dht.wire.proto.FetchRequest;
import io.p2pvpn.dht.wire.proto.GetRequest;
import io.p2pvpn.dht.wire.proto.HandOverRequest;
import io.p2pvpn.dht.wire.proto.PutReply;
import io.p2pvpn.dht.wire.proto.PutRequest;
import io.p2pvpn.dht.wire.proto.PutStatusWire;
import io.p2pvpn.dht.wire.proto.RecordContent;
import io.p2pvpn.dht.wire.proto.RecordKindWire;
import io.p2pvpn.dht.wire.proto.SignedRecord;
import io.p2pvpn.dht.wire.proto.StoredRecord;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.IdentityCache;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class DhtHostileInputTest {
    private static final List<String> METHODS =
            List.of(DhtContext.PUT, DhtContext.GET, DhtContext.HAND_OVER, DhtContext.FETCH);

    private final long seed = Long.getLong("p2pvpn.seed", 13);
    private final FakeWorld world = FakeWorld.of(3, seed);
    private final FakeNode node = world.node(0);
    private final OverlayId key = DhtKeys.of("test");

    private SignedRecord record(byte[] ringId, long createdEpochMillis) {
        return new RecordCodec(ringId, new IdentityCache())
                .sign(
                        world.node(1).identity,
                        key,
                        RecordContent.newBuilder()
                                .setKind(RecordKindWire.RECORD_KIND_PLAIN)
                                .setSequence(1)
                                .setCreatedEpochMillis(createdEpochMillis)
                                .setTtlSeconds(600)
                                .setValue(ByteString.copyFromUtf8("value")))
                .signed();
    }

    private PutStatusWire put(OverlayId position, SignedRecord record, long remainingMillis) throws Exception {
        byte[] answer = node.deliver(DhtContext.PUT, position, put(record, remainingMillis));
        return PutReply.parseFrom(answer).getStatus();
    }

    private static byte[] put(SignedRecord record, long remainingMillis) {
        return PutRequest.newBuilder()
                .setStored(StoredRecord.newBuilder().setRecord(record).setRemainingMillis(remainingMillis))
                .build()
                .toByteArray();
    }

    private SignedRecord good() {
        return record(FakeWorld.RING_ID, FakeWorld.EPOCH_MILLIS);
    }

    @Test
    void anyCall_randomBytes_neverThrows() {
        for (int run = 0; run < 3000; run++) {
            byte[] bytes = new byte[world.random.nextInt(300)];
            world.random.nextBytes(bytes);
            for (String method : METHODS) {
                node.deliver(method, key, bytes);
            }
        }
        assertThat(node.dht.storedRecords()).isEmpty();
        assertThat(node.count("dht.drop.malformed")).isPositive();
    }

    @Test
    void anyCall_truncatedOrMutated_neverThrowsNorStoresAForgery() {
        byte[] putBytes = put(good(), 600_000);
        byte[] getBytes = GetRequest.newBuilder()
                .setKey(ByteString.copyFrom(key.toByteArray()))
                .setNonce(ByteString.copyFrom(new byte[DhtLimits.NONCE_BYTES]))
                .build()
                .toByteArray();
        byte[] handOverBytes = HandOverRequest.newBuilder()
                .addRecords(StoredRecord.newBuilder().setRecord(good()).setRemainingMillis(600_000))
                .build()
                .toByteArray();
        byte[] fetchBytes = FetchRequest.newBuilder()
                .setFrom(ByteString.copyFrom(key.toByteArray()))
                .setTo(ByteString.copyFrom(key.plusFraction(1, 3).toByteArray()))
                .build()
                .toByteArray();
        for (byte[] bytes : List.of(putBytes, getBytes, handOverBytes, fetchBytes)) {
            for (int length = 0; length < bytes.length; length++) {
                byte[] flipped = bytes.clone();
                flipped[length] ^= (byte) (1 << world.random.nextInt(8));
                for (String method : METHODS) {
                    node.deliver(method, key, Arrays.copyOf(bytes, length));
                    node.deliver(method, key, flipped);
                }
            }
        }
        assertThat(node.dht.storedRecords()).allMatch(record -> record.signed().equals(good()));
    }

    @Test
    void put_recordOfAnotherRing_isRefusedAndCounted() throws Exception {
        SignedRecord foreign = record(new byte[] {1}, FakeWorld.EPOCH_MILLIS);
        assertThat(put(key, foreign, 600_000)).isEqualTo(PutStatusWire.PUT_STATUS_INVALID);
        assertThat(node.count("dht.drop.invalid")).isEqualTo(1);
        assertThat(put(key, good(), 600_000)).isEqualTo(PutStatusWire.PUT_STATUS_STORED);
    }

    @Test
    void put_atAPositionThatIsNotTheKeys_isRefused() throws Exception {
        assertThat(put(DhtKeys.of("elsewhere"), good(), 600_000)).isEqualTo(PutStatusWire.PUT_STATUS_INVALID);
        for (OverlayId position : DhtKeys.positions(key)) {
            assertThat(put(position, good(), 600_000)).isEqualTo(PutStatusWire.PUT_STATUS_STORED);
        }
        assertThat(node.dht.storedRecords()).hasSize(1);
    }

    @Test
    void put_paddedByWhoeverPassedItOn_isStoredWithoutThePadding() throws Exception {
        UnknownFieldSet padding = UnknownFieldSet.newBuilder()
                .addField(
                        99,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(ByteString.copyFrom(new byte[13_000]))
                                .build())
                .build();
        SignedRecord padded = good().toBuilder().setUnknownFields(padding).build();
        assertThat(put(key, padded, 600_000)).isEqualTo(PutStatusWire.PUT_STATUS_STORED);
        assertThat(node.dht.storedRecords()).allMatch(record -> record.signed().equals(good()));
    }

    @Test
    void put_replayedLongAfterItsEnd_isRefused() throws Exception {
        long longAgo = FakeWorld.EPOCH_MILLIS - DhtLimits.CLOCK_SKEW_MILLIS_MAX - 700_000;
        assertThat(put(key, record(FakeWorld.RING_ID, longAgo), 600_000)).isEqualTo(PutStatusWire.PUT_STATUS_CLOCK);
        assertThat(put(key, good(), 0)).isEqualTo(PutStatusWire.PUT_STATUS_CLOCK);
        assertThat(put(key, good(), -1)).isEqualTo(PutStatusWire.PUT_STATUS_CLOCK);
    }

    @Test
    void put_longerRemainderThanTheOwnerAllowed_isCut() throws Exception {
        assertThat(put(key, good(), Long.MAX_VALUE)).isEqualTo(PutStatusWire.PUT_STATUS_STORED);
        world.runMillis(600_000);
        assertThat(node.dht.storedRecords()).isEmpty();
    }

    @Test
    void fetch_lyingReplies_endTheFetchAndStoreNothing() {
        SignedRecord foreign = record(new byte[] {1}, FakeWorld.EPOCH_MILLIS);
        List<FetchReply> lies = List.of(
                FetchReply.getDefaultInstance(),
                FetchReply.newBuilder()
                        .setUntil(ByteString.copyFrom(new byte[19]))
                        .build(),
                FetchReply.newBuilder()
                        .setUntil(ByteString.copyFrom(key.toByteArray()))
                        .build(),
                FetchReply.newBuilder()
                        .addRecords(StoredRecord.newBuilder().setRecord(foreign).setRemainingMillis(600_000))
                        .setSettled(true)
                        .build());
        for (FetchReply lie : lies) {
            int[] calls = new int[1];
            for (FakeNode liar : world.nodes) {
                liar.handle(DhtContext.FETCH, call -> {
                    calls[0]++;
                    return CompletableFuture.completedFuture(lie.toByteArray());
                });
            }
            FakeNode newcomer = world.add();
            newcomer.handle(DhtContext.FETCH, call -> CompletableFuture.completedFuture(lie.toByteArray()));
            newcomer.join();
            world.runMillis(30_000);
            assertThat(calls[0]).as("asked").isBetween(1, 100);
            assertThat(newcomer.dht.storedRecords()).isEmpty();
        }
    }

    @Test
    void put_hostileOwnersBeyondEveryBound_boundsHoldAndStandingRecordsAreRenewed() throws Exception {
        StoreLimits limits = new StoreLimits(200, 150_000, 8, 4, 3);
        FakeNode small = new FakeNode(world, FakeWorld.identity(world.random), limits);
        world.nodes.add(small);
        small.join();
        world.runMillis(15_000);
        assertThat(deliver(small, signed(world.node(1).identity, key, 1, false)))
                .isEqualTo(PutStatusWire.PUT_STATUS_STORED);
        for (int owner = 0; owner < 60; owner++) {
            Identity hostile = FakeWorld.identity(world.random);
            for (int i = 0; i < 12; i++) {
                OverlayId at = i % 3 == 0 ? key : DhtKeys.of("flood", new byte[] {(byte) i, (byte) (owner % 9)});
                deliver(small, signed(hostile, at, 1 + i, i % 2 == 0));
            }
        }
        List<DhtRecord> kept = small.dht.storedRecords();
        assertThat(kept).hasSizeLessThanOrEqualTo(limits.recordsMax());
        assertThat(kept.stream().filter(each -> each.key().equals(key))).hasSizeLessThanOrEqualTo(4 + 3);
        assertThat(kept.stream().mapToInt(DhtRecord::sizeBytes).sum()).isLessThan((int) limits.bytesMax());
        assertThat(kept.stream()
                        .collect(Collectors.groupingBy(DhtRecord::ownerId, Collectors.counting()))
                        .values())
                .allMatch(count -> count <= limits.perOwnerMax());
        assertThat(small.count("dht.drop.full")).isPositive();
        assertThat(deliver(small, signed(world.node(1).identity, key, 2, false)))
                .isEqualTo(PutStatusWire.PUT_STATUS_STORED);
    }

    private static SignedRecord signed(Identity owner, OverlayId at, long sequence, boolean claim) {
        RecordContent.Builder draft = RecordContent.newBuilder()
                .setKind(claim ? RecordKindWire.RECORD_KIND_CLAIM : RecordKindWire.RECORD_KIND_PLAIN)
                .setSequence(sequence)
                .setCreatedEpochMillis(FakeWorld.EPOCH_MILLIS)
                .setTtlSeconds(3600)
                .setValue(ByteString.copyFrom(new byte[400]));
        return new RecordCodec(FakeWorld.RING_ID, new IdentityCache())
                .sign(owner, at, draft)
                .signed();
    }

    private static PutStatusWire deliver(FakeNode node, SignedRecord record) throws Exception {
        OverlayId at = OverlayId.of(
                RecordContent.parseFrom(record.getContent()).getKey().toByteArray());
        return PutReply.parseFrom(node.deliver(DhtContext.PUT, at, put(record, 3_600_000)))
                .getStatus();
    }

    @Test
    void get_forgedAnswers_areNotBelieved() {
        // The liar's ring name differs, so whatever it signs and stores is forged for this ring.
        DhtContext liar = world.node(2).context(new byte[] {9});
        RecordStore lies = new RecordStore(StoreLimits.DEFAULT, () -> 1_000_000);
        Intake intake = new Intake(liar, lies);
        new ReplicaServer(liar, lies, intake, new ZoneFetch(liar, intake)).register();
        lies.put(liar.codec().parseOrNull(record(new byte[] {9}, FakeWorld.EPOCH_MILLIS)), 600_000, 0);
        GetResult result = world.await(node.dht.get(key, GetOptions.MAJORITY));
        assertThat(result.records()).isEmpty();
    }
}
