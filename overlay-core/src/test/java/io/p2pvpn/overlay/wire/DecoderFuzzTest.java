package io.p2pvpn.overlay.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.coordinate.Coordinate;
import io.p2pvpn.overlay.host.HttpProxy;
import io.p2pvpn.overlay.host.InterfaceRules;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.ring.Contacts;
import io.p2pvpn.overlay.wire.proto.NetworkCoordinate;
import java.nio.charset.StandardCharsets;

/** Encodings that come from elsewhere are read or refused, and nothing else. {@code lab/fuzz} looks further. */
class DecoderFuzzTest {
    @FuzzTest
    void identities(byte[] bytes) {
        PublicIdentity identity = PublicIdentity.parse(bytes);
        assertThat(identity == null || identity.encode().length == bytes.length).isTrue();
        Identity secret = Identity.parse(bytes);
        assertThat(secret == null || secret.encode().length == bytes.length).isTrue();
    }

    @FuzzTest
    void endpoints(byte[] bytes) {
        for (var endpoint : Endpoints.decode(ByteString.copyFrom(bytes))) {
            assertThat(endpoint.port()).isBetween(1, 65_535);
        }
    }

    @FuzzTest
    void contacts(byte[] bytes) {
        for (var contact : Contacts.decode(bytes, new IdentityCache())) {
            assertThat(contact.endpoints()).hasSizeLessThanOrEqualTo(16);
        }
    }

    @FuzzTest
    void coordinates(byte[] bytes) {
        try {
            Coordinate coordinate = Coordinate.fromProto(NetworkCoordinate.parseFrom(bytes));
            assertThat(coordinate == null || coordinate.toProto() != null).isTrue();
        } catch (InvalidProtocolBufferException malformed) {
            assertThat(malformed).isNotNull();
        }
    }

    @FuzzTest
    void texts(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        OverlayId id = OverlayId.parseOrNull(text);
        assertThat(id == null || id.toString().equalsIgnoreCase(text)).isTrue();
        try {
            var unused = HttpProxy.parse(text);
        } catch (IllegalArgumentException wrong) {
            assertThat(wrong.getMessage()).isNotEmpty();
        }
        try {
            var unused = InterfaceRules.Rule.parse(text);
        } catch (IllegalArgumentException wrong) {
            assertThat(wrong.getMessage()).isNotEmpty();
        }
    }
}
