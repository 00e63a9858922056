package io.p2pvpn.vpn.packet;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Builds packets for tests, and checks them by sums written apart from the code under test. */
public final class Packets {
    private Packets() {}

    /** What one flow's packets have in common. */
    public static final class Flow {
        private final boolean ipv6;
        private final boolean tcp;
        private final byte[] source;
        private final byte[] destination;
        private final int ports;
        private final byte[] tcpOptions;

        private Flow(boolean ipv6, boolean tcp, byte[] source, byte[] destination, int ports, byte[] tcpOptions) {
            this.ipv6 = ipv6;
            this.tcp = tcp;
            this.source = source;
            this.destination = destination;
            this.ports = ports;
            this.tcpOptions = tcpOptions;
        }

        boolean ipv6() {
            return ipv6;
        }

        boolean tcp() {
            return tcp;
        }

        int ipHeader() {
            return ipv6 ? 40 : 20;
        }

        int headers() {
            return ipHeader() + (tcp ? 20 + tcpOptions.length : 8);
        }

        int protocol() {
            return tcp ? 6 : 17;
        }
    }

    /** A flow between 10.1.0.{@code source} and 10.1.0.{@code destination}, or the same below fd00::/64. */
    public static Flow flow(boolean ipv6, boolean tcp, int source, int destination, int port, byte[] tcpOptions) {
        return new Flow(
                ipv6, tcp, address(ipv6, source), address(ipv6, destination), port << 16 | 443, tcpOptions.clone());
    }

    private static byte[] address(boolean ipv6, int host) {
        byte[] address = new byte[ipv6 ? 16 : 4];
        address[0] = (byte) (ipv6 ? 0xfd : 10);
        address[address.length - 4] = 10;
        address[address.length - 3] = 1;
        address[address.length - 1] = (byte) host;
        return address;
    }

    /** A packet with a partial checksum; flags as in a TCP header, id and sequence as given. */
    public static byte[] partial(Flow flow, int id, int sequence, int flags, byte[] payload) {
        int length = flow.headers() + payload.length;
        ByteBuffer packet = ByteBuffer.allocate(length);
        int transportLength = length - flow.ipHeader();
        if (flow.ipv6()) {
            packet.putInt(0x60012345).putShort((short) transportLength);
            packet.put((byte) flow.protocol()).put((byte) 64).put(flow.source).put(flow.destination);
        } else {
            packet.put((byte) 0x45).put((byte) 0).putShort((short) length).putShort((short) id);
            packet.putShort((short) 0x4000)
                    .put((byte) 64)
                    .put((byte) flow.protocol())
                    .putShort((short) 0);
            packet.put(flow.source).put(flow.destination);
            packet.putShort(10, (short) (~naiveSum(packet.array(), 0, 20) & 0xffff));
        }
        packet.putInt(flow.ports);
        int pseudo = pseudoSum(packet.array(), flow.protocol(), transportLength);
        if (flow.tcp()) {
            packet.putInt(sequence).putInt(777).put((byte) (((20 + flow.tcpOptions.length) / 4) << 4));
            packet.put((byte) flags)
                    .putShort((short) 501)
                    .putShort((short) pseudo)
                    .putShort((short) 0);
            packet.put(flow.tcpOptions);
        } else {
            packet.putShort((short) transportLength).putShort((short) pseudo);
        }
        packet.put(payload);
        return packet.array();
    }

    /** The packet with its partial checksum completed, by the naive sum. */
    public static byte[] completed(byte[] partial) {
        byte[] packet = partial.clone();
        int ipHeader = ipHeader(packet);
        int field = ipHeader + (protocol(packet) == 6 ? 16 : 6);
        int sum = ~naiveSum(packet, ipHeader, packet.length) & 0xffff;
        ByteBuffer.wrap(packet).putShort(field, (short) (sum == 0 ? 0xffff : sum));
        return packet;
    }

    /** Whether a packet with complete checksums is what a receiver accepts. */
    public static boolean isRight(byte[] packet) {
        int ipHeader = ipHeader(packet);
        boolean ipRight = packet[0] >> 4 == 4
                ? naiveSum(packet, 0, ipHeader) == 0xffff && (short) packet.length == shortAt(packet, 2)
                : (short) (packet.length - 40) == shortAt(packet, 4);
        int transportLength = packet.length - ipHeader;
        boolean udpRight = protocol(packet) != 17 || (short) transportLength == shortAt(packet, ipHeader + 4);
        int sum = naiveSum(packet, ipHeader, packet.length)
                + (protocol(packet) == 1 ? 0 : pseudoSum(packet, protocol(packet), transportLength));
        return ipRight && udpRight && fold(sum) == 0xffff;
    }

    /** A virtio header in front of a packet, as a device would hand it over. */
    public static byte[] withVnet(byte[] packet, boolean partial, int gsoType, int gsoSize) {
        byte[] out = new byte[VnetHeader.LENGTH + packet.length];
        if (partial) {
            VnetHeader.writePartial(out, 0, ipHeader(packet), protocol(packet) == 6 ? 16 : 6);
            VnetHeader.writeGso(out, 0, gsoType, 0, gsoSize);
        }
        System.arraycopy(packet, 0, out, VnetHeader.LENGTH, packet.length);
        return out;
    }

    /** A copy of part of an array. */
    public static byte[] slice(byte[] buffer, int offset, int length) {
        return Arrays.copyOfRange(buffer, offset, offset + length);
    }

    static short shortAt(byte[] packet, int at) {
        return ByteBuffer.wrap(packet).getShort(at);
    }

    private static int ipHeader(byte[] packet) {
        return packet[0] >> 4 == 4 ? (packet[0] & 0xf) * 4 : 40;
    }

    private static int protocol(byte[] packet) {
        return packet[0] >> 4 == 4 ? packet[9] : packet[6];
    }

    private static int pseudoSum(byte[] packet, int protocol, int transportLength) {
        int from = packet[0] >> 4 == 4 ? 12 : 8;
        int to = packet[0] >> 4 == 4 ? 20 : 40;
        return fold(naiveSum(packet, from, to) + protocol + transportLength);
    }

    static int naiveSum(byte[] bytes, int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i++) {
            sum += (i - from) % 2 == 0 ? (bytes[i] & 0xff) << 8 : bytes[i] & 0xff;
        }
        return fold(sum);
    }

    private static int fold(int sum) {
        int folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return folded;
    }
}
