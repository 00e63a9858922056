package io.p2pvpn.dht;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

final class DhtClaimTest {
    private static final int TTL_SECONDS = 3600;
    private static final int RACES = Integer.getInteger("p2pvpn.races", 60);

    private final long seed = Long.getLong("p2pvpn.seed", 5);
    private final OverlayId key = DhtKeys.of("lease", new byte[] {10, 0, 0, 7});

    private static DhtException failure(FakeWorld world, CompletableFuture<?> future) {
        try {
            world.await(future);
        } catch (CompletionException e) {
            return (DhtException) e.getCause();
        }
        throw new AssertionError("did not fail");
    }

    /** The owners of this key's visible claims, over all replicas that serve one of its positions. */
    private static Set<OverlayId> ownersAtReplicas(FakeWorld world, OverlayId key) {
        Set<OverlayId> owners = new TreeSet<>();
        for (OverlayId position : DhtKeys.positions(key)) {
            for (DhtRecord record : world.nearest(world.node(0), position).dht.storedRecords()) {
                if (record.key().equals(key) && !record.isTombstone()) {
                    owners.add(record.ownerId());
                }
            }
        }
        return owners;
    }

    private static List<FakeNode> holders(FakeWorld world, OverlayId key) {
        return world.nodes.stream()
                .filter(node -> node.dht.ownRecords().stream()
                        .anyMatch(record -> record.key().equals(key) && record.isClaim()))
                .toList();
    }

    @Test
    void claim_freeKey_isHeldAndSeenByAll() {
        for (int size : new int[] {1, 2, 3, 9, 25}) {
            FakeWorld world = FakeWorld.of(size, seed + size);
            DhtRecord claim = world.await(world.node(0).dht.claim(key, new byte[] {1}, TTL_SECONDS, null));
            assertThat(claim.isTentative()).isFalse();
            for (FakeNode node : world.nodes) {
                GetResult result = world.await(node.dht.get(key, GetOptions.MAJORITY));
                assertThat(result.holder()).as("size %d", size).isNotNull();
                assertThat(result.holder().isSameAs(claim)).isTrue();
            }
        }
    }

    @Test
    void claim_heldKey_failsNamingTheHolder() {
        FakeWorld world = FakeWorld.of(12, seed);
        world.await(world.node(0).dht.claim(key, new byte[] {1}, TTL_SECONDS, null));
        for (int i = 1; i < 12; i++) {
            DhtException failure = failure(world, world.node(i).dht.claim(key, new byte[] {2}, TTL_SECONDS, null));
            assertThat(failure.reason()).isEqualTo(DhtException.Reason.HELD);
            assertThat(failure.holder().owner())
                    .isEqualTo(world.node(0).identity.publicIdentity());
        }
        assertThat(holders(world, key)).containsExactly(world.node(0));
    }

    @Test
    void claim_byTheHolder_changesTheValue() {
        FakeWorld world = FakeWorld.of(12, seed);
        world.await(world.node(0).dht.claim(key, new byte[] {1}, TTL_SECONDS, null));
        world.await(world.node(0).dht.claim(key, new byte[] {2}, TTL_SECONDS, null));
        GetResult result = world.await(world.node(4).dht.get(key, GetOptions.MAJORITY));
        assertThat(result.holder().value()).containsExactly(2);
        assertThat(holders(world, key)).hasSize(1);
    }

    @Test
    void claim_afterRemoval_isFree() {
        FakeWorld world = FakeWorld.of(12, seed);
        world.await(world.node(0).dht.claim(key, new byte[] {1}, TTL_SECONDS, null));
        world.await(world.node(0).dht.remove(key));
        world.await(world.node(1).dht.claim(key, new byte[] {2}, TTL_SECONDS, null));
        assertThat(holders(world, key)).containsExactly(world.node(1));
    }

    @Test
    void claim_holderCrashed_isFreeAfterItsTime() {
        FakeWorld world = FakeWorld.of(12, seed);
        world.await(world.node(0).dht.claim(key, new byte[] {1}, 600, null));
        world.node(0).crash();
        assertThat(failure(world, world.node(1).dht.claim(key, new byte[] {2}, 600, null))
                        .reason())
                .isEqualTo(DhtException.Reason.HELD);
        world.runMillis(600_000);
        world.await(world.node(1).dht.claim(key, new byte[] {2}, 600, null));
    }

    @Test
    void claim_twiceAtOnceByOneNode_isBusy() {
        FakeWorld world = FakeWorld.of(12, seed);
        CompletableFuture<DhtRecord> first = world.node(0).dht.claim(key, new byte[] {1}, TTL_SECONDS, null);
        assertThat(failure(world, world.node(0).dht.claim(key, new byte[] {1}, TTL_SECONDS, null))
                        .reason())
                .isEqualTo(DhtException.Reason.BUSY);
        world.await(first);
    }

    @Test
    void claim_removedWhileUnderWay_isWithdrawn() {
        FakeWorld world = FakeWorld.of(12, seed);
        CompletableFuture<DhtRecord> claim = world.node(0).dht.claim(key, new byte[] {1}, TTL_SECONDS, null);
        world.runMillis(120);
        CompletableFuture<Void> removed = world.node(0).dht.remove(key);
        failure(world, claim);
        world.await(removed);
        world.runMillis(5_000);
        assertThat(ownersAtReplicas(world, key)).isEmpty();
        world.await(world.node(1).dht.claim(key, new byte[] {2}, TTL_SECONDS, null));
    }

    @Test
    void claim_claimantCrashedHalfWay_blocksForAMinuteOnly() {
        FakeWorld world = FakeWorld.of(12, seed);
        CompletableFuture<DhtRecord> unused = world.node(0).dht.claim(key, new byte[] {1}, TTL_SECONDS, null);
        while (world.nodes.stream().allMatch(node -> node.dht.storedRecords().isEmpty())) {
            world.runMillis(1);
        }
        world.node(0).crash();
        world.runMillis(1_000);
        assertThat(world.nodes.stream().flatMap(node -> node.dht.storedRecords().stream()))
                .isNotEmpty()
                .allMatch(DhtRecord::isTentative);
        world.runMillis(DhtLimits.TENTATIVE_TTL_SECONDS * 1000L);
        world.await(world.node(1).dht.claim(key, new byte[] {2}, TTL_SECONDS, null));
    }

    @Test
    void claim_racesOfTwoAndThree_exactlyOneWinnerTheSameAtAllReplicas() {
        for (int race = 0; race < RACES; race++) {
            long raceSeed = seed * 1000 + race;
            int size = 2 + race % 14;
            FakeWorld world = FakeWorld.of(size, raceSeed);
            world.delayMillisMax = world.random.nextLong(5, 205);
            int claimants = Math.min(size, 2 + race % 2);
            List<CompletableFuture<DhtRecord>> claims = new ArrayList<>();
            for (int i = 0; i < claimants; i++) {
                claims.add(world.node(i).dht.claim(key, new byte[] {(byte) i}, TTL_SECONDS, null));
                world.runMillis(world.random.nextInt(100));
            }
            world.runMillis(20_000);
            assertThat(claims).as("seed %d", raceSeed).allMatch(CompletableFuture::isDone);
            List<FakeNode> holders = holders(world, key);
            assertThat(holders).as("seed %d", raceSeed).hasSize(1);
            assertThat(claims.stream().filter(claim -> !claim.isCompletedExceptionally()))
                    .as("seed %d", raceSeed)
                    .hasSize(1);
            assertThat(ownersAtReplicas(world, key))
                    .as("seed %d", raceSeed)
                    .containsExactly(holders.get(0).self());
        }
    }

    @Test
    void claim_racesWithLoss_neverTwoHolders() {
        for (int race = 0; race < RACES; race++) {
            long raceSeed = seed * 2000 + race;
            FakeWorld world = FakeWorld.of(4 + race % 12, raceSeed);
            world.dropRate = 0.25;
            for (int i = 0; i < 3; i++) {
                CompletableFuture<DhtRecord> unused =
                        world.node(i).dht.claim(key, new byte[] {(byte) i}, TTL_SECONDS, null);
                world.runMillis(world.random.nextInt(300));
            }
            world.runMillis(60_000);
            assertThat(holders(world, key).size()).as("seed %d", raceSeed).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void claim_onBothSidesOfAPartition_oneHolderAfterHealingAndTheLoserIsTold() {
        for (int run = 0; run < 10; run++) {
            long runSeed = seed * 3000 + run;
            FakeWorld world = FakeWorld.of(16, runSeed);
            for (int i = 0; i < 16; i++) {
                world.node(i).setSide(i % 2);
            }
            world.announce();
            world.runMillis(20_000);
            List<String> lost = new ArrayList<>();
            world.await(world.node(0).dht.claim(key, new byte[] {0}, TTL_SECONDS, winner -> lost.add("0")));
            world.await(world.node(1).dht.claim(key, new byte[] {1}, TTL_SECONDS, winner -> lost.add("1")));
            assertThat(holders(world, key)).hasSize(2);
            world.nodes.forEach(node -> node.setSide(0));
            world.announce();
            for (FakeNode node : world.nodes) {
                GetResult early = world.await(node.dht.get(key, GetOptions.MAJORITY));
                assertThat(early.records()).as("seed %d", runSeed).hasSize(1);
            }
            world.runMillis(400_000);
            List<FakeNode> holders = holders(world, key);
            assertThat(holders).as("seed %d", runSeed).hasSize(1);
            assertThat(lost).as("seed %d", runSeed).hasSize(1);
            assertThat(ownersAtReplicas(world, key))
                    .as("seed %d", runSeed)
                    .containsExactly(holders.get(0).self());
            for (FakeNode node : world.nodes) {
                GetResult result = world.await(node.dht.get(key, GetOptions.MAJORITY));
                assertThat(result.holder().ownerId()).isEqualTo(holders.get(0).self());
            }
        }
    }

    @Test
    void claim_holderAsleepBeyondItsTime_asksAgainAndLosesToTheNewHolderWhateverItsRank() {
        for (int run = 0; run < 8; run++) {
            FakeWorld world = FakeWorld.of(12, seed * 4000 + run);
            List<DhtRecord> lost = new ArrayList<>();
            FakeNode sleeper = world.node(0);
            world.await(sleeper.dht.claim(key, new byte[] {0}, 600, lost::add));
            sleeper.setAsleep(true);
            world.runMillis(700_000);
            world.await(world.node(1).dht.claim(key, new byte[] {1}, 600, null));
            sleeper.setAsleep(false);
            world.runMillis(60_000);
            assertThat(holders(world, key)).as("seed %d run %d", seed, run).containsExactly(world.node(1));
            assertThat(lost).hasSize(1);
            assertThat(lost.get(0).owner()).isEqualTo(world.node(1).identity.publicIdentity());
        }
    }

    @Test
    void claim_holderAsleepAndNobodyTookIt_isHeldAgain() {
        FakeWorld world = FakeWorld.of(12, seed);
        world.await(world.node(0).dht.claim(key, new byte[] {0}, 600, null));
        world.node(0).setAsleep(true);
        world.runMillis(700_000);
        world.node(0).setAsleep(false);
        world.runMillis(10_000);
        GetResult result = world.await(world.node(4).dht.get(key, GetOptions.MAJORITY));
        assertThat(result.holder()).isNotNull();
        assertThat(holders(world, key)).containsExactly(world.node(0));
    }

    @Test
    void claim_underChurn_staysWithItsHolder() {
        FakeWorld world = FakeWorld.of(30, seed);
        world.await(world.node(0).dht.claim(key, new byte[] {0}, TTL_SECONDS, null));
        for (int step = 0; step < 60; step++) {
            world.node(2 + world.random.nextInt(world.nodes.size() - 2)).crash();
            world.nodes.removeIf(node -> !node.isUp());
            world.add().join();
            world.runMillis(30_000);
            if (step % 10 == 9) {
                DhtException failure = failure(world, world.node(1).dht.claim(key, new byte[] {1}, TTL_SECONDS, null));
                assertThat(failure.reason()).as("seed %d step %d", seed, step).isEqualTo(DhtException.Reason.HELD);
            }
        }
        assertThat(holders(world, key)).containsExactly(world.node(0));
    }
}
