package io.p2pvpn.dht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.overlay.id.OverlayId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class DhtTest {
    private static final int TTL_SECONDS = 3600;

    private final long seed = Long.getLong("p2pvpn.seed", 3);
    private final OverlayId key = DhtKeys.of("test", new byte[] {1});

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> texts(GetResult result) {
        return result.records().stream()
                .map(record -> new String(record.value(), StandardCharsets.UTF_8))
                .sorted()
                .toList();
    }

    private GetResult get(FakeWorld world, int node) {
        return world.await(world.node(node).dht.get(key, GetOptions.MAJORITY));
    }

    private static DhtException failure(FakeWorld world, CompletableFuture<?> future) {
        try {
            world.await(future);
        } catch (java.util.concurrent.CompletionException e) {
            return (DhtException) e.getCause();
        }
        throw new AssertionError("did not fail");
    }

    private static long holders(FakeWorld world, OverlayId key) {
        return world.nodes.stream()
                .filter(FakeNode::isUp)
                .filter(node -> node.stores(key))
                .count();
    }

    @Test
    void put_ringsOfEverySize_isFoundByEveryMember() {
        for (int size : new int[] {1, 2, 3, 5, 8, 13, 30}) {
            FakeWorld world = FakeWorld.of(size, seed + size);
            DhtRecord record = world.await(world.node(0).dht.put(key, bytes("hello"), TTL_SECONDS));
            assertThat(record.owner()).isEqualTo(world.node(0).identity.publicIdentity());
            for (int i = 0; i < size; i++) {
                GetResult result = get(world, i);
                assertThat(texts(result)).as("size %d node %d", size, i).containsExactly("hello");
                assertThat(result.conclusive()).isTrue();
                assertThat(result.majorityAbsent()).isFalse();
            }
        }
    }

    @Test
    void put_again_showsTheNewValueOnly() {
        FakeWorld world = FakeWorld.of(12, seed);
        world.await(world.node(0).dht.put(key, bytes("old"), TTL_SECONDS));
        world.await(world.node(0).dht.put(key, bytes("new"), TTL_SECONDS));
        assertThat(texts(get(world, 5))).containsExactly("new");
        assertThat(world.node(0).dht.ownRecords()).hasSize(1);
    }

    @Test
    void put_severalOwners_coexist() {
        FakeWorld world = FakeWorld.of(12, seed);
        for (int i = 0; i < 5; i++) {
            world.await(world.node(i).dht.put(key, bytes("from " + i), TTL_SECONDS));
        }
        assertThat(texts(get(world, 11))).containsExactly("from 0", "from 1", "from 2", "from 3", "from 4");
    }

    @Test
    void get_moreOwnersThanAnAnswerHolds_givesASampleOfEach() {
        FakeWorld world = FakeWorld.of(30, seed);
        for (FakeNode node : world.nodes) {
            world.await(node.dht.put(key, new byte[DhtLimits.VALUE_BYTES_MAX], TTL_SECONDS));
        }
        GetResult result = get(world, 3);
        assertThat(result.records()).hasSizeGreaterThan(DhtLimits.ANSWER_RECORDS_MAX);
        assertThat(result.records()).doesNotHaveDuplicates();
    }

    @Test
    void get_nothingThere_isMajorityAbsent() {
        FakeWorld world = FakeWorld.of(12, seed);
        GetResult result = get(world, 0);
        assertThat(result.records()).isEmpty();
        assertThat(result.majorityAbsent()).isTrue();
        assertThat(result.answered()).isEqualTo(DhtLimits.REPLICAS);
    }

    @Test
    void get_majorityOfPositionsSilent_isInconclusiveNotAbsent() {
        FakeWorld world = FakeWorld.of(30, seed);
        OverlayId quiet = key;
        for (int i = 0; i < 4; i++) {
            world.nearest(world.node(0), DhtKeys.position(quiet, i)).refusesAll = true;
        }
        GetResult result = get(world, 0);
        assertThat(result.answered()).isLessThan(DhtLimits.MAJORITY);
        assertThat(result.majorityAbsent()).isFalse();
        assertThat(result.conclusive()).isFalse();
    }

    @Test
    void put_majorityOfPositionsSilent_failsWithTheCount() {
        FakeWorld world = FakeWorld.of(30, seed);
        for (int i = 0; i < 4; i++) {
            world.nearest(world.node(0), DhtKeys.position(key, i)).refusesAll = true;
        }
        DhtException failure = failure(world, world.node(0).dht.put(key, bytes("x"), TTL_SECONDS));
        assertThat(failure.reason()).isEqualTo(DhtException.Reason.NO_MAJORITY);
        assertThat(failure).hasMessageContaining("4 of 8").hasMessageContaining("no answer");
        assertThat(world.node(0).dht.ownRecords()).isEmpty();
    }

    @Test
    void put_minorityOfPositionsSilent_succeeds() {
        FakeWorld world = FakeWorld.of(30, seed);
        for (int i = 0; i < 3; i++) {
            world.nearest(world.node(0), DhtKeys.position(key, i)).refusesAll = true;
        }
        world.await(world.node(0).dht.put(key, bytes("x"), TTL_SECONDS));
        assertThat(texts(get(world, 7))).containsExactly("x");
    }

    @Test
    void putAndGet_lossyRing_succeed() {
        FakeWorld world = FakeWorld.of(20, seed);
        world.dropRate = 0.2;
        for (int i = 0; i < 10; i++) {
            OverlayId at = DhtKeys.of("lossy", new byte[] {(byte) i});
            world.await(world.node(i).dht.put(at, bytes("v" + i), TTL_SECONDS));
            GetResult result = world.await(world.node(19 - i).dht.get(at, GetOptions.MAJORITY));
            assertThat(texts(result)).as("seed %d key %d", seed, i).containsExactly("v" + i);
        }
    }

    @Test
    void beforeJoin_nothingIsServedAndOwnCallsFail() {
        FakeWorld world = FakeWorld.of(1, seed);
        FakeNode stranger = world.add();
        assertThat(failure(world, stranger.dht.get(key, GetOptions.MAJORITY)).reason())
                .isEqualTo(DhtException.Reason.NOT_JOINED);
        assertThat(failure(world, stranger.dht.put(key, bytes("x"), TTL_SECONDS))
                        .reason())
                .isEqualTo(DhtException.Reason.NOT_JOINED);
        byte[] answer = stranger.deliver(
                DhtContext.GET,
                key,
                io.p2pvpn.dht.wire.proto.GetRequest.newBuilder()
                        .setKey(com.google.protobuf.ByteString.copyFrom(key.toByteArray()))
                        .build()
                        .toByteArray());
        assertThat(answer).isNotNull();
        assertThat(stranger.dht.storedRecords()).isEmpty();
    }

    @Test
    void ownerCrashes_recordEndsWithItsTime() {
        FakeWorld world = FakeWorld.of(12, seed);
        world.await(world.node(0).dht.put(key, bytes("x"), 600));
        world.runMillis(900_000);
        assertThat(texts(get(world, 4))).as("renewed while its owner lives").containsExactly("x");
        world.node(0).crash();
        world.runMillis(250_000);
        assertThat(texts(get(world, 4))).containsExactly("x");
        world.runMillis(610_000);
        assertThat(get(world, 4).majorityAbsent()).isTrue();
        assertThat(holders(world, key)).isZero();
    }

    @Test
    void remove_recordIsGoneAndLateCopiesStayOut() {
        FakeWorld world = FakeWorld.of(12, seed);
        DhtRecord record = world.await(world.node(0).dht.put(key, bytes("x"), TTL_SECONDS));
        world.await(world.node(0).dht.remove(key));
        world.runMillis(10_000);
        assertThat(get(world, 3).majorityAbsent()).isTrue();
        DhtContext context = world.node(5).context(FakeWorld.RING_ID);
        Replicas replicas = new Replicas(context);
        PutRound late = world.await(PutRound.start(context, replicas, record, record.ttlMillis()));
        assertThat(late.hasMajority()).isFalse();
        assertThat(get(world, 3).majorityAbsent()).isTrue();
        world.runMillis(TTL_SECONDS * 1000L);
        assertThat(get(world, 3).majorityAbsent()).as("not renewed either").isTrue();
    }

    @Test
    void remove_tombstoneMissedByOneReplica_isNotResurrected() {
        FakeWorld world = FakeWorld.of(30, seed);
        world.await(world.node(0).dht.put(key, bytes("x"), TTL_SECONDS));
        world.runMillis(5_000);
        FakeNode deaf = world.nearest(world.node(1), DhtKeys.position(key, 3));
        deaf.refusesAll = true;
        world.await(world.node(0).dht.remove(key));
        world.runMillis(5_000);
        deaf.refusesAll = false;
        assertThat(deaf.stores(key)).isTrue();
        assertThat(get(world, 1).records()).isEmpty();
        world.runMillis(400_000);
        assertThat(holders(world, key)).isZero();
    }

    @Test
    void restart_ownerPutsAgain_winsOverItsEarlierRecordEvenWithItsClockSetBack() {
        FakeWorld world = FakeWorld.of(12, seed);
        world.await(world.node(0).dht.put(key, bytes("before"), TTL_SECONDS));
        FakeNode before = world.node(0);
        before.crash();
        FakeNode after = new FakeNode(world, before.identity, StoreLimits.DEFAULT);
        after.clockOffsetMillis = -1_800_000;
        world.nodes.set(0, after);
        after.join();
        world.await(after.dht.put(key, bytes("after"), TTL_SECONDS));
        assertThat(texts(get(world, 6))).containsExactly("after");
    }

    @Test
    void restart_clockSetBackAndFewReplicasKnowTheEarlierRecord_newOneIsSeen() {
        FakeWorld world = FakeWorld.of(40, seed);
        FakeNode before = world.node(0);
        before.clockOffsetMillis = 1_800_000;
        world.await(before.dht.put(key, bytes("before"), TTL_SECONDS));
        world.runMillis(5_000);
        before.crash();
        List<FakeNode> keepers =
                world.nodes.stream().filter(node -> node.stores(key)).toList();
        assertThat(keepers).hasSizeGreaterThan(DhtLimits.MAJORITY);
        // Five of the positions forget it: their members stop, and those who come instead are told nothing.
        for (FakeNode node : world.nodes) {
            node.handle(DhtContext.FETCH, call -> new CompletableFuture<>());
            node.handle(DhtContext.HAND_OVER, call -> new CompletableFuture<>());
        }
        keepers.subList(0, DhtLimits.MAJORITY).forEach(FakeNode::crash);
        FakeNode after = new FakeNode(world, before.identity, StoreLimits.DEFAULT);
        world.nodes.set(0, after);
        after.join();
        world.runMillis(1_000);
        world.await(after.dht.put(key, bytes("after"), TTL_SECONDS));
        world.runMillis(DhtLimits.TICK_MILLIS + 1_000);
        assertThat(texts(get(world, world.nodes.indexOf(keepers.get(keepers.size() - 1)))))
                .containsExactly("after");
    }

    @Test
    void mend_positionThatWasSilentAtThePut_isOfferedTheRecordAgain() {
        FakeWorld world = FakeWorld.of(30, seed);
        FakeNode lacking = world.nearest(world.node(0), DhtKeys.position(key, 2));
        lacking.refusesAll = true;
        world.await(world.node(0).dht.put(key, bytes("x"), TTL_SECONDS));
        world.runMillis(5_000);
        lacking.refusesAll = false;
        assertThat(lacking.stores(key)).isFalse();
        world.runMillis(DhtLimits.MEND_MILLIS + DhtLimits.TICK_MILLIS);
        assertThat(lacking.stores(key)).isTrue();
    }

    @Test
    void reclaim_afterReplicasLostEverything_bringsRecordsAndClaimsBack() {
        FakeWorld world = FakeWorld.of(30, seed);
        OverlayId claimed = DhtKeys.of("claimed");
        world.await(world.node(0).dht.put(key, bytes("x"), TTL_SECONDS));
        world.await(world.node(0).dht.claim(claimed, bytes("y"), TTL_SECONDS, null));
        for (FakeNode node : List.copyOf(world.nodes)) {
            if (node != world.node(0)) {
                node.crash();
                world.nodes.remove(node);
            }
        }
        for (int i = 0; i < 29; i++) {
            world.add().join();
        }
        world.node(0).dht.reclaim();
        world.node(0).dht.reclaim();
        world.runMillis(DhtLimits.REPUT_PAUSE_MILLIS + 2_000);
        assertThat(holders(world, key)).isGreaterThanOrEqualTo(DhtLimits.REPLICAS - 1);
        assertThat(holders(world, claimed)).isGreaterThanOrEqualTo(DhtLimits.REPLICAS - 1);
    }

    @Test
    void put_clocksAnHourApart_lastsItsFullTime() {
        FakeWorld world = FakeWorld.of(12, seed);
        for (int i = 0; i < 12; i++) {
            world.node(i).clockOffsetMillis = (i % 2 == 0 ? 1 : -1) * 3_000_000L;
        }
        world.await(world.node(0).dht.put(key, bytes("x"), 600));
        world.node(0).crash();
        world.runMillis(570_000);
        assertThat(texts(get(world, 3))).containsExactly("x");
        world.runMillis(60_000);
        assertThat(get(world, 3).majorityAbsent()).isTrue();
    }

    @Test
    void put_ownClockADayOff_isRefusedInWords() {
        FakeWorld world = FakeWorld.of(12, seed);
        world.node(0).clockOffsetMillis = 86_400_000L;
        assertThat(failure(world, world.node(0).dht.put(key, bytes("x"), 600))).hasMessageContaining("clocks differ");
    }

    @Test
    void get_holeAtAPosition_isRepairedBehindTheAnswer() {
        FakeWorld world = FakeWorld.of(30, seed);
        FakeNode lacking = world.nearest(world.node(0), DhtKeys.position(key, 2));
        lacking.refusesAll = true;
        world.await(world.node(0).dht.put(key, bytes("x"), TTL_SECONDS));
        world.runMillis(5_000);
        lacking.refusesAll = false;
        assertThat(lacking.stores(key)).isFalse();
        get(world, 9);
        world.runMillis(2_000);
        assertThat(lacking.stores(key)).isTrue();
    }

    @Test
    void get_oneReplicaLeft_isFoundAndSpreadAgain() {
        FakeWorld world = FakeWorld.of(30, seed);
        world.await(world.node(0).dht.put(key, bytes("x"), TTL_SECONDS));
        world.runMillis(5_000);
        FakeNode survivor = world.nodes.stream()
                .filter(node -> node != world.node(0) && node.stores(key))
                .findFirst()
                .orElseThrow();
        List<FakeNode> lost = new ArrayList<>(world.nodes);
        lost.removeIf(node -> node == survivor || !node.stores(key));
        lost.forEach(FakeNode::crash);
        world.node(0).dht.close();
        FakeNode reader = world.nodes.stream()
                .filter(FakeNode::isUp)
                .filter(node -> node != world.node(0) && node != survivor)
                .findFirst()
                .orElseThrow();
        assertThat(holders(world, key)).isEqualTo(1);
        assertThat(texts(world.await(reader.dht.get(key, GetOptions.MAJORITY)))).containsExactly("x");
        world.runMillis(3_000);
        assertThat(holders(world, key)).isGreaterThanOrEqualTo(DhtLimits.MAJORITY);
    }

    @Test
    void join_newNearestMember_isHandedTheRecords() {
        FakeWorld world = FakeWorld.of(10, seed);
        List<OverlayId> keys = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            OverlayId at = DhtKeys.of("many", new byte[] {(byte) i});
            keys.add(at);
            world.await(world.node(i % 10).dht.put(at, new byte[900], TTL_SECONDS));
        }
        world.nodes.forEach(node -> node.dht.ownRecords());
        FakeNode newcomer = world.add();
        newcomer.join();
        world.runMillis(180);
        assertThat(newcomer.dht.storedRecords())
                .as("owners put again after 200 ms only")
                .isNotEmpty();
        world.runMillis(3_000);
        long expected = keys.stream()
                .filter(at -> DhtKeys.positions(at).stream()
                        .anyMatch(position -> world.nearest(newcomer, position) == newcomer))
                .count();
        assertThat(expected).isPositive();
        assertThat(newcomer.dht.storedRecords()).hasSizeGreaterThanOrEqualTo((int) expected);
        long handed = world.nodes.stream()
                .mapToLong(node -> node.count("dht.handover.records"))
                .sum();
        assertThat(handed).isGreaterThanOrEqualTo(expected);
    }

    @Test
    void churn_membersReplacedFasterThanRenewal_recordsSurvive() {
        FakeWorld world = FakeWorld.of(40, seed);
        for (int i = 0; i < 8; i++) {
            world.await(world.node(i).dht.put(DhtKeys.of("kept", new byte[] {(byte) i}), bytes("v"), 24 * 3600));
        }
        // A member in 40 s leaves without a word and another comes: half the ring in ten minutes.
        for (int step = 0; step < 45; step++) {
            world.node(8 + world.random.nextInt(world.nodes.size() - 8)).crash();
            world.nodes.removeIf(node -> !node.isUp());
            world.add().join();
            world.runMillis(40_000);
        }
        for (int i = 0; i < 8; i++) {
            OverlayId at = DhtKeys.of("kept", new byte[] {(byte) i});
            GetResult result = world.await(world.node(20).dht.get(at, GetOptions.MAJORITY));
            assertThat(texts(result)).as("seed %d record %d", seed, i).containsExactly("v");
        }
    }

    @Test
    void churn_ownerGone_replicasKeepEachOtherCompleteUntilItsTimeIsOver() {
        FakeWorld world = FakeWorld.of(40, seed);
        world.await(world.node(0).dht.put(key, bytes("v"), 5 * 3600));
        world.runMillis(5_000);
        world.node(0).dht.close();
        for (int step = 0; step < 120; step++) {
            world.node(1 + world.random.nextInt(world.nodes.size() - 1)).crash();
            world.nodes.removeIf(node -> !node.isUp());
            world.add().join();
            world.runMillis(60_000);
        }
        assertThat(texts(get(world, 20))).as("seed %d", seed).containsExactly("v");
        assertThat(holders(world, key)).isGreaterThanOrEqualTo(DhtLimits.MAJORITY);
    }

    @Test
    void renewal_failedOnce_isTriedAgainInTime() {
        FakeWorld world = FakeWorld.of(20, seed);
        world.await(world.node(0).dht.put(key, bytes("x"), 600));
        world.runMillis(240_000);
        world.nodes.forEach(node -> node.refusesAll = true);
        world.runMillis(100_000);
        world.nodes.forEach(node -> node.refusesAll = false);
        assertThat(world.node(0).count("dht.renew.failed")).isPositive();
        world.runMillis(400_000);
        assertThat(texts(get(world, 7))).containsExactly("x");
    }

    @Test
    void get_signed_countsAnswersThatAreSignedOnly() {
        FakeWorld world = FakeWorld.of(30, seed);
        GetResult absent = world.await(world.node(0).dht.get(key, GetOptions.SIGNED));
        assertThat(absent.majorityAbsent()).isTrue();
        assertThat(absent.responders()).isGreaterThanOrEqualTo(DhtLimits.MAJORITY);
        world.await(world.node(1).dht.put(key, bytes("x"), TTL_SECONDS));
        GetResult found = world.await(world.node(0).dht.get(key, GetOptions.SIGNED));
        assertThat(texts(found)).containsExactly("x");
        assertThat(found.majorityAbsent()).isFalse();
    }

    @Test
    void get_signedInRingOfAnotherName_isNoAnswer() {
        FakeWorld world = FakeWorld.of(5, seed);
        DhtContext foreign = world.node(0).context(new byte[] {1});
        CallPacer pacer = new CallPacer(1, 1);
        GetResult result = world.await(
                GetRound.start(foreign, new Replicas(foreign), pacer, key, GetOptions.SIGNED, record -> {}, 1));
        assertThat(result.answered()).isZero();
        assertThat(result.majorityAbsent()).isFalse();
    }

    @Test
    void get_first_completesBeforeTheMajority() {
        FakeWorld world = FakeWorld.of(30, seed);
        world.await(world.node(0).dht.put(key, bytes("x"), TTL_SECONDS));
        world.runMillis(3_000);
        GetResult result = world.await(world.node(9).dht.get(key, GetOptions.FIRST));
        assertThat(texts(result)).containsExactly("x");
        assertThat(result.answered()).isLessThan(DhtLimits.MAJORITY);
        assertThat(result.conclusive()).isFalse();
    }

    @Test
    void get_one_asksOnePositionAndIsNeverConclusive() {
        FakeWorld world = FakeWorld.of(30, seed);
        world.await(world.node(0).dht.put(key, bytes("x"), TTL_SECONDS));
        world.runMillis(3_000);
        for (int look = 0; look < 20; look++) {
            GetResult found = world.await(world.node(9).dht.get(key, GetOptions.ONE));
            assertThat(texts(found)).containsExactly("x");
            assertThat(found.answered()).isEqualTo(1);
            assertThat(found.conclusive()).isFalse();
        }
        GetResult absent = world.await(world.node(9).dht.get(DhtKeys.of("nothing", new byte[0]), GetOptions.ONE));
        assertThat(absent.records()).isEmpty();
        assertThat(absent.majorityAbsent()).isFalse();
    }

    @Test
    void policy_refusingReplicas_keepRecordOut() {
        FakeWorld world = FakeWorld.of(12, seed);
        world.nodes.forEach(node -> node.policy = record -> record.credential().length > 0);
        DhtException failure = failure(world, world.node(0).dht.put(key, bytes("x"), TTL_SECONDS));
        assertThat(failure.reason()).isEqualTo(DhtException.Reason.REFUSED);
        assertThat(failure).hasMessageContaining("not entitled");
        world.node(0).dht.setCredential(bytes("member"));
        world.await(world.node(0).dht.put(key, bytes("x"), TTL_SECONDS));
        assertThat(texts(get(world, 2))).containsExactly("x");
    }

    @Test
    void put_argumentsOutOfLimits_fail() {
        FakeWorld world = FakeWorld.of(2, seed);
        Dht dht = world.node(0).dht;
        assertThat(failure(world, dht.put(key, new byte[1025], 60)).reason()).isEqualTo(DhtException.Reason.LIMIT);
        assertThat(failure(world, dht.put(key, bytes("x"), 9)).reason()).isEqualTo(DhtException.Reason.LIMIT);
        assertThat(failure(world, dht.put(key, bytes("x"), 86_401)).reason()).isEqualTo(DhtException.Reason.LIMIT);
        assertThatThrownBy(() -> dht.setCredential(new byte[DhtLimits.CREDENTIAL_BYTES_MAX + 1]))
                .isInstanceOf(IllegalArgumentException.class);
        dht.close();
        assertThat(failure(world, dht.put(key, bytes("x"), 60)).reason()).isEqualTo(DhtException.Reason.CLOSED);
    }

    @Test
    void put_moreThanReplicasTakeOfOneOwner_isRefusedInWords() {
        FakeWorld world = FakeWorld.of(2, seed);
        Dht dht = world.node(0).dht;
        for (int i = 0; i < DhtLimits.RECORDS_PER_OWNER_MAX; i++) {
            world.await(dht.put(DhtKeys.of("own", new byte[] {(byte) i}), bytes("x"), TTL_SECONDS));
        }
        DhtException failure = failure(world, dht.put(key, bytes("x"), TTL_SECONDS));
        assertThat(failure.reason()).isEqualTo(DhtException.Reason.REFUSED);
        assertThat(failure).hasMessageContaining("full");
    }

    @Test
    void ownRecords_onePastTheBound_fails() {
        FakeWorld world = FakeWorld.of(60, seed);
        List<CompletableFuture<DhtRecord>> puts = new ArrayList<>();
        for (int i = 0; i < DhtLimits.OWN_RECORDS_MAX; i++) {
            puts.add(world.node(0).dht.put(DhtKeys.of("own", new byte[] {(byte) i}), bytes("x"), TTL_SECONDS));
        }
        puts.forEach(world::await);
        assertThat(world.node(0).dht.ownRecords()).hasSize(DhtLimits.OWN_RECORDS_MAX);
        DhtException failure = failure(world, world.node(0).dht.put(key, bytes("x"), TTL_SECONDS));
        assertThat(failure.reason()).isEqualTo(DhtException.Reason.LIMIT);
    }

    @Test
    void sameSeed_sameRun() {
        List<String> first = run(seed);
        assertThat(first).isEqualTo(run(seed)).isNotEqualTo(run(seed + 1));
    }

    private List<String> run(long worldSeed) {
        FakeWorld world = FakeWorld.of(15, worldSeed);
        world.dropRate = 0.1;
        world.await(world.node(0).dht.put(key, bytes("x"), 600));
        world.runMillis(700_000);
        List<String> state = new ArrayList<>();
        for (FakeNode node : world.nodes) {
            node.counters().snapshot().forEach((name, value) -> state.add(node.self() + name + value));
            node.dht.storedRecords().forEach(record -> state.add(record.toString()));
        }
        return state;
    }
}
