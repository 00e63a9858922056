package io.p2pvpn.dht;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.p2pvpn.dht.wire.proto.RecordContent;
import io.p2pvpn.dht.wire.proto.RecordKindWire;
import io.p2pvpn.dht.wire.proto.SignedRecord;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.IdentityCache;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

final class RecordCodecTest {
    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(Long.getLong("p2pvpn.seed", 7));
    private final Identity identity = FakeWorld.identity(random);
    private final RecordCodec codec = new RecordCodec(new byte[] {1, 2, 3}, new IdentityCache());
    private final OverlayId key = DhtKeys.of("test", new byte[] {9});

    private static RecordContent.Builder draft() {
        return RecordContent.newBuilder()
                .setKind(RecordKindWire.RECORD_KIND_PLAIN)
                .setSequence(1)
                .setCreatedEpochMillis(FakeWorld.EPOCH_MILLIS)
                .setTtlSeconds(600)
                .setValue(ByteString.copyFromUtf8("value"));
    }

    private DhtRecord signed(RecordContent.Builder draft) {
        return codec.sign(identity, key, draft);
    }

    private PutStatus refusal(SignedRecord signed) {
        return codec.parse(signed, unused -> false).refusal();
    }

    @Test
    void parse_signedRecord_givesItBack() {
        DhtRecord record = signed(draft().setCredential(ByteString.copyFromUtf8("card")));
        DhtRecord parsed = codec.parseOrNull(record.signed());
        assertThat(parsed).isNotNull();
        assertThat(parsed.key()).isEqualTo(key);
        assertThat(parsed.owner()).isEqualTo(identity.publicIdentity());
        assertThat(parsed.value()).isEqualTo("value".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(parsed.credential()).hasSize(4);
        assertThat(parsed.isSameAs(record)).isTrue();
    }

    @Test
    void parse_recordOfAnotherRing_isInvalid() {
        DhtRecord foreign = new RecordCodec(new byte[] {1, 2}, new IdentityCache()).sign(identity, key, draft());
        assertThat(refusal(foreign.signed())).isEqualTo(PutStatus.INVALID);
    }

    @Test
    void parse_otherOwnerPutIn_isInvalid() {
        DhtRecord record = signed(draft());
        ByteString other =
                ByteString.copyFrom(FakeWorld.identity(random).publicIdentity().encode());
        RecordContent forged = draft().setVersion(1)
                .setKey(ByteString.copyFrom(key.toByteArray()))
                .setOwner(other)
                .build();
        assertThat(refusal(record.signed().toBuilder()
                        .setContent(forged.toByteString())
                        .build()))
                .isEqualTo(PutStatus.INVALID);
    }

    @Test
    void parse_anyBitOfContentOrSignatureFlipped_isRefused() {
        SignedRecord good = signed(draft()).signed();
        byte[] content = good.getContent().toByteArray();
        for (int i = 0; i < content.length; i++) {
            byte[] bad = content.clone();
            bad[i] ^= 1;
            assertThat(codec.parseOrNull(good.toBuilder()
                            .setContent(ByteString.copyFrom(bad))
                            .build()))
                    .as("content byte %d", i)
                    .isNull();
        }
        byte[] signature = good.getSignature().toByteArray();
        for (int i = 0; i < signature.length; i++) {
            byte[] bad = signature.clone();
            bad[i] ^= 1;
            assertThat(codec.parseOrNull(good.toBuilder()
                            .setSignature(ByteString.copyFrom(bad))
                            .build()))
                    .as("signature byte %d", i)
                    .isNull();
        }
    }

    @Test
    void parse_contentTruncatedAtEveryLength_isRefused() {
        SignedRecord good = signed(draft()).signed();
        for (int length = 0; length < good.getContent().size(); length++) {
            SignedRecord cut = good.toBuilder()
                    .setContent(good.getContent().substring(0, length))
                    .build();
            assertThat(codec.parseOrNull(cut)).as("length %d", length).isNull();
        }
    }

    @Test
    void parse_limitsPassed_isInvalid() {
        ByteString tooLong = ByteString.copyFrom(new byte[DhtLimits.VALUE_BYTES_MAX + 1]);
        assertThat(codec.parseOrNull(signed(draft()).signed())).isNotNull();
        assertThat(refusal(signed(draft().setValue(tooLong)).signed())).isEqualTo(PutStatus.INVALID);
        ByteString tooLongToShow = ByteString.copyFrom(new byte[DhtLimits.CREDENTIAL_BYTES_MAX + 1]);
        assertThat(refusal(signed(draft().setCredential(tooLongToShow)).signed()))
                .isEqualTo(PutStatus.INVALID);
        assertThat(refusal(signed(draft().setTtlSeconds(86_401)).signed())).isEqualTo(PutStatus.INVALID);
        assertThat(refusal(signed(draft().setTtlSeconds(9)).signed())).isEqualTo(PutStatus.INVALID);
        assertThat(refusal(signed(draft().setSequence(0)).signed())).isEqualTo(PutStatus.INVALID);
        assertThat(refusal(signed(draft().setTombstone(true)).signed())).isEqualTo(PutStatus.INVALID);
        assertThat(refusal(signed(draft().setTentative(true)).signed())).isEqualTo(PutStatus.INVALID);
        assertThat(refusal(signed(draft().setKindValue(77)).signed())).isEqualTo(PutStatus.INVALID);
    }

    @Test
    void parse_longTentativeClaim_isInvalid() {
        RecordContent.Builder claim =
                draft().setKind(RecordKindWire.RECORD_KIND_CLAIM).setTentative(true);
        assertThat(refusal(signed(claim).signed())).isEqualTo(PutStatus.INVALID);
        assertThat(codec.parseOrNull(signed(claim.setTtlSeconds(60)).signed())).isNotNull();
    }

    @Test
    void parse_futureVersion_saysSo() {
        RecordContent future = draft().setVersion(2).build();
        SignedRecord signed = signed(draft()).signed().toBuilder()
                .setContent(future.toByteString())
                .build();
        assertThat(refusal(signed)).isEqualTo(PutStatus.VERSION);
    }
}
