package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.dht.Dht;
import io.p2pvpn.dht.DhtException;
import io.p2pvpn.dht.DhtKeys;
import io.p2pvpn.dht.DhtRecord;
import io.p2pvpn.dht.GetOptions;
import io.p2pvpn.dht.GetResult;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.simulator.RingWorld.Member;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Several members want one key, on bad networks, while rings are cut and healed and claimants crash: when it is quiet
 * again, at most one holds it, all members see the same one, and whoever lost it knows.
 *
 * <p>All seeds: {@code -Dp2pvpn.claim.seeds=1000}.
 */
class DhtClaimRaceTest {
    private static final long MILLI_NANOS = 1_000_000L;
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final int SEEDS = Integer.getInteger("p2pvpn.claim.seeds", 12);
    private static final int TTL_SECONDS = 3600;
    /** Holders look after their claims every two minutes. */
    private static final long QUIET_NANOS = 150 * SECOND_NANOS;

    /** What happens beside the race. */
    private enum Trouble {
        NONE,
        CUT_BEFORE,
        CUT_MEANWHILE,
        CRASH,
        CRASH_AND_CUT
    }

    /** Somebody who wants the key, asks until it is told that another has it, and counts what it is told. */
    private final class Claimant {
        private final Member member;
        private final Dht dht;
        private boolean isHolder;
        private boolean everHeld;
        private int lost;
        private boolean isDone;

        Claimant(Member member) {
            this.member = member;
            this.dht = dhts.dht(member);
        }

        void ask() {
            if (!isAlive() || isDone) {
                return;
            }
            var unused =
                    dht.claim(key, new byte[] {1}, TTL_SECONDS, this::onLost).whenComplete(this::onAnswer);
        }

        private void onAnswer(@Nullable DhtRecord claim, @Nullable Throwable failure) {
            if (failure == null) {
                isHolder = true;
                everHeld = true;
            } else if (!isHeld(failure) && isAlive()) {
                dhts.world().after(300 * MILLI_NANOS, this::ask);
            }
        }

        private void onLost(DhtRecord winner) {
            assertThat(isHolder).isTrue();
            assertThat(winner.owner()).isNotEqualTo(member.identity().publicIdentity());
            isHolder = false;
            lost++;
        }

        boolean isAlive() {
            return member.isRunning();
        }

        boolean keeps() {
            return dht.ownRecords().stream()
                    .anyMatch(record -> record.kind() == DhtRecord.Kind.CLAIM
                            && record.key().equals(key));
        }

        byte[] rank() {
            return Digests.sha256(
                    key.toByteArray(), member.identity().publicIdentity().signingKey());
        }
    }

    private final OverlayId key = DhtKeys.of("race");
    private DhtWorld dhts = new DhtWorld(0, LinkModel.CLEAN);
    private SplittableRandom random = new SplittableRandom(0);

    private static boolean isHeld(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof DhtException known && known.reason() == DhtException.Reason.HELD;
    }

    private LinkModel drawLink() {
        return LinkModel.INTERNET
                .withDelay(5 * MILLI_NANOS, (10 + random.nextInt(80)) * MILLI_NANOS, LinkModel.Jitter.EXPONENTIAL)
                .withLoss(random.nextInt(3) * 0.05)
                .withDuplication(0.02)
                .withReordering(0.2, 200 * MILLI_NANOS);
    }

    @Test
    void claim_racesCutsAndCrashes_neverTwoHoldersWhenQuiet() {
        SimSeeds.forEach(SEEDS, this::race);
    }

    private void race(long seed) {
        random = new SplittableRandom(seed);
        Trouble trouble = Trouble.values()[(int) (seed % Trouble.values().length)];
        dhts = new DhtWorld(seed, drawLink());
        assertThat(dhts.start(5 + random.nextInt(12), 60 * SECOND_NANOS)).isTrue();
        List<Member> members = new ArrayList<>(dhts.ring().members());
        List<Claimant> claimants = new ArrayList<>();
        for (int i = 2 + random.nextInt(3); i > 0; i--) {
            claimants.add(new Claimant(members.remove(random.nextInt(members.size()))));
        }
        boolean cuts = trouble != Trouble.NONE && trouble != Trouble.CRASH;
        if (trouble == Trouble.CUT_BEFORE) {
            cut();
            dhts.world().runFor((1 + random.nextInt(30)) * SECOND_NANOS);
        }
        long windowNanos = (1 + random.nextInt(2_000)) * MILLI_NANOS;
        claimants.forEach(claimant -> dhts.world().after(random.nextLong(windowNanos), claimant::ask));
        if (trouble == Trouble.CRASH || trouble == Trouble.CRASH_AND_CUT) {
            dhts.world().after(random.nextLong(2_000 * MILLI_NANOS), () -> dhts.crash(claimants.get(0).member));
        }
        if (cuts && trouble != Trouble.CUT_BEFORE) {
            dhts.world().after(random.nextLong(2_000 * MILLI_NANOS), this::cut);
        }
        dhts.world().runFor((2 + random.nextInt(40)) * SECOND_NANOS);
        if (cuts) {
            heal();
        }
        dhts.world().runFor(QUIET_NANOS);
        claimants.forEach(claimant -> claimant.isDone = true);
        check(claimants, trouble);
    }

    private void cut() {
        List<SimHost> island = new ArrayList<>();
        for (Member member : dhts.ring().members()) {
            if (random.nextBoolean()) {
                island.add(member.host());
            }
        }
        dhts.world().network().isolate(island);
    }

    /** The parts can reach each other again; two members of each other's neighbourhood in the whole get in touch. */
    private void heal() {
        dhts.world().network().healAll();
        boolean isWhole = dhts.ring().runUntilRight(2 * SECOND_NANOS) >= 0;
        for (int i = 0; i < 20 && !isWhole; i++) {
            for (Member member : dhts.joined()) {
                Member other = dhts.drawJoined();
                if (other != null && other != member) {
                    member.node()
                            .publicRing()
                            .join(List.of(new Contact(
                                    other.id(),
                                    other.identity().publicIdentity(),
                                    List.of(other.host().address()))));
                }
            }
            isWhole = dhts.ring().runUntilRight(10 * SECOND_NANOS) >= 0;
        }
        assertThat(dhts.ring().wrong()).isNull();
    }

    private void check(List<Claimant> claimants, Trouble trouble) {
        List<Claimant> living = claimants.stream().filter(Claimant::isAlive).toList();
        List<Claimant> holders = living.stream().filter(Claimant::keeps).toList();
        assertThat(holders).as("holders").hasSizeLessThanOrEqualTo(1);
        Claimant holder = holders.isEmpty() ? null : holders.get(0);
        for (Claimant claimant : living) {
            assertThat(claimant.isHolder).as("knows").isEqualTo(claimant == holder);
            assertThat(claimant.lost).as("told").isEqualTo(claimant.everHeld && claimant != holder ? 1 : 0);
        }
        for (Claimant other : living) {
            boolean rival = holder != null && other != holder && other.everHeld;
            assertThat(!rival || Arrays.compareUnsigned(holder.rank(), other.rank()) < 0)
                    .as("smallest rank wins")
                    .isTrue();
        }
        if (trouble == Trouble.NONE) {
            assertThat(holder).as("one wins").isNotNull();
            assertThat(claimants.stream().filter(claimant -> claimant.everHeld)).hasSize(1);
        }
        for (Member member : dhts.joined()) {
            CompletableFuture<GetResult> look = dhts.dht(member).get(key, GetOptions.MAJORITY);
            dhts.world().runUntil(look::isDone, 30 * SECOND_NANOS);
            DhtRecord seen = look.join().holder();
            if (holder != null) {
                assertThat(seen).as("seen by %s", member.host()).isNotNull();
                assertThat(seen.owner()).isEqualTo(holder.member.identity().publicIdentity());
            } else {
                boolean dead = seen == null
                        || living.stream()
                                .noneMatch(each ->
                                        each.member.identity().publicIdentity().equals(seen.owner()));
                assertThat(dead).as("nobody who lives is seen").isTrue();
            }
        }
    }
}
