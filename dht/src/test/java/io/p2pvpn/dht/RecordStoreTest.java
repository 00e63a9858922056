package io.p2pvpn.dht;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.p2pvpn.dht.wire.proto.RecordContent;
import io.p2pvpn.dht.wire.proto.RecordKindWire;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.IdentityCache;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

final class RecordStoreTest {
    private static final long LIFE = 600_000;

    private final long seed = Long.getLong("p2pvpn.seed", 11);
    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    private final RecordCodec codec = new RecordCodec(new byte[0], new IdentityCache());
    private final Identity alice = FakeWorld.identity(random);
    private final Identity bob = FakeWorld.identity(random);
    private final OverlayId key = DhtKeys.of("test");

    private static RecordStore store(StoreLimits limits) {
        return new RecordStore(limits, () -> 1000);
    }

    private DhtRecord record(Identity owner, OverlayId at, long sequence, RecordContent.Builder draft) {
        return codec.sign(
                owner, at, draft.setSequence(sequence).setCreatedEpochMillis(1).setTtlSeconds(600));
    }

    private DhtRecord plain(Identity owner, long sequence) {
        return record(owner, key, sequence, RecordContent.newBuilder().setKind(RecordKindWire.RECORD_KIND_PLAIN));
    }

    private DhtRecord grave(Identity owner, long sequence) {
        return record(
                owner,
                key,
                sequence,
                RecordContent.newBuilder()
                        .setKind(RecordKindWire.RECORD_KIND_PLAIN)
                        .setTombstone(true));
    }

    private DhtRecord claim(Identity owner, long sequence, boolean tentative) {
        return record(
                owner,
                key,
                sequence,
                RecordContent.newBuilder()
                        .setKind(RecordKindWire.RECORD_KIND_CLAIM)
                        .setTentative(tentative));
    }

    private Identity winner() {
        return RecordOrder.outranks(claim(alice, 1, false), claim(bob, 1, false)) ? alice : bob;
    }

    @Test
    void put_newerSequence_replaces() {
        RecordStore store = store(StoreLimits.DEFAULT);
        assertThat(store.put(plain(alice, 5), LIFE, 0).status()).isEqualTo(PutStatus.STORED);
        assertThat(store.put(plain(alice, 6), LIFE, 0).status()).isEqualTo(PutStatus.STORED);
        RecordStore.PutResult older = store.put(plain(alice, 5), LIFE, 0);
        assertThat(older.status()).isEqualTo(PutStatus.OLDER);
        assertThat(older.standing().record().sequence()).isEqualTo(6);
        assertThat(store.get(key, 0)).hasSize(1);
    }

    @Test
    void pollRefresh_whileNothingChanges_comesMoreAndMoreRarely() {
        RecordStore store = store(StoreLimits.DEFAULT);
        store.put(plain(alice, 5), LIFE, 0);
        assertThat(store.pollRefresh(999)).isNull();
        assertThat(store.pollRefresh(1_000)).isNotNull();
        assertThat(store.pollRefresh(2_999)).isNull();
        // Another replica offers it: that does for all.
        store.put(plain(alice, 5), LIFE, 2_999);
        assertThat(store.pollRefresh(6_998)).isNull();
        assertThat(store.pollRefresh(6_999)).isNotNull();
        assertThat(store.pollRefresh(10_998)).isNull();
        assertThat(store.pollRefresh(10_999)).isNotNull();
        // A renewal is heard of by all too.
        store.put(plain(alice, 6), LIFE, 11_000);
        assertThat(store.pollRefresh(14_999)).isNull();
        store.refreshSooner(12_000);
        assertThat(store.pollRefresh(12_999)).isNull();
        assertThat(store.pollRefresh(13_000)).isNotNull();
    }

    @Test
    void put_sameRecordAgain_doesNotLengthenItsLife() {
        RecordStore store = store(StoreLimits.DEFAULT);
        store.put(plain(alice, 5), LIFE, 0);
        assertThat(store.put(plain(alice, 5), LIFE, 1000).status()).isEqualTo(PutStatus.STORED);
        assertThat(store.get(key, LIFE)).isEmpty();
        assertThat(store.size()).isZero();
        assertThat(store.bytes()).isZero();
    }

    @Test
    void put_lateOlderRecordAfterTombstone_isRefused() {
        RecordStore store = store(StoreLimits.DEFAULT);
        store.put(grave(alice, 6), LIFE, 0);
        assertThat(store.put(plain(alice, 5), LIFE, 0).status()).isEqualTo(PutStatus.OLDER);
        assertThat(store.put(plain(alice, 6), LIFE, 0).status()).isEqualTo(PutStatus.OLDER);
        assertThat(store.put(plain(alice, 7), LIFE, 0).status()).isEqualTo(PutStatus.STORED);
    }

    @Test
    void put_tentativeClaimAgainstLivingOne_isRefusedWithItsHolder() {
        RecordStore store = store(StoreLimits.DEFAULT);
        store.put(claim(alice, 1, true), LIFE, 0);
        RecordStore.PutResult result = store.put(claim(bob, 1, true), LIFE, 0);
        assertThat(result.status()).isEqualTo(PutStatus.HELD);
        assertThat(result.standing().record().owner()).isEqualTo(alice.publicIdentity());
        assertThat(store.put(claim(bob, 1, true), LIFE, LIFE).status()).isEqualTo(PutStatus.STORED);
    }

    @Test
    void put_confirmedClaims_mergeTheSameInAnyOrder() {
        List<DhtRecord> claims = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            claims.add(claim(FakeWorld.identity(random), i + 1L, false));
        }
        DhtRecord expected = claims.stream()
                .reduce((a, b) -> RecordOrder.outranks(a, b) ? a : b)
                .orElseThrow();
        Random order = new Random(seed);
        for (int run = 0; run < 50; run++) {
            Collections.shuffle(claims, order);
            RecordStore store = store(StoreLimits.DEFAULT);
            claims.forEach(claim -> store.put(claim, LIFE, 0));
            assertThat(store.all()).as("seed %d run %d", seed, run).hasSize(1);
            assertThat(store.all().get(0).isSameAs(expected)).isTrue();
        }
    }

    @Test
    void put_confirmedClaim_displacesTentativeOneWhateverItsRank() {
        Identity loser = winner() == alice ? bob : alice;
        RecordStore store = store(StoreLimits.DEFAULT);
        store.put(claim(winner(), 1, true), LIFE, 0);
        assertThat(store.put(claim(loser, 1, false), LIFE, 0).status()).isEqualTo(PutStatus.STORED);
        assertThat(store.all()).hasSize(1);
        assertThat(store.all().get(0).owner()).isEqualTo(loser.publicIdentity());
    }

    @Test
    void put_pastEachBound_isRefusedAndBytesAreCounted() {
        RecordStore store = store(new StoreLimits(4, 1_000_000, 2, 3, 3));
        assertThat(store.put(plain(alice, 1), LIFE, 0).status()).isEqualTo(PutStatus.STORED);
        OverlayId other = DhtKeys.of("other");
        OverlayId third = DhtKeys.of("third");
        RecordContent.Builder draft = RecordContent.newBuilder().setKind(RecordKindWire.RECORD_KIND_PLAIN);
        assertThat(store.put(record(alice, other, 1, draft), LIFE, 0).status()).isEqualTo(PutStatus.STORED);
        assertThat(store.put(record(alice, third, 1, draft), LIFE, 0).status())
                .as("per owner")
                .isEqualTo(PutStatus.FULL);
        assertThat(store.put(plain(bob, 1), LIFE, 0).status()).isEqualTo(PutStatus.STORED);
        assertThat(store.put(plain(FakeWorld.identity(random), 1), LIFE, 0).status())
                .isEqualTo(PutStatus.STORED);
        assertThat(store.put(plain(FakeWorld.identity(random), 1), LIFE, 0).status())
                .as("per key and per node")
                .isEqualTo(PutStatus.FULL);
        assertThat(store.put(plain(alice, 2), LIFE, 0).status()).as("renewal").isEqualTo(PutStatus.STORED);
        store.purge(LIFE);
        assertThat(store.bytes()).isZero();
        RecordStore tiny = store(new StoreLimits(4, 100, 2, 3, 3));
        assertThat(tiny.put(plain(alice, 1), LIFE, 0).status()).isEqualTo(PutStatus.FULL);
    }

    @Test
    void put_fullKey_givesUpItsTombstonesFirst() {
        RecordStore store = store(new StoreLimits(100, 1_000_000, 9, 2, 2));
        store.put(plain(bob, 1), LIFE, 0);
        store.put(grave(alice, 1), LIFE, 0);
        DhtRecord third = plain(FakeWorld.identity(random), 1);
        assertThat(store.put(third, LIFE, 0).status()).isEqualTo(PutStatus.STORED);
        assertThat(store.all()).hasSize(2).noneMatch(DhtRecord::isTombstone);
    }

    @Test
    void put_randomRecords_agreesWithNaiveMerge() {
        List<Identity> owners = List.of(alice, bob, FakeWorld.identity(random));
        for (int run = 0; run < 20; run++) {
            List<DhtRecord> records = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                Identity owner = owners.get(random.nextInt(owners.size()));
                long sequence = random.nextLong(1, 5);
                records.add(random.nextBoolean() ? plain(owner, sequence) : grave(owner, sequence));
            }
            RecordStore store = store(StoreLimits.DEFAULT);
            records.forEach(record -> store.put(record, LIFE, 0));
            for (Identity owner : owners) {
                List<DhtRecord> mine = records.stream()
                        .filter(record -> record.owner().equals(owner.publicIdentity()))
                        .toList();
                List<DhtRecord> kept = store.all().stream()
                        .filter(record -> record.owner().equals(owner.publicIdentity()))
                        .toList();
                assertThat(kept).as("seed %d run %d", seed, run).hasSize(mine.isEmpty() ? 0 : 1);
                for (DhtRecord record : mine) {
                    assertThat(RecordOrder.supersedes(record, kept.get(0))).isFalse();
                }
            }
        }
    }

    @Test
    void keysBetween_arcAroundTheEnd_findsBothParts() {
        RecordStore store = store(StoreLimits.DEFAULT);
        RecordContent.Builder draft = RecordContent.newBuilder()
                .setKind(RecordKindWire.RECORD_KIND_PLAIN)
                .setValue(ByteString.EMPTY);
        List<OverlayId> keys = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            OverlayId at = DhtKeys.of("arc", new byte[] {(byte) i});
            keys.add(at);
            store.put(record(FakeWorld.identity(random), at, 1, draft), LIFE, 0);
        }
        for (int i = 0; i + 1 < keys.size(); i++) {
            OverlayId from = keys.get(i);
            OverlayId to = keys.get(i + 1);
            assertThat(store.keysBetween(from, to))
                    .containsExactlyInAnyOrderElementsOf(
                            keys.stream().filter(at -> at.isBetween(from, to)).toList());
        }
    }
}
