package io.p2pvpn.vpn.ethernet;

import static io.p2pvpn.vpn.ethernet.TestPort.MEMBER;
import static io.p2pvpn.vpn.ethernet.TestPort.NOBODY;
import static io.p2pvpn.vpn.ethernet.TestPort.OWN;
import static io.p2pvpn.vpn.ethernet.TestPort.ULA;
import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.vpn.packet.Checksum;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AddressAnswersTest {
    private static final long LINK_LOCAL = 0xfe80L << 48;

    private final TestPort port = new TestPort();
    private final long host = port.host();

    private List<byte[]> answers(byte[] question) {
        port.tap.takeSent();
        assertThat(port.receive(question)).isEmpty();
        return port.tap.takeSent();
    }

    @Test
    void arp_forAMember_isAnsweredWithOurAddress() {
        List<byte[]> answers = answers(Frames.arpRequest(host, OWN, MEMBER));
        assertThat(answers).hasSize(1);
        byte[] frame = answers.get(0);
        assertThat(Frames.destination(frame)).isEqualTo(host);
        assertThat(Frames.source(frame)).isEqualTo(port.gateway());
        assertThat(ArpPacket.parse(frame, 14, frame.length - 14))
                .isEqualTo(new ArpPacket(ArpPacket.REPLY, port.gateway(), MEMBER, host, OWN));
    }

    @Test
    void arp_whereThereIsAWay_asksNobody() {
        port.known.add(NOBODY);
        assertThat(answers(Frames.arpRequest(host, OWN, NOBODY))).hasSize(1);
        assertThat(port.lookUps).isZero();
    }

    @Test
    void arp_forWhatNobodyHolds_isNotAnswered() {
        assertThat(answers(Frames.arpRequest(host, OWN, NOBODY))).isEmpty();
        assertThat(port.lookUps).isEqualTo(1);
        assertThat(port.runtime.count("ethernet.drop.nobody")).isEqualTo(1);
    }

    /** Own addresses, of the host and of guests, answer for themselves. */
    @Test
    void arp_forOurSide_isNeitherAnsweredNorLookedUp() {
        int guest = port.bind(new Frames.Client(Frames.GUEST, "g"));
        port.held.add(OWN);
        port.held.add(guest);
        assertThat(answers(Frames.arpRequest(host, OWN, guest))).isEmpty();
        assertThat(answers(Frames.arpRequest(Frames.GUEST, guest, OWN))).isEmpty();
        assertThat(answers(Frames.arpRequest(host, OWN, 0x0a08_0001))).isEmpty();
        assertThat(answers(Frames.arpRequest(host, OWN, 0x0a07_ffff))).isEmpty();
        assertThat(port.lookUps).isZero();
    }

    @Test
    void arp_probesAndAnnouncements_areNotAnswered() {
        assertThat(answers(Frames.arpRequest(Frames.GUEST, 0, MEMBER))).isEmpty();
        assertThat(answers(Frames.arpRequest(host, MEMBER, MEMBER))).isEmpty();
        assertThat(port.lookUps).isZero();
    }

    @Test
    void arp_ofWhoHasNoSuchAddress_isNotAnswered() {
        assertThat(answers(Frames.arpRequest(Frames.GUEST, OWN, MEMBER))).isEmpty();
        assertThat(answers(Frames.arpRequest(Frames.GUEST, 0x0a07_0044, MEMBER)))
                .isEmpty();
        assertThat(port.runtime.count("ethernet.drop.source")).isEqualTo(2);
        byte[] lying =
                Frames.arp(MacAddress.BROADCAST, Frames.GUEST, new ArpPacket(ArpPacket.REQUEST, host, OWN, 0, MEMBER));
        assertThat(answers(lying)).isEmpty();
        assertThat(port.runtime.count("ethernet.drop.malformed")).isEqualTo(1);
    }

    @Test
    void arp_reply_isNotAnswered() {
        byte[] reply = Frames.arp(port.gateway(), host, new ArpPacket(ArpPacket.REPLY, host, OWN, host, MEMBER));
        assertThat(answers(reply)).isEmpty();
    }

    /** Whoever walks through all addresses has the members look few of them up. */
    @Test
    void arp_forMany_looksSomeUp() {
        for (int i = 1; i <= 1000; i++) {
            assertThat(answers(Frames.arpRequest(host, OWN, 0x0a07_2000 + i))).isEmpty();
        }
        assertThat(port.lookUps).isBetween(64, 90);
        assertThat(port.runtime.count("ethernet.drop.lookup")).isEqualTo(1000 - port.lookUps);
    }

    @Test
    void arp_cutOrDamaged_isDropped() {
        byte[] whole = new byte[ArpPacket.BYTES];
        ArpPacket packet = new ArpPacket(ArpPacket.REQUEST, host, OWN, 0, MEMBER);
        packet.write(whole, 0);
        assertThat(ArpPacket.parse(Arrays.copyOf(whole, 40), 0, 40)).isEqualTo(packet);
        for (int length = 0; length < whole.length; length++) {
            assertThat(ArpPacket.parse(whole, 0, length)).isNull();
        }
        for (int at = 0; at < 6; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x10;
            assertThat(ArpPacket.parse(damaged, 0, damaged.length)).isNull();
        }
    }

    @Test
    void solicitation_forAMember_isAnswered() {
        for (long sourceHigh : new long[] {ULA, LINK_LOCAL}) {
            byte[] question = Frames.solicitation(sourceHigh, OWN, ULA, MEMBER, host);
            List<byte[]> answers = answers(Frames.frame(0x3333_ff00_0102L, host, EthernetPart.TYPE_IPV6, question));
            assertThat(answers).hasSize(1);
            byte[] packet = Frames.content(answers.get(0));
            assertThat(Frames.source(answers.get(0))).isEqualTo(port.gateway());
            assertThat(packet).hasSize(Solicitation.ANSWER_BYTES);
            assertThat(packet[40]).isEqualTo((byte) 136);
            assertThat(packet[44]).isEqualTo((byte) 0x40);
            assertThat(MacAddress.get(Arrays.copyOf(packet, 80), 66)).isEqualTo(port.gateway());
            assertThat(Checksum.compute(packet, 40, 32, Checksum.pseudoHeader6(packet, 0, 58, 32)))
                    .isZero();
        }
    }

    @Test
    void solicitation_forOthersOrOfProbers_isNotAnswered() {
        assertThat(solicit(0, 0, ULA, MEMBER, host)).isEmpty();
        assertThat(solicit(ULA, OWN, ULA, NOBODY, host)).isEmpty();
        assertThat(solicit(ULA, OWN, ULA, OWN, host)).isEmpty();
        assertThat(solicit(ULA, OWN, LINK_LOCAL, MEMBER, host)).isEmpty();
        assertThat(solicit(ULA, OWN, ULA, MEMBER | 1L << 40, host)).isEmpty();
        assertThat(solicit(ULA, OWN, ULA, MEMBER, Frames.GUEST)).isEmpty();
        assertThat(port.lookUps).isEqualTo(1);
    }

    private List<byte[]> solicit(long high, long low, long targetHigh, long targetLow, long mac) {
        byte[] question = Frames.solicitation(high, low, targetHigh, targetLow, mac);
        return answers(Frames.frame(0x3333_ff00_0102L, mac, EthernetPart.TYPE_IPV6, question));
    }

    @Test
    void solicitation_cutOrDamaged_isDropped() {
        byte[] whole = Frames.solicitation(ULA, OWN, ULA, MEMBER, host);
        assertThat(Solicitation.parse(whole, 0, whole.length)).isNotNull();
        for (int length = 0; length < whole.length; length++) {
            assertThat(Solicitation.parse(whole, 0, length)).isNull();
        }
        for (int at = 4; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x10;
            assertThat(Solicitation.parse(damaged, 0, damaged.length))
                    .as("at %d", at)
                    .isNull();
        }
    }
}
