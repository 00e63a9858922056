package io.p2pvpn.dht;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.p2pvpn.dht.wire.proto.FetchReply;
import io.p2pvpn.dht.wire.proto.FetchRequest;
import io.p2pvpn.dht.wire.proto.GetAnswer;
import io.p2pvpn.dht.wire.proto.GetReply;
import io.p2pvpn.dht.wire.proto.GetRequest;
import io.p2pvpn.dht.wire.proto.PutReply;
import io.p2pvpn.dht.wire.proto.PutRequest;
import io.p2pvpn.dht.wire.proto.PutStatusWire;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.IdentityCache;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Members get the records of positions that became theirs: by fetching, by hand-over, and by those who leave. */
final class DhtFetchTest {
    private static final int TTL_SECONDS = 3600;

    private final long seed = Long.getLong("p2pvpn.seed", 23);

    private static OverlayId key(int number) {
        return DhtKeys.of("fetch", new byte[] {(byte) number, (byte) (number >> 8)});
    }

    private static void putMany(FakeWorld world, int count, int valueBytes) {
        for (int i = 0; i < count; i++) {
            world.await(world.node(i % world.nodes.size()).dht.put(key(i), new byte[valueBytes], TTL_SECONDS));
        }
        world.runMillis(10_000);
    }

    /** Positions of the first {@code count} keys whose nearest member lacks the record. */
    private static List<OverlayId> holes(FakeWorld world, FakeNode from, int count) {
        List<OverlayId> holes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            for (OverlayId position : DhtKeys.positions(key(i))) {
                if (!world.nearest(from, position).stores(key(i))) {
                    holes.add(position);
                }
            }
        }
        return holes;
    }

    /** Owners neither renew nor put again any more. */
    private static void silenceOwners(FakeWorld world) {
        world.nodes.forEach(node -> node.keepsItsOwn = false);
    }

    @Test
    void crash_ofAReplica_itsHeirsFetchWhatItKeptAtOnce() {
        for (int size : new int[] {3, 5, 9, 10, 24, 60}) {
            FakeWorld world = FakeWorld.of(size, seed + size);
            putMany(world, 60, 700);
            silenceOwners(world);
            FakeNode lost = world.node(world.random.nextInt(size));
            lost.crash();
            world.nodes.remove(lost);
            world.runMillis(4_000);
            assertThat(holes(world, world.node(0), 60))
                    .as("seed %d size %d", seed, size)
                    .isEmpty();
        }
    }

    @Test
    void leave_inGoodOrder_leavesNoHole() {
        for (int size : new int[] {2, 3, 9, 10, 24, 60}) {
            FakeWorld world = FakeWorld.of(size, seed + size);
            putMany(world, 40, 700);
            silenceOwners(world);
            FakeNode leaver = world.node(world.random.nextInt(size));
            world.await(leaver.dht.leave());
            List<OverlayId> kept =
                    leaver.dht.storedRecords().stream().map(DhtRecord::key).toList();
            leaver.crash();
            world.nodes.remove(leaver);
            for (OverlayId key : kept) {
                for (OverlayId position : DhtKeys.positions(key)) {
                    assertThat(world.nearest(world.node(0), position).stores(key))
                            .as("seed %d size %d", seed, size)
                            .isTrue();
                }
            }
        }
    }

    @Test
    void join_whileNeighboursHandNothingOver_isFetched() {
        for (int size : new int[] {1, 2, 7, 12, 40}) {
            FakeWorld world = FakeWorld.of(size, seed + size);
            putMany(world, 40, 300);
            silenceOwners(world);
            world.nodes.forEach(
                    node -> node.handle(DhtContext.HAND_OVER, call -> new java.util.concurrent.CompletableFuture<>()));
            FakeNode newcomer = world.add();
            newcomer.handle(DhtContext.HAND_OVER, call -> new java.util.concurrent.CompletableFuture<>());
            newcomer.join();
            world.runMillis(3_000);
            assertThat(holes(world, newcomer, 40))
                    .as("seed %d size %d", seed, size)
                    .isEmpty();
        }
    }

    @Test
    void join_beforeTheFetchIsDone_neitherAbsenceNorTentativeClaimsAreAnswered() throws Exception {
        FakeWorld world = FakeWorld.of(12, seed);
        world.delayMillisMin = 200;
        world.delayMillisMax = 300;
        FakeNode newcomer = world.add();
        newcomer.join();
        world.runMillis(20);
        OverlayId near = newcomer.self();
        assertThat(answer(newcomer, near).getNotReady()).isTrue();
        DhtContext context = world.node(3).context(FakeWorld.RING_ID);
        OwnSigner signer = new OwnSigner(context, context.identity());
        DhtRecord tentative = signer.tentative(near, ByteString.EMPTY);
        assertThat(put(newcomer, tentative)).isEqualTo(PutStatusWire.PUT_STATUS_NOT_READY);
        world.runMillis(6_000);
        assertThat(answer(newcomer, near).getNotReady()).isFalse();
        assertThat(put(newcomer, tentative)).isEqualTo(PutStatusWire.PUT_STATUS_STORED);
    }

    @Test
    void join_nobodyAnswersTheFetch_speaksAfterItsTime() throws Exception {
        FakeWorld world = FakeWorld.of(12, seed);
        world.nodes.forEach(
                node -> node.handle(DhtContext.FETCH, call -> new java.util.concurrent.CompletableFuture<>()));
        FakeNode newcomer = world.add();
        newcomer.join();
        world.runMillis(DhtLimits.SETTLE_MILLIS_MAX - 100);
        assertThat(answer(newcomer, newcomer.self()).getNotReady()).isTrue();
        world.runMillis(200);
        assertThat(answer(newcomer, newcomer.self()).getNotReady()).isFalse();
    }

    private static GetAnswer answer(FakeNode node, OverlayId key) throws Exception {
        byte[] request = GetRequest.newBuilder()
                .setKey(ByteString.copyFrom(key.toByteArray()))
                .build()
                .toByteArray();
        return GetAnswer.parseFrom(
                GetReply.parseFrom(node.deliver(DhtContext.GET, key, request)).getAnswer());
    }

    private static PutStatusWire put(FakeNode node, DhtRecord record) throws Exception {
        byte[] request = PutRequest.newBuilder()
                .setStored(io.p2pvpn.dht.wire.proto.StoredRecord.newBuilder()
                        .setRecord(record.signed())
                        .setRemainingMillis(record.ttlMillis()))
                .build()
                .toByteArray();
        return PutReply.parseFrom(node.deliver(DhtContext.PUT, record.key(), request))
                .getStatus();
    }

    @Test
    void fetch_keysThatShareAllPositions_areBothSent() {
        FakeWorld world = FakeWorld.of(16, seed);
        OverlayId victim = key(0);
        for (int i = 0; i < DhtLimits.REPLICAS; i++) {
            OverlayId beside = DhtKeys.position(victim, i);
            world.await(world.node(i).dht.put(beside, new byte[1000], TTL_SECONDS));
        }
        world.runMillis(10_000);
        silenceOwners(world);
        FakeNode lost = world.nearest(world.node(0), DhtKeys.position(victim, 4));
        lost.crash();
        world.nodes.remove(lost);
        world.runMillis(4_000);
        for (OverlayId position : DhtKeys.positions(victim)) {
            FakeNode heir = world.nearest(world.node(0), position);
            for (OverlayId beside : DhtKeys.positions(victim)) {
                assertThat(heir.stores(beside)).as("seed %d", seed).isTrue();
            }
        }
    }

    @Test
    void fetch_wholeRingFromOneMember_isAnsweredPieceByPieceWithoutGaps() throws Exception {
        FakeWorld world = FakeWorld.of(1, seed);
        putMany(world, 60, 1000);
        FakeNode node = world.node(0);
        OverlayId from = DhtKeys.of("from");
        OverlayId to = from.plusFraction(1, 3);
        int pieces = 0;
        List<OverlayId> found = new ArrayList<>();
        while (!from.equals(to)) {
            byte[] request = FetchRequest.newBuilder()
                    .setFrom(ByteString.copyFrom(from.toByteArray()))
                    .setTo(ByteString.copyFrom(to.toByteArray()))
                    .build()
                    .toByteArray();
            byte[] body = node.deliver(DhtContext.FETCH, from, request);
            FetchReply reply = FetchReply.parseFrom(body);
            assertThat(body.length).isLessThan(16 * 1024);
            OverlayId until = OverlayId.of(reply.getUntil().toByteArray());
            assertThat(new Arc(from, to).contains(until)).isTrue();
            reply.getRecordsList()
                    .forEach(stored -> found.add(new RecordCodec(FakeWorld.RING_ID, new IdentityCache())
                            .parseOrNull(stored.getRecord())
                            .key()));
            from = until;
            pieces++;
        }
        Arc whole = new Arc(DhtKeys.of("from"), to);
        List<OverlayId> expected = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            if (DhtKeys.positions(key(i)).stream().anyMatch(whole::contains)) {
                expected.add(key(i));
            }
        }
        assertThat(found).containsAll(expected);
        assertThat(pieces).isGreaterThan(3);
    }
}
