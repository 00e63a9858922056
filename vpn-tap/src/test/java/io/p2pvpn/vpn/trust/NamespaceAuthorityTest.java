package io.p2pvpn.vpn.trust;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class NamespaceAuthorityTest {

    private final TrustFixture fixture = new TrustFixture();
    private final NamespaceAuthority authority = fixture.authority;

    @Test
    void parse_encodedAuthority_signsWithTheSameKey() {
        byte[] encoded = authority.encode();
        NamespaceAuthority parsed = NamespaceAuthority.parse(encoded);
        assertThat(encoded).hasSize(NamespaceAuthority.ENCODED_BYTES);
        assertThat(parsed.publicKey()).isEqualTo(authority.publicKey());
        assertThat(parsed.namespaceId()).isEqualTo(authority.namespaceId());
        MemberTerms terms = fixture.member("grid-1", Role.MEMBER);
        assertThat(parsed.issue(terms)).isEqualTo(authority.issue(terms));
    }

    @Test
    void parse_damagedOrCut_isNull() {
        byte[] encoded = authority.encode();
        for (int i = 0; i < encoded.length; i++) {
            byte[] damaged = encoded.clone();
            damaged[i] ^= (byte) (1 << (i % 8));
            assertThat(NamespaceAuthority.parse(damaged)).as("byte %d", i).isNull();
            assertThat(NamespaceAuthority.parse(Arrays.copyOf(encoded, i))).isNull();
        }
        assertThat(NamespaceAuthority.parse(Arrays.copyOf(encoded, encoded.length + 1)))
                .isNull();
    }

    @Test
    void namespaceId_isTheHashOfTheKeyWithItsDomain() throws Exception {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        sha256.update("p2pvpn namespace v1".getBytes(US_ASCII));
        byte[] hash = sha256.digest(authority.publicKey());
        assertThat(authority.namespaceId().toByteArray()).isEqualTo(Arrays.copyOf(hash, 20));
    }

    @Test
    void generate_twice_isTwoNamespaces() {
        NamespaceAuthority other = NamespaceAuthority.generate(fixture.random::nextBytes);
        assertThat(other.namespaceId()).isNotEqualTo(authority.namespaceId());
        assertThat(other.toString()).isEqualTo(other.namespaceId().toShortString());
    }
}
