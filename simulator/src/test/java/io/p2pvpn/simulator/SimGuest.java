package io.p2pvpn.simulator;

import io.p2pvpn.vpn.packet.Checksum;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A machine behind the TAP device of a member: gets an address by DHCP, and sends and receives numbered packets. */
final class SimGuest {
    private static final byte EXPERIMENT = (byte) 253;
    private static final int ETHERNET_BYTES = 14;
    private static final int DHCP_AT = ETHERNET_BYTES + 28;

    private final byte[] mac;
    private final String name;
    private final List<Long> received = new ArrayList<>();
    private VpnMember member;
    private byte[] gateway = new byte[6];
    private int address;
    private int server;
    private int transaction;

    SimGuest(VpnMember member, int number, String name) {
        this.member = member;
        this.name = name;
        this.mac = new byte[] {0x02, 0x33, 0, 0, 0, (byte) number};
    }

    int address() {
        return address;
    }

    /** It stands behind another member from now on. */
    void moveTo(VpnMember other) {
        member = other;
        gateway = new byte[6];
    }

    void discover() {
        send(1, 0, 0);
    }

    void release() {
        send(7, address, 0);
        address = 0;
    }

    private void send(int type, int ciaddr, int requested) {
        ByteBuffer message = ByteBuffer.allocate(300);
        message.put((byte) 1).putShort((short) 0x0106).put((byte) 0).putInt(++transaction);
        message.putInt(0).putInt(ciaddr).position(28);
        message.put(mac).position(236);
        message.putInt(0x6382_5363).put((byte) 53).put((byte) 1).put((byte) type);
        message.put((byte) 12).put((byte) name.length()).put(name.getBytes(StandardCharsets.US_ASCII));
        if (requested != 0) {
            message.put((byte) 50).put((byte) 4).putInt(requested);
            message.put((byte) 54).put((byte) 4).putInt(server);
        }
        message.put((byte) 255);
        byte[] udp = ByteBuffer.allocate(8 + 300)
                .putShort((short) 68)
                .putShort((short) 67)
                .putShort((short) 308)
                .putShort((short) 0)
                .put(message.array())
                .array();
        byte[] all = {-1, -1, -1, -1, -1, -1};
        member.tap().send(frame(all, ipv4(ciaddr, -1, (byte) 17, udp)));
    }

    /** Sends a packet; false while it does not know where to. */
    void sendTo(int destination, long number) {
        member.tap().send(frame(gateway, packet(address, destination, number)));
    }

    static byte[] packet(int source, int destination, long number) {
        byte[] payload = ByteBuffer.allocate(Long.BYTES).putLong(number).array();
        return ipv4(source, destination, EXPERIMENT, payload);
    }

    private static byte[] ipv4(int source, int destination, byte protocol, byte[] payload) {
        byte[] packet = ByteBuffer.allocate(20 + payload.length)
                .putShort((short) 0x4500)
                .putShort((short) (20 + payload.length))
                .putInt(0)
                .put((byte) 64)
                .put(protocol)
                .putShort((short) 0)
                .putInt(source)
                .putInt(destination)
                .put(payload)
                .array();
        Checksum.writeIpv4Header(packet, 0, 20);
        return packet;
    }

    private byte[] frame(byte[] to, byte[] packet) {
        return ByteBuffer.allocate(ETHERNET_BYTES + packet.length)
                .put(to)
                .put(mac)
                .putShort((short) 0x0800)
                .put(packet)
                .array();
    }

    /** Takes what came: answers of DHCP, and packets. */
    void look() {
        for (byte[] frame : member.tap().take()) {
            boolean ours = Arrays.equals(mac, Arrays.copyOf(frame, 6));
            if (ours && frame[12] == 8 && frame[13] == 0) {
                gateway = Arrays.copyOfRange(frame, 6, 12);
                ByteBuffer content = ByteBuffer.wrap(frame);
                if (frame[ETHERNET_BYTES + 9] == EXPERIMENT) {
                    received.add(content.getLong(ETHERNET_BYTES + 20));
                } else if (frame[ETHERNET_BYTES + 9] == 17 && content.getInt(DHCP_AT + 4) == transaction) {
                    onAnswer(frame[DHCP_AT + 242], content.getInt(DHCP_AT + 16), content.getInt(DHCP_AT + 245));
                }
            }
        }
    }

    private void onAnswer(int type, int yourIp, int from) {
        server = from;
        if (type == 2) {
            send(3, 0, yourIp);
        } else if (type == 5) {
            address = yourIp;
        }
    }

    boolean hasReceived(long number) {
        look();
        return received.contains(number);
    }
}
