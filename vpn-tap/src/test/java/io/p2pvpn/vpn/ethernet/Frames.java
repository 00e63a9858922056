package io.p2pvpn.vpn.ethernet;

import io.p2pvpn.vpn.packet.BigEndian;
import io.p2pvpn.vpn.packet.Checksum;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/** Builds frames, and takes them apart. */
final class Frames {
    static final long GUEST = 0x0211_2233_4455L;
    static final long OTHER_GUEST = 0x0211_2233_4466L;

    private static final int HEADER_BYTES = 14;
    private static final int UDP_MESSAGE = 28;

    private Frames() {}

    static byte[] frame(long to, long from, int type, byte[] content) {
        byte[] frame = new byte[HEADER_BYTES + content.length];
        System.arraycopy(Neighbours.header(to, from, type), 0, frame, 0, HEADER_BYTES);
        System.arraycopy(content, 0, frame, HEADER_BYTES, content.length);
        return frame;
    }

    static byte[] content(byte[] frame) {
        return Arrays.copyOfRange(frame, HEADER_BYTES, frame.length);
    }

    static byte[] arp(long to, long from, ArpPacket packet) {
        byte[] content = new byte[46];
        packet.write(content, 0);
        return frame(to, from, EthernetPart.TYPE_ARP, content);
    }

    /** A question of that station, which says that it has {@code sender}. */
    static byte[] arpRequest(long from, int sender, int target) {
        return arp(MacAddress.BROADCAST, from, new ArpPacket(ArpPacket.REQUEST, from, sender, 0, target));
    }

    static byte[] ipv4(int source, int destination, int protocol, byte[] payload) {
        byte[] packet = new byte[20 + payload.length];
        packet[0] = 0x45;
        BigEndian.putShort(packet, 2, packet.length);
        packet[8] = 64;
        packet[9] = (byte) protocol;
        BigEndian.putInt(packet, 12, source);
        BigEndian.putInt(packet, 16, destination);
        Checksum.writeIpv4Header(packet, 0, 20);
        System.arraycopy(payload, 0, packet, 20, payload.length);
        return packet;
    }

    static byte[] udp(int source, int destination, int from, int to, byte[] message) {
        byte[] datagram = new byte[8 + message.length];
        BigEndian.putShort(datagram, 0, from);
        BigEndian.putShort(datagram, 2, to);
        BigEndian.putShort(datagram, 4, datagram.length);
        System.arraycopy(message, 0, datagram, 8, message.length);
        return ipv4(source, destination, 17, datagram);
    }

    static byte[] ipv6(long sourceHigh, long sourceLow, long high, long low, int next, byte[] payload) {
        return ByteBuffer.allocate(40 + payload.length)
                .putInt(0x6000_0000)
                .putShort((short) payload.length)
                .put((byte) next)
                .put((byte) 255)
                .putLong(sourceHigh)
                .putLong(sourceLow)
                .putLong(high)
                .putLong(low)
                .put(payload)
                .array();
    }

    /** A neighbour solicitation with the option that a question has. */
    static byte[] solicitation(long sourceHigh, long sourceLow, long targetHigh, long targetLow, long mac) {
        byte[] message = ByteBuffer.allocate(32)
                .putInt(135 << 24)
                .putInt(0)
                .putLong(targetHigh)
                .putLong(targetLow)
                .putShort((short) 0x0101)
                .array();
        MacAddress.put(message, 26, mac);
        byte[] packet = ipv6(sourceHigh, sourceLow, 0xff02L << 48, 0x1_ff00_0000L | targetLow, 58, message);
        long pseudo = Checksum.pseudoHeader6(packet, 0, 58, message.length);
        BigEndian.putShort(packet, 42, Checksum.compute(packet, 40, message.length, pseudo));
        return packet;
    }

    /** The DHCP message in a frame. */
    static DhcpMessage dhcp(byte[] frame) {
        byte[] content = content(frame);
        return Objects.requireNonNull(DhcpMessage.parse(content, UDP_MESSAGE, BigEndian.getShort(content, 24) - 8));
    }

    /** The address that an answer gives. */
    static int yourIp(byte[] frame) {
        return BigEndian.getInt(frame, HEADER_BYTES + UDP_MESSAGE + 16);
    }

    static long destination(byte[] frame) {
        return MacAddress.get(frame, 0);
    }

    static long source(byte[] frame) {
        return MacAddress.get(frame, 6);
    }

    /** The value of an option of the DHCP message in a frame; empty if it has none. */
    static byte[] option(byte[] frame, int code) {
        byte[] content = content(frame);
        int at = UDP_MESSAGE + DhcpMessage.FIXED_BYTES;
        while (at < content.length && BigEndian.getByte(content, at) != DhcpMessage.OPTION_END) {
            int bytes = BigEndian.getByte(content, at + 1);
            if (BigEndian.getByte(content, at) == code) {
                return Arrays.copyOfRange(content, at + 2, at + 2 + bytes);
            }
            at += 2 + bytes;
        }
        return new byte[0];
    }

    /** A DHCP client. */
    static final class Client {
        final long mac;
        final String hostName;
        int transaction = 77;
        boolean broadcast;

        Client(long mac, String hostName) {
            this.mac = mac;
            this.hostName = hostName;
        }

        byte[] message(int type, int ciaddr, int requested, int server) {
            return frame(
                    MacAddress.BROADCAST,
                    mac,
                    EthernetPart.TYPE_IPV4,
                    udp(ciaddr, -1, 68, 67, dhcp(type, ciaddr, requested, server)));
        }

        byte[] dhcp(int type, int ciaddr, int requested, int server) {
            ByteBuffer message = ByteBuffer.allocate(400);
            message.put((byte) 1).putShort((short) 0x0106).put((byte) 0).putInt(++transaction);
            message.putShort((short) 0)
                    .putShort((short) (broadcast ? 0x8000 : 0))
                    .putInt(ciaddr);
            MacAddress.put(message.array(), 28, mac);
            message.position(DhcpMessage.COOKIE_OFFSET);
            message.putInt(DhcpMessage.COOKIE).put((byte) 53).put((byte) 1).put((byte) type);
            message.put((byte) 12).put((byte) hostName.length()).put(hostName.getBytes(StandardCharsets.US_ASCII));
            if (requested != 0) {
                message.put((byte) 50).put((byte) 4).putInt(requested);
            }
            if (server != 0) {
                message.put((byte) 54).put((byte) 4).putInt(server);
            }
            message.put((byte) 0).put((byte) 255);
            return Arrays.copyOf(message.array(), message.position());
        }
    }
}
