package io.p2pvpn.vpn.rules;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Packets between 10.1.0.1 (we) and 10.1.0.2 (the member), or the same below fd00::/64; checksums are not set. */
final class RulePackets {
    static final int FIN = 0x01;
    static final int SYN = 0x02;
    static final int RST = 0x04;
    static final int ACK = 0x10;

    private static final int TCP = 6;
    private static final int UDP = 17;

    private final boolean ipv6;
    private final int source;
    private final int destination;

    private RulePackets(boolean ipv6, int source, int destination) {
        this.ipv6 = ipv6;
        this.source = source;
        this.destination = destination;
    }

    static RulePackets toUs(boolean ipv6) {
        return new RulePackets(ipv6, 2, 1);
    }

    static RulePackets fromUs(boolean ipv6) {
        return new RulePackets(ipv6, 1, 2);
    }

    byte[] tcp(int sourcePort, int destinationPort, int flags) {
        return ip(TCP, tcpHeader(sourcePort, destinationPort, flags));
    }

    static byte[] tcpHeader(int sourcePort, int destinationPort, int flags) {
        ByteBuffer header = ByteBuffer.allocate(20);
        header.putShort((short) sourcePort).putShort((short) destinationPort).putLong(1);
        return header.put((byte) 0x50).put((byte) flags).array();
    }

    byte[] udp(int sourcePort, int destinationPort) {
        return ip(UDP, udpDatagram(sourcePort, destinationPort, 16));
    }

    static byte[] udpDatagram(int sourcePort, int destinationPort, int payloadBytes) {
        ByteBuffer datagram = ByteBuffer.allocate(8 + payloadBytes);
        datagram.putShort((short) sourcePort).putShort((short) destinationPort).putShort((short) (8 + payloadBytes));
        return datagram.array();
    }

    byte[] echo(boolean reply, int identifier) {
        return icmp(ipv6 ? reply ? 129 : 128 : reply ? 0 : 8, identifier << 16, new byte[16]);
    }

    byte[] icmp(int type, int word, byte[] rest) {
        ByteBuffer message = ByteBuffer.allocate(8 + rest.length);
        return ip(
                ipv6 ? 58 : 1,
                message.put((byte) type).putInt(4, word).position(8).put(rest).array());
    }

    /** Port unreachable, about a packet of which so many bytes are quoted. */
    byte[] unreachable(byte[] about, int quotedBytes) {
        return icmp(ipv6 ? 1 : 3, 0, Arrays.copyOf(about, quotedBytes));
    }

    byte[] ip(int protocol, byte[] payload) {
        ByteBuffer packet = ByteBuffer.allocate((ipv6 ? 40 : 20) + payload.length);
        if (ipv6) {
            packet.putInt(0x6000_0000)
                    .putShort((short) payload.length)
                    .put((byte) protocol)
                    .put((byte) 64);
            packet.put(address(source)).put(address(destination));
        } else {
            packet.putShort((short) 0x4500).putShort((short) packet.capacity()).putInt(0);
            packet.put((byte) 64)
                    .put((byte) protocol)
                    .putShort((short) 0)
                    .put(address(source))
                    .put(address(destination));
        }
        return packet.put(payload).array();
    }

    private byte[] address(int host) {
        byte[] address = new byte[ipv6 ? 16 : 4];
        address[0] = (byte) (ipv6 ? 0xfd : 10);
        address[address.length - 4] = 10;
        address[address.length - 3] = 1;
        address[address.length - 1] = (byte) host;
        return address;
    }

    /** Bytes {@code from} to {@code to} of a packet's payload as a fragment of it; from is a multiple of 8. */
    byte[] fragment(int protocol, byte[] payload, int id, int from, int to) {
        byte[] part = Arrays.copyOfRange(payload, from, to);
        boolean more = to < payload.length;
        if (ipv6) {
            ByteBuffer behind = ByteBuffer.allocate(8 + part.length);
            behind.put((byte) protocol)
                    .put((byte) 0)
                    .putShort((short) (from | (more ? 1 : 0)))
                    .putInt(id);
            return ip(44, behind.put(part).array());
        }
        byte[] packet = ip(protocol, part);
        ByteBuffer.wrap(packet).putShort(4, (short) id).putShort(6, (short) (from / 8 | (more ? 0x2000 : 0)));
        return packet;
    }

    /** IPv6: so many destination option headers before the transport header. */
    byte[] behindOptions(int headers, int protocol, byte[] payload) {
        ByteBuffer behind = ByteBuffer.allocate(8 * headers + payload.length);
        for (int i = 0; i < headers; i++) {
            behind.put((byte) (i == headers - 1 ? protocol : 60)).put(new byte[] {0, 1, 4, 0, 0, 0, 0});
        }
        return ip(headers == 0 ? protocol : 60, behind.put(payload).array());
    }
}
