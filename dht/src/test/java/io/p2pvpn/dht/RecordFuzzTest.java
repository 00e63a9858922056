package io.p2pvpn.dht;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.dht.wire.proto.SignedRecord;
import io.p2pvpn.overlay.identity.IdentityCache;

/** Records of others are read or refused, and none is taken that its owner has not signed. */
class RecordFuzzTest {
    private final RecordCodec codec = new RecordCodec(new byte[0], new IdentityCache());

    @FuzzTest
    void record(byte[] bytes) {
        try {
            RecordCodec.Parsed parsed = codec.parse(SignedRecord.parseFrom(bytes), held -> false);
            assertThat(parsed.record() == null).isEqualTo(parsed.refusal() != PutStatus.STORED);
        } catch (InvalidProtocolBufferException malformed) {
            assertThat(malformed).isNotNull();
        }
    }
}
