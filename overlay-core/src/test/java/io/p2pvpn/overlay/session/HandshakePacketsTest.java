package io.p2pvpn.overlay.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.noise.CipherSuite;
import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.overlay.noise.Mac16;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.TestNet;
import io.p2pvpn.overlay.wire.Frame;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HandshakePacketsTest {
    private static final OverlayId TARGET = OverlayId.ofHash(Digests.sha256(new byte[] {1}));
    private static final OverlayId OTHER = OverlayId.ofHash(Digests.sha256(new byte[] {2}));

    private static byte[] init(OverlayId target) {
        byte[] noise = new byte[HandshakePackets.initNoiseBytes()];
        new SplittableRandom(7).nextBytes(noise);
        return HandshakePackets.init(
                HandshakePackets.PATTERN_IK, CipherSuite.CHACHA20_POLY1305, 0x01020304, noise, target);
    }

    @Test
    void init_ofAnySuite_hasTheFixedLayout() {
        byte[] packet = init(TARGET);
        assertThat(packet).hasSize(HandshakePackets.INIT_BYTES);
        assertThat(Frame.type(packet, 0, packet.length)).isEqualTo(Frame.TYPE_INIT);
        assertThat(Frame.sender(packet, 0)).isEqualTo(0x01020304);
        assertThat(HandshakePackets.pattern(packet, 0)).isEqualTo(HandshakePackets.PATTERN_IK);
        assertThat(HandshakePackets.suite(packet, 0)).isEqualTo(CipherSuite.CHACHA20_POLY1305);
    }

    @Test
    void mac1_ofThisTarget_isRightForItOnlyAndForEveryBitCovered() {
        byte[] packet = init(TARGET);
        Mac16 mac1 = HandshakePackets.mac1(TARGET);
        assertThat(HandshakePackets.carries(mac1, packet, 0)).isTrue();
        assertThat(HandshakePackets.carries(HandshakePackets.mac1(OTHER), packet, 0))
                .isFalse();
        for (int i = 0; i < packet.length - 2 * HandshakePackets.MAC_BYTES; i++) {
            byte[] damaged = packet.clone();
            damaged[i] ^= 1;
            assertThat(HandshakePackets.carries(mac1, damaged, 0)).isFalse();
        }
    }

    @Test
    void cookie_sealedForACaller_opensForItOnly() {
        byte[] cookie = new byte[CookieJar.COOKIE_BYTES];
        Arrays.fill(cookie, (byte) 5);
        byte[] mac1 = HandshakePackets.mac1Of(init(TARGET), 0);
        byte[] packet = HandshakePackets.cookie(9, cookie, mac1, HandshakePackets.cookieSealer(TARGET), new byte[12]);
        assertThat(Frame.type(packet, 0, packet.length)).isEqualTo(Frame.TYPE_COOKIE);
        assertThat(Frame.receiver(packet, 0)).isEqualTo(9);
        assertThat(HandshakePackets.openCookie(packet, 0, packet.length, mac1, TARGET))
                .isEqualTo(cookie);
        assertThat(HandshakePackets.openCookie(packet, 0, packet.length, new byte[16], TARGET))
                .isNull();
        assertThat(HandshakePackets.openCookie(packet, 0, packet.length, mac1, OTHER))
                .isNull();
        assertThat(HandshakePackets.openCookie(packet, 0, packet.length - 1, mac1, TARGET))
                .isNull();
        packet[packet.length - 1] ^= 1;
        assertThat(HandshakePackets.openCookie(packet, 0, packet.length, mac1, TARGET))
                .isNull();
    }

    @Test
    void mac2_fromABakedCookie_provesItsAddressUntilTheSecretIsTwoLivesOld() {
        TestNet net = new TestNet(1);
        TestNet.Node node = net.add(1);
        CookieJar jar = new CookieJar(node);
        Endpoint caller = Objects.requireNonNull(Endpoint.of(Endpoint.Kind.UDP, new byte[] {11, 0, 0, 9}, 77));
        byte[] packet = HandshakePackets.withMac2(init(TARGET), jar.bake(caller));
        assertThat(jar.proves(caller, packet, 0)).isTrue();
        assertThat(jar.proves(node.address(), packet, 0)).isFalse();
        assertThat(jar.proves(caller, init(TARGET), 0)).isFalse();
        net.runFor(121_000_000_000L);
        assertThat(jar.proves(caller, packet, 0)).isTrue();
        net.runFor(121_000_000_000L);
        assertThat(jar.proves(caller, packet, 0)).isFalse();
    }
}
