package io.p2pvpn.dht;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
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
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DhtHostileInputTest {
    private static final List<String> METHODS = List.of(DhtContext.PUT, DhtContext.GET, DhtContext.HAND_OVER);

    private final long seed = Long.getLong("p2pvpn.seed", 13);
    private final FakeWorld world = FakeWorld.of(3, seed);
    private final FakeNode node = world.node(0);
    private final OverlayId key = DhtKeys.of("test");

    private SignedRecord record(byte[] ringId, long createdEpochMillis) {
        return new RecordCodec(ringId)
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
        for (byte[] bytes : List.of(putBytes, getBytes, handOverBytes)) {
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
    void get_forgedAnswers_areNotBelieved() {
        // The liar's ring name differs, so whatever it signs and stores is forged for this ring.
        DhtContext liar = new DhtContext(
                world.node(2), world.node(2), new byte[] {9}, world.node(2).identity, RecordPolicy.acceptAll());
        RecordStore lies = new RecordStore(StoreLimits.DEFAULT, () -> 1_000_000);
        Intake intake = new Intake(liar, lies);
        new ReplicaServer(liar, lies, intake, new ZoneFetch(liar, intake)).register();
        lies.put(liar.codec().parseOrNull(record(new byte[] {9}, FakeWorld.EPOCH_MILLIS)), 600_000, 0);
        GetResult result = world.await(node.dht.get(key, GetOptions.MAJORITY));
        assertThat(result.records()).isEmpty();
    }
}
