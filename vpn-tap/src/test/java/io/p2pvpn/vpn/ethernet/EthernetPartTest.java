package io.p2pvpn.vpn.ethernet;

import static io.p2pvpn.vpn.ethernet.TestPort.MEMBER;
import static io.p2pvpn.vpn.ethernet.TestPort.OWN;
import static io.p2pvpn.vpn.ethernet.TestPort.ULA;
import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.vpn.tun.TapDevice;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class EthernetPartTest {
    private static final long BRIDGE = 0x0277_0000_0001L;

    private final TestPort port = new TestPort();
    private final int guest = port.bind(new Frames.Client(Frames.GUEST, "g"));

    private byte[] from(long mac, byte[] packet) {
        return Frames.frame(port.gateway(), mac, EthernetPart.TYPE_IPV4, packet);
    }

    private static byte[] packet(int source, int destination) {
        return Frames.ipv4(source, destination, 1, new byte[40]);
    }

    private long dropped(String reason) {
        return port.runtime.count("ethernet.drop." + reason);
    }

    @Test
    void packet_fromWhoHasItsSource_passes() {
        byte[] ofHost = packet(OWN, MEMBER);
        byte[] ofGuest = packet(guest, MEMBER);
        assertThat(port.receive(from(port.host(), ofHost))).containsExactly(ofHost);
        assertThat(port.receive(from(Frames.GUEST, ofGuest))).containsExactly(ofGuest);
        byte[] six = Frames.ipv6(ULA, guest, ULA, MEMBER, 17, new byte[8]);
        byte[] frame = Frames.frame(port.gateway(), Frames.GUEST, EthernetPart.TYPE_IPV6, six);
        assertThat(port.receive(frame)).containsExactly(six);
        assertThat(port.port.device().isBehind(guest)).isTrue();
        assertThat(port.port.device().isBehind(OWN)).isFalse();
    }

    @Test
    void packet_withTheSourceOfAnother_isDropped() {
        assertThat(port.receive(from(Frames.GUEST, packet(OWN, MEMBER)))).isEmpty();
        assertThat(port.receive(from(Frames.OTHER_GUEST, packet(guest, MEMBER))))
                .isEmpty();
        assertThat(port.receive(from(port.host(), packet(guest, MEMBER)))).isEmpty();
        assertThat(port.receive(from(Frames.GUEST, packet(0x0a07_4444, MEMBER))))
                .isEmpty();
        assertThat(port.receive(from(Frames.GUEST, packet(0, 0xe000_0001)))).isEmpty();
        byte[] six = Frames.ipv6(ULA, OWN, ULA, MEMBER, 17, new byte[8]);
        assertThat(port.receive(Frames.frame(port.gateway(), Frames.GUEST, EthernetPart.TYPE_IPV6, six)))
                .isEmpty();
        assertThat(dropped("source")).isEqualTo(6);
    }

    @Test
    void hostBehindItsBridge_isTheHost() {
        byte[] packet = packet(OWN, MEMBER);
        assertThat(port.receive(from(BRIDGE, packet))).isEmpty();
        port.tap.setPort(new TapDevice.Port("br0", BRIDGE));
        assertThat(port.receive(from(BRIDGE, packet))).containsExactly(packet);
        assertThat(port.port.bridge()).isEqualTo("br0");
        port.tap.setPort(TapDevice.Port.ALONE);
        assertThat(port.receive(from(BRIDGE, packet))).isEmpty();
    }

    /** To groups whatever its source on the link is: MLD, and questions of the group traffic. */
    @Test
    void groupPacket_passesAsItsSenderMay() {
        byte[] igmp = Frames.ipv4(guest, 0xe000_0016, 2, new byte[16]);
        assertThat(port.receive(Frames.frame(0x0100_5e00_0016L, Frames.GUEST, EthernetPart.TYPE_IPV4, igmp)))
                .containsExactly(igmp);
        byte[] mld = Frames.ipv6(0xfe80L << 48, 5, 0xff02L << 48, 0x16, 0, new byte[28]);
        assertThat(port.receive(Frames.frame(0x3333_0000_0016L, Frames.GUEST, EthernetPart.TYPE_IPV6, mld)))
                .containsExactly(mld);
        byte[] all = Frames.udp(guest, -1, 9999, 9999, new byte[4]);
        assertThat(port.receive(Frames.frame(MacAddress.BROADCAST, Frames.GUEST, EthernetPart.TYPE_IPV4, all)))
                .containsExactly(all);
        byte[] linkLocal = Frames.ipv6(0xfe80L << 48, 5, ULA, MEMBER, 17, new byte[8]);
        assertThat(port.receive(Frames.frame(port.gateway(), Frames.GUEST, EthernetPart.TYPE_IPV6, linkLocal)))
                .isEmpty();
        byte[] routers =
                Frames.ipv6(0xfe80L << 48, 5, 0xff02L << 48, 2, 58, new byte[] {(byte) 133, 0, 0, 0, 0, 0, 0, 0});
        assertThat(port.receive(Frames.frame(0x3333_0000_0002L, Frames.GUEST, EthernetPart.TYPE_IPV6, routers)))
                .isEmpty();
        assertThat(dropped("discovery")).isEqualTo(1);
    }

    @Test
    void frame_thatIsNotForUs_isDropped() {
        byte[] packet = packet(guest, MEMBER);
        assertThat(port.receive(Frames.frame(Frames.OTHER_GUEST, Frames.GUEST, EthernetPart.TYPE_IPV4, packet)))
                .isEmpty();
        assertThat(dropped("elsewhere")).isEqualTo(1);
        for (int last = 0; last < 16; last++) {
            long reserved = 0x0180_c200_0000L + last;
            assertThat(port.receive(Frames.frame(reserved, Frames.GUEST, EthernetPart.TYPE_IPV4, packet)))
                    .isEmpty();
        }
        assertThat(dropped("reserved")).isEqualTo(16);
        assertThat(port.receive(Frames.frame(MacAddress.BROADCAST, Frames.GUEST, 0x8100, packet)))
                .isEmpty();
        assertThat(dropped("type")).isEqualTo(1);
        assertThat(port.tap.takeSent()).isEmpty();
    }

    @Test
    void packet_thatACableFilledUp_isCutToItsLength() {
        byte[] packet = Frames.ipv4(guest, MEMBER, 1, new byte[8]);
        assertThat(port.receive(from(Frames.GUEST, Arrays.copyOf(packet, 46)))).containsExactly(packet);
        byte[] six = Frames.ipv6(ULA, guest, ULA, MEMBER, 17, new byte[2]);
        byte[] frame = Frames.frame(port.gateway(), Frames.GUEST, EthernetPart.TYPE_IPV6, Arrays.copyOf(six, 46));
        assertThat(port.receive(frame)).containsExactly(six);
    }

    @Test
    void frame_cutAtAnyLength_isDroppedOrPassed() {
        byte[] frame = from(Frames.GUEST, packet(guest, MEMBER));
        for (int length = 14; length < frame.length; length++) {
            assertThat(port.receive(Arrays.copyOf(frame, length)).size()).isLessThanOrEqualTo(1);
        }
        assertThat(dropped("malformed")).isEqualTo(20);
    }

    @Test
    void write_toTheHostAndGuests_hasTheirHeader() {
        byte[] toHost = port.send(packet(MEMBER, OWN));
        byte[] toGuest = port.send(packet(MEMBER, guest));
        assertThat(Frames.destination(toHost)).isEqualTo(port.host());
        assertThat(Frames.destination(toGuest)).isEqualTo(Frames.GUEST);
        assertThat(Frames.source(toGuest)).isEqualTo(port.gateway());
        assertThat(Frames.content(toGuest)).isEqualTo(packet(MEMBER, guest));
        byte[] six = port.send(Frames.ipv6(ULA, MEMBER, ULA, guest, 17, new byte[8]));
        assertThat(Frames.destination(six)).isEqualTo(Frames.GUEST);
        assertThat(six).containsSequence(0x86, 0xdd);
        assertThat(port.send(packet(MEMBER, 0x0a07_4444))).isEmpty();
        assertThat(dropped("neighbour")).isEqualTo(1);
    }

    @Test
    void write_toGroups_hasTheGroupsHardwareAddress() {
        assertThat(Frames.destination(port.send(packet(MEMBER, 0xe1ff_0203)))).isEqualTo(0x0100_5e7f_0203L);
        assertThat(Frames.destination(port.send(packet(MEMBER, -1)))).isEqualTo(MacAddress.BROADCAST);
        assertThat(Frames.destination(port.send(packet(MEMBER, 0x0a07_ffff)))).isEqualTo(MacAddress.BROADCAST);
        byte[] six = port.send(Frames.ipv6(ULA, MEMBER, 0xff02L << 48, 0x1_0203_0405L, 17, new byte[8]));
        assertThat(Frames.destination(six)).isEqualTo(0x3333_0203_0405L);
        assertThat(Frames.source(six)).isEqualTo(port.gateway());
    }
}
