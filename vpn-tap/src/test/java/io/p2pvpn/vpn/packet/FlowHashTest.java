package io.p2pvpn.vpn.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class FlowHashTest {
    private static final int RINGS = 15;
    private static final int FLOWS = 15_000;

    private static byte[] packet(boolean ipv6, boolean tcp, int source, int destination, int port) {
        return Packets.partial(
                Packets.flow(ipv6, tcp, source, destination, port, new byte[0]), 1, 1, 0x10, new byte[50]);
    }

    private static byte[] reversed(byte[] packet) {
        boolean ipv6 = packet[0] >> 4 == 6;
        int addresses = ipv6 ? 8 : 12;
        int bytes = ipv6 ? 16 : 4;
        int ports = ipv6 ? 40 : 20;
        byte[] reversed = packet.clone();
        System.arraycopy(packet, addresses, reversed, addresses + bytes, bytes);
        System.arraycopy(packet, addresses + bytes, reversed, addresses, bytes);
        System.arraycopy(packet, ports, reversed, ports + 2, 2);
        System.arraycopy(packet, ports + 2, reversed, ports, 2);
        return reversed;
    }

    private static int hash(byte[] packet) {
        return FlowHash.of(packet, 0, packet.length);
    }

    @Test
    void of_bothDirections_same() {
        for (boolean ipv6 : new boolean[] {false, true}) {
            for (boolean tcp : new boolean[] {false, true}) {
                for (int port = 1; port < 1000; port++) {
                    byte[] packet = packet(ipv6, tcp, port % 7, 9, port);
                    assertThat(hash(packet)).isNotNegative().isEqualTo(hash(reversed(packet)));
                }
            }
        }
    }

    @Test
    void of_otherPayloadAndOffset_same() {
        byte[] packet = packet(false, true, 1, 2, 5000);
        byte[] other = packet.clone();
        other[other.length - 1] ^= 1;
        other[5] ^= 1;
        byte[] shifted = new byte[packet.length + 10];
        System.arraycopy(other, 0, shifted, 10, other.length);
        assertThat(FlowHash.of(shifted, 10, other.length)).isEqualTo(hash(packet));
    }

    @Test
    void of_portsOrAddressesThatCount_spreadEvenly() {
        for (boolean ipv6 : new boolean[] {false, true}) {
            int[] byPort = new int[RINGS];
            int[] byAddress = new int[RINGS];
            for (int i = 0; i < FLOWS; i++) {
                byPort[hash(packet(ipv6, true, 1, 2, 32768 + i)) % RINGS]++;
                byte[] packet = packet(ipv6, true, 1, 2, 5000);
                packet[ipv6 ? 22 : 14] = (byte) (i >> 8);
                packet[ipv6 ? 23 : 15] = (byte) i;
                byAddress[hash(packet) % RINGS]++;
            }
            assertThat(Arrays.stream(byPort).min().getAsInt()).isGreaterThan(FLOWS / RINGS * 8 / 10);
            assertThat(Arrays.stream(byAddress).min().getAsInt()).isGreaterThan(FLOWS / RINGS * 8 / 10);
        }
    }

    @Test
    void of_noPorts_portless() {
        byte[] icmp = packet(false, true, 1, 2, 5000);
        icmp[9] = IpPacket.PROTOCOL_ICMP;
        byte[] firstFragment = packet(false, true, 1, 2, 5000);
        firstFragment[6] = 0x20;
        byte[] laterFragment = packet(false, true, 1, 2, 5000);
        laterFragment[7] = 1;
        byte[] icmp6 = packet(true, true, 1, 2, 5000);
        icmp6[6] = IpPacket.PROTOCOL_ICMPV6;
        for (byte[] packet : new byte[][] {icmp, firstFragment, laterFragment, icmp6, new byte[60], new byte[0]}) {
            assertThat(hash(packet)).isEqualTo(FlowHash.PORTLESS);
        }
    }

    @Test
    void of_truncated_neverReadsBeyond() {
        for (boolean ipv6 : new boolean[] {false, true}) {
            byte[] packet = packet(ipv6, true, 1, 2, 5000);
            int portsEnd = ipv6 ? 44 : 24;
            for (int length = 0; length < packet.length; length++) {
                int hash = hash(Arrays.copyOf(packet, length));
                assertThat(hash == FlowHash.PORTLESS).isEqualTo(length < portsEnd);
            }
        }
        byte[] longHeader = packet(false, true, 1, 2, 5000);
        longHeader[0] = 0x4f;
        assertThat(FlowHash.of(longHeader, 0, 60)).isEqualTo(FlowHash.PORTLESS);
    }
}
