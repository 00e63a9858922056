package io.p2pvpn.vpn.trust;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.p2pvpn.vpn.control.ControlJson;
import io.p2pvpn.vpn.control.DhtRequest;
import io.p2pvpn.vpn.control.JoinRequest;
import io.p2pvpn.vpn.control.PingRequest;
import io.p2pvpn.vpn.control.RouteRequest;
import io.p2pvpn.vpn.namespace.Addresses;
import io.p2pvpn.vpn.namespace.MemberNotes;
import io.p2pvpn.vpn.option.BootstrapAddress;
import io.p2pvpn.vpn.option.HostPort;
import io.p2pvpn.vpn.option.IpAddress;
import io.p2pvpn.vpn.option.IpPrefix;
import io.p2pvpn.vpn.option.ListenAddress;
import io.p2pvpn.vpn.option.NamespaceName;
import io.p2pvpn.vpn.tun.Cidr;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Certificates, descriptors, notes, documents and options are read or refused. {@code lab/fuzz} looks further. */
class TrustFuzzTest {
    private static final TrustFixture FIXTURE = new TrustFixture();
    private static final int MUTATIONS = 2_000;
    private static final List<Function<String, ?>> OPTIONS = List.of(
            BootstrapAddress::parse,
            BootstrapAddress::parseList,
            HostPort::parse,
            IpAddress::parse,
            IpPrefix::parse,
            ListenAddress::parse,
            NamespaceName::parse);

    @FuzzTest
    void descriptor(byte[] bytes) {
        NamespaceDescriptor descriptor = NamespaceDescriptor.parse(bytes);
        assertThat(descriptor == null || descriptor.encode().length > 0).isTrue();
    }

    /** Nobody who cannot sign makes one. */
    @FuzzTest
    void certificate(byte[] bytes) {
        assertThat(MemberCertificate.verify(bytes, FIXTURE.authority.publicKey(), TrustFixture.NOW_MILLIS))
                .isNull();
    }

    @FuzzTest
    void authority(byte[] bytes) {
        NamespaceAuthority authority = NamespaceAuthority.parse(bytes);
        assertThat(authority == null || authority.encode().length == bytes.length)
                .isTrue();
    }

    @FuzzTest
    void notes(byte[] bytes) {
        String name = MemberNotes.hostName(bytes);
        assertThat(name == null || name.length() <= bytes.length).isTrue();
        var unused = MemberNotes.ipv4(bytes);
    }

    @FuzzTest
    void documents(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        for (Class<? extends Record> type :
                List.of(JoinRequest.class, DhtRequest.class, PingRequest.class, RouteRequest.class)) {
            var unused = ControlJson.read(text, type);
        }
    }

    @FuzzTest
    void options(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        for (Function<String, ?> option : OPTIONS) {
            try {
                assertThat(option.apply(text)).isNotNull();
            } catch (IllegalArgumentException wrong) {
                assertThat(wrong.getMessage()).isNotEmpty();
            }
        }
        Cidr prefix = Cidr.parse(text);
        assertThat(prefix == null || prefix.prefixLength() <= 128).isTrue();
        var unused = Addresses.parse(text);
    }

    /** Without a fuzzing engine: a valid certificate and a valid descriptor, changed at random places. */
    @Test
    void mutations_ofValidOnes_areRefused() {
        byte[] certificate = FIXTURE.authority.issue(FIXTURE.member("node1", Role.MEMBER));
        byte[] descriptor = FIXTURE.authority
                .describe(FIXTURE.namespace("lab", true, "10.5.0.0/16"))
                .encode();
        for (int i = 0; i < MUTATIONS; i++) {
            certificate(FIXTURE.damaged(certificate));
            assertThat(NamespaceDescriptor.parse(FIXTURE.damaged(descriptor))).isNull();
        }
    }
}
