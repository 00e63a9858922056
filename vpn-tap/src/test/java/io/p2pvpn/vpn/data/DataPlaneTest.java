package io.p2pvpn.vpn.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.vpn.packet.Checksum;
import io.p2pvpn.vpn.packet.IpPacket;
import io.p2pvpn.vpn.packet.Packets;
import io.p2pvpn.vpn.packet.Packets.Flow;
import io.p2pvpn.vpn.packet.VnetHeader;
import io.p2pvpn.vpn.rules.Gates;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.tun.FakeTun;
import io.p2pvpn.vpn.tun.TunDevice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class DataPlaneTest {
    private static final int OWN = 0x0a010001;
    private static final int PEER = 0x0a010002;
    private static final long ULA = 0xfd00_0000_0000_0000L;
    private static final int MTU = 1400;

    /** One node: device, data plane and its tunnel to the other. */
    private static final class Node {
        final FakeRuntime runtime = new FakeRuntime();
        final FakeTunnel tunnel = new FakeTunnel();
        final ForwardingTable table = new ForwardingTable();
        final PendingPackets pending = new PendingPackets(runtime.counters());
        final FakeMisdirected misdirected = new FakeMisdirected();
        final FakeGroups groups = new FakeGroups();
        final FakeTun device;
        final DataPlane dataPlane;
        final MemberRoute route;

        Node(int local, int remote, boolean offloads) {
            device = new FakeTun(offloads);
            VirtualNetwork network = new VirtualNetwork(local, Cidr.of4(local, 16), ULA, MTU);
            dataPlane = new DataPlane(runtime, device, network, table, this::hold, misdirected, groups);
            route = new MemberRoute(tunnel, remote, ULA, Gates.open());
            table.put(route);
            device.setListener(new TunDevice.Listener() {
                @Override
                public void onReadable() {
                    dataPlane.onReadable();
                }

                @Override
                public void onGone() {
                    throw new AssertionError("a fake stays");
                }
            });
            dataPlane.start();
        }

        private void hold(int destination, byte[] buffer, int length) {
            pending.add(destination, Arrays.copyOf(buffer, length));
        }

        void send(byte[] packet, boolean partial, int gsoType, int gsoSize) {
            device.queue(Packets.withVnet(packet, partial, gsoType, gsoSize));
            device.poll();
        }

        void receive(int kind, byte[] packet) {
            receive(kind, packet, 0);
        }

        void receive(int kind, byte[] packet, int trafficClass) {
            dataPlane.onPacket(route, kind, packet, 0, packet.length, trafficClass);
            dataPlane.onBatchEnd();
        }
    }

    private final Node own = new Node(OWN, PEER, true);
    private final Flow tcp = Packets.flow(false, true, 1, 2, 1000, new byte[0]);
    private final Flow udp = Packets.flow(false, false, 1, 2, 1000, new byte[0]);
    private final Flow udp6 = Packets.flow(true, false, 1, 2, 1000, new byte[0]);

    private void connect(Node peer) {
        own.tunnel.peer = peer.dataPlane;
        own.tunnel.peersRouteToUs = peer.route;
    }

    @Test
    void superPacket_toPeerWithOffloads_arrivesWhole() {
        Node peer = new Node(PEER, OWN, true);
        connect(peer);
        byte[] payload = new byte[60_000];
        new Random(1).nextBytes(payload);
        byte[] whole = Packets.partial(tcp, 9, 100, 0x18, payload);
        own.send(whole, true, VnetHeader.GSO_TCPV4, 1360);

        List<byte[]> written = peer.device.takeWritten();
        int bytes = 0;
        for (byte[] packet : written) {
            int length = packet.length - VnetHeader.LENGTH - 40;
            assertThat(Packets.slice(packet, VnetHeader.LENGTH + 40, length))
                    .isEqualTo(Packets.slice(payload, bytes, length));
            bytes += length;
        }
        assertThat(bytes).isEqualTo(payload.length);
        assertThat(written).hasSizeLessThanOrEqualTo(2);
        assertThat(own.runtime.count("data.sent.packets")).isEqualTo(45);
        assertThat(peer.runtime.count("data.received.packets")).isEqualTo(45);
        assertThat(peer.runtime.count("data.received.bytes")).isEqualTo(own.runtime.count("data.sent.bytes"));
        assertThat(own.runtime.flushes).isPositive();
    }

    @Test
    void anyPackets_toPeerWithoutOffloads_arriveOneByOneComplete() {
        Node peer = new Node(PEER, OWN, false);
        connect(peer);
        own.send(Packets.partial(tcp, 9, 100, 0x18, new byte[5000]), true, VnetHeader.GSO_TCPV4, 1360);
        own.send(Packets.partial(udp6, 0, 0, 0, new byte[5]), true, VnetHeader.GSO_NONE, 0);
        own.send(Packets.completed(Packets.partial(udp, 0, 0, 0, new byte[5])), false, VnetHeader.GSO_NONE, 0);

        List<byte[]> written = peer.device.takeWritten();
        assertThat(written).hasSize(6).allSatisfy(packet -> {
            assertThat(Packets.slice(packet, 0, VnetHeader.LENGTH)).containsOnly(0);
            assertThat(Packets.isRight(Packets.slice(packet, VnetHeader.LENGTH, packet.length - VnetHeader.LENGTH)))
                    .isTrue();
        });
    }

    @Test
    void batch_equalSizesShareASend_otherSizesEndIt() {
        for (int size : new int[] {100, 100, 100, 50, 100, 200}) {
            own.device.queue(Packets.withVnet(Packets.partial(udp, 1, 0, 0, new byte[size]), true, 0, 0));
        }
        own.device.poll();

        int big = 100 + 28 + 2 + 36;
        assertThat(own.tunnel.sends)
                .containsExactly(
                        new FakeTunnel.Send(3 * big + big - 50, big, 4, 0),
                        new FakeTunnel.Send(big, big, 1, 0),
                        new FakeTunnel.Send(big + 100, big + 100, 1, 0));
    }

    @Test
    void batch_isOfOneTrafficClass_theInnerOne() {
        for (int trafficClass : new int[] {0, 0, 0xb9, 0xb9, 0xb8, 0}) {
            own.device.queue(Packets.withVnet(classed(udp, trafficClass, 100), true, 0, 0));
            own.device.queue(Packets.withVnet(classed(udp6, trafficClass, 80), true, 0, 0));
        }
        own.device.poll();

        int bytes = 100 + 28 + 2 + 36;
        assertThat(own.tunnel.sends)
                .containsExactly(
                        new FakeTunnel.Send(4 * bytes, bytes, 4, 0),
                        new FakeTunnel.Send(4 * bytes, bytes, 4, 0xb9),
                        new FakeTunnel.Send(2 * bytes, bytes, 2, 0xb8),
                        new FakeTunnel.Send(2 * bytes, bytes, 2, 0));
    }

    /** The IPv4 header's checksum is not looked at on the way out. */
    private static byte[] classed(Flow flow, int trafficClass, int payloadBytes) {
        byte[] packet = Packets.partial(flow, 1, 100, 0x10, new byte[payloadBytes]);
        if (packet[0] >> 4 == 4) {
            packet[1] = (byte) trafficClass;
        } else {
            packet[0] = (byte) (0x60 | trafficClass >> 4);
            packet[1] = (byte) ((packet[1] & 0xf) | trafficClass << 4);
        }
        return packet;
    }

    @Test
    void superPacket_markedOnItsWay_arrivesMarked() {
        Node peer = new Node(PEER, OWN, true);
        connect(peer);
        own.tunnel.marks = 3;
        byte[] whole = classed(tcp, 0x2a, 5000);
        own.send(whole, true, VnetHeader.GSO_TCPV4, 1360);

        assertThat(own.tunnel.sends).allMatch(send -> send.trafficClass() == 0x2a);
        assertThat(peer.device.takeWritten()).isNotEmpty().allMatch(packet -> packet[VnetHeader.LENGTH + 1] == 0x2b);
    }

    @Test
    void inboundPackets_markedOnTheirWay_tellOrAreDropped() {
        Flow back = Packets.flow(false, true, 2, 1, 1, new byte[0]);
        Flow back6 = Packets.flow(true, true, 2, 1, 1, new byte[0]);
        own.receive(2, classed(back, 0, 9), 3);
        own.receive(2, classed(back6, 0xb8, 9), 3);
        assertThat(own.device.takeWritten()).isEmpty();
        assertThat(own.runtime.count("data.drop.ecn")).isEqualTo(2);

        own.receive(2, classed(back6, 0xba, 9), 3);
        own.receive(2, classed(back6, 0xba, 9), 0x20);
        List<byte[]> written = own.device.takeWritten();
        assertThat(written).hasSize(2);
        assertThat(Packets.slice(written.get(0), VnetHeader.LENGTH, 2)).containsExactly(0x6b, 0xb1);
        assertThat(Packets.slice(written.get(1), VnetHeader.LENGTH, 2)).containsExactly(0x6b, 0xa1);
        assertThat(own.runtime.count("data.received.packets")).isEqualTo(2);
    }

    @Test
    void inboundPackets_ofOneFlow_mergeOnlyWhereTheMarksAreTheSame() {
        Flow back = Packets.flow(false, true, 2, 1, 1, new byte[0]);
        for (int i = 0; i < 6; i++) {
            byte[] packet = Packets.partial(back, i, 100 + i * 50, 0x10, new byte[50]);
            packet[1] = 2;
            own.dataPlane.onPacket(own.route, 2, packet, 0, packet.length, i < 3 ? 2 : 3);
        }
        own.dataPlane.onBatchEnd();
        List<byte[]> written = own.device.takeWritten();
        assertThat(written).hasSize(2).allMatch(packet -> packet.length == VnetHeader.LENGTH + 40 + 150);
        assertThat(written.get(0)[VnetHeader.LENGTH + 1]).isEqualTo((byte) 2);
        assertThat(written.get(1)[VnetHeader.LENGTH + 1]).isEqualTo((byte) 3);
    }

    @Test
    void fullUnderlay_deviceNotReadUntilWritable() {
        own.runtime.writable = false;
        own.device.queue(Packets.withVnet(Packets.partial(udp, 1, 0, 0, new byte[9]), true, 0, 0));
        own.device.poll();
        assertThat(own.device.isReading()).isFalse();
        assertThat(own.device.waiting()).isEqualTo(1);

        own.runtime.writable = true;
        own.dataPlane.onWritable();
        own.device.poll();
        assertThat(own.tunnel.sends).hasSize(1);

        own.dataPlane.stop();
        own.dataPlane.onWritable();
        assertThat(own.device.isReading()).isFalse();
    }

    @Test
    void manyPackets_oneTurn_readsAtMostABatch() {
        for (int i = 0; i < 100; i++) {
            own.device.queue(Packets.withVnet(Packets.partial(udp, 1, 0, 0, new byte[9]), true, 0, 0));
        }
        own.dataPlane.onReadable();
        assertThat(own.device.waiting()).isEqualTo(100 - DataPlane.READS_PER_TURN_MAX);
    }

    @Test
    void manySuperPackets_oneTurn_readsAtMostItsBytes() {
        for (int i = 0; i < 20; i++) {
            own.device.queue(Packets.withVnet(Packets.partial(udp, 1, 0, 0, new byte[60_000]), true, 0, 0));
        }
        own.dataPlane.onReadable();
        assertThat(own.device.waiting()).isEqualTo(20 - (DataPlane.BYTES_PER_TURN_MAX / 60_000 + 1));
    }

    private void queueSmall(int packets) {
        for (int i = 0; i < packets; i++) {
            own.device.queue(Packets.withVnet(Packets.partial(udp, 1, 0, 0, new byte[10]), true, 0, 0));
        }
    }

    @Test
    void packetAfterALonePacket_leavesBeforeTheNextIsRead() {
        queueSmall(1);
        own.dataPlane.onReadable();
        own.tunnel.sends.clear();
        queueSmall(4);
        own.dataPlane.onReadable();
        queueSmall(2);
        own.dataPlane.onReadable();

        assertThat(own.tunnel.sends.stream().map(FakeTunnel.Send::segments)).containsExactly(1, 3, 2);
    }

    @Test
    void unknownDestination_waitsAndIsSentAfterResolution() {
        own.table.remove(PEER);
        own.send(Packets.partial(udp, 1, 0, 0, new byte[9]), true, 0, 0);
        own.send(Packets.partial(udp6, 1, 0, 0, new byte[9]), true, 0, 0);
        assertThat(own.pending.size()).isEqualTo(2);

        own.table.put(own.route);
        own.pending.drain(PEER, own.dataPlane);
        assertThat(own.pending.size()).isZero();
        assertThat(own.tunnel.sends).hasSize(2);
    }

    @Test
    void closedTunnel_isUnresolved_rejectAnswersUnreachable() {
        own.tunnel.open = false;
        byte[] packet = Packets.partial(udp, 1, 0, 0, new byte[9]);
        own.send(packet, true, 0, 0);
        own.pending.reject(PEER, own.dataPlane);

        assertThat(own.runtime.count("data.drop.pending")).isEqualTo(1);
        checkError(3, 1);
    }

    private void checkError(int type, int code) {
        List<byte[]> written = own.device.takeWritten();
        assertThat(written).hasSize(1);
        byte[] error = Packets.slice(written.get(0), VnetHeader.LENGTH, written.get(0).length - VnetHeader.LENGTH);
        assertThat(Packets.isRight(error)).isTrue();
        assertThat(error[9]).isEqualTo((byte) IpPacket.PROTOCOL_ICMP);
        assertThat(Packets.slice(error, 20, 2)).containsExactly(type, code);
    }

    @Test
    void tooBig_answeredAtALimitedRate() {
        byte[] packet = Packets.partial(udp, 1, 0, 0, new byte[1500]);
        own.send(packet, true, 0, 0);
        checkError(3, 4);
        for (int i = 0; i < 1000; i++) {
            own.send(packet, true, 0, 0);
        }
        assertThat(own.device.takeWritten()).hasSizeBetween(1, 100);
        own.runtime.nanos += 1_000_000_000L;
        own.send(packet, true, 0, 0);
        checkError(3, 4);
        assertThat(own.runtime.count("data.drop.toobig")).isEqualTo(1002);
        assertThat(own.tunnel.sends).isEmpty();
    }

    private int mtuTold() {
        List<byte[]> written = own.device.takeWritten();
        assertThat(written).hasSize(1);
        byte[] error = Packets.slice(written.get(0), VnetHeader.LENGTH, written.get(0).length - VnetHeader.LENGTH);
        assertThat(Packets.isRight(error)).isTrue();
        boolean four = error[0] >> 4 == 4;
        return ByteBuffer.wrap(error).getInt(four ? 24 : 44);
    }

    @Test
    void smallPath_superPacketsAreCutFiner_andSynsClamped() {
        own.tunnel.packetBytes = 1214;
        own.send(Packets.partial(tcp, 9, 100, 0x18, new byte[60_000]), true, VnetHeader.GSO_TCPV4, 1360);
        int frame = 1214 + 2 + PeerTunnel.FRAME_OVERHEAD_BYTES;
        assertThat(own.tunnel.sends).allMatch(send -> send.segmentBytes() == frame);

        Flow withMss = Packets.flow(false, true, 1, 2, 1000, new byte[] {2, 4, 0x20, 0});
        Node peer = new Node(PEER, OWN, false);
        connect(peer);
        own.send(Packets.partial(withMss, 9, 100, 2, new byte[0]), true, 0, 0);
        byte[] syn = peer.device.takeWritten().get(0);
        assertThat(ByteBuffer.wrap(syn).getShort(VnetHeader.LENGTH + 42)).isEqualTo((short) (1214 - 40));
    }

    @Test
    void smallPath_whatMustNotBeCutIsAnswered_theRestPasses() {
        own.tunnel.packetBytes = 1214;
        own.send(Packets.partial(udp, 1, 0, 0, new byte[1214 - 28]), true, 0, 0);
        assertThat(own.tunnel.sends).hasSize(1);
        byte[] tooBig = Packets.partial(udp, 1, 0, 0, new byte[1214 - 27]);
        own.send(tooBig, true, 0, 0);
        assertThat(mtuTold()).isEqualTo(1214);
        byte[] cuttable = tooBig.clone();
        cuttable[6] = 0;
        own.send(cuttable, true, 0, 0);
        assertThat(own.tunnel.sends).hasSize(2);

        own.send(Packets.partial(udp6, 1, 0, 0, new byte[1280 - 48]), true, 0, 0);
        assertThat(own.tunnel.sends).hasSize(3);
        own.send(Packets.partial(udp6, 1, 0, 0, new byte[1281 - 48]), true, 0, 0);
        assertThat(mtuTold()).isEqualTo(1280);

        own.tunnel.packetBytesKnown = false;
        own.send(tooBig, true, 0, 0);
        assertThat(own.tunnel.sends).hasSize(4);
        assertThat(own.runtime.count("data.drop.toobig")).isEqualTo(2);
    }

    @Test
    void outboundPackets_thatMustNotLeave_countedByReason() {
        Flow group = Packets.flow(false, false, 1, 255, 1, new byte[0]);
        Flow toSelf = Packets.flow(false, false, 1, 1, 1, new byte[0]);
        Flow foreign = Packets.flow(true, false, 9, 2, 1, new byte[0]);
        byte[] multicast = Packets.partial(group, 1, 0, 0, new byte[9]);
        multicast[16] = (byte) 224;
        byte[] broadcast = Packets.partial(group, 1, 0, 0, new byte[9]);
        broadcast[18] = -1;
        byte[] outside = Packets.partial(udp, 1, 0, 0, new byte[9]);
        outside[17] = 99;
        own.send(multicast, true, 0, 0);
        own.send(broadcast, true, 0, 0);
        own.send(Packets.partial(toSelf, 1, 0, 0, new byte[9]), true, 0, 0);
        own.send(Packets.partial(foreign, 1, 0, 0, new byte[9]), true, 0, 0);
        own.send(new byte[30], false, 0, 0);
        assertThat(own.device.takeWritten()).isEmpty();
        own.send(outside, true, 0, 0);
        checkError(3, 1);

        assertThat(own.groups.sent).hasSize(2);
        assertThat(own.runtime.count("data.drop.own")).isEqualTo(1);
        assertThat(own.runtime.count("data.drop.foreign")).isEqualTo(1);
        assertThat(own.runtime.count("data.drop.malformed")).isEqualTo(1);
        assertThat(own.runtime.count("data.drop.outside")).isEqualTo(1);
        assertThat(own.tunnel.sends).isEmpty();
    }

    @Test
    void refusedSealOrSend_counted() {
        own.tunnel.keyless = true;
        own.send(Packets.partial(udp, 1, 0, 0, new byte[9]), true, 0, 0);
        own.tunnel.keyless = false;
        own.tunnel.refusing = true;
        own.send(Packets.partial(tcp, 1, 0, 0x10, new byte[3000]), true, VnetHeader.GSO_TCPV4, 1000);

        assertThat(own.runtime.count("data.drop.seal")).isEqualTo(1);
        assertThat(own.runtime.count("data.drop.send")).isEqualTo(3);
        assertThat(own.runtime.count("data.sent.packets")).isZero();
    }

    @Test
    void inboundPackets_thatMustNotEnter_countedByReason() {
        Flow back = Packets.flow(false, false, 2, 1, 1, new byte[0]);
        Flow back6 = Packets.flow(true, false, 2, 1, 1, new byte[0]);
        List<byte[]> wrongSource = new ArrayList<>();
        wrongSource.add(Packets.partial(Packets.flow(false, false, 3, 1, 1, new byte[0]), 1, 0, 0, new byte[9]));
        wrongSource.add(Packets.partial(Packets.flow(true, false, 3, 1, 1, new byte[0]), 1, 0, 0, new byte[9]));
        byte[] otherUla = Packets.partial(back6, 1, 0, 0, new byte[9]);
        otherUla[9]++;
        wrongSource.add(otherUla);
        wrongSource.forEach(packet -> own.receive(2, packet));
        own.receive(2, Packets.partial(Packets.flow(false, false, 2, 4, 1, new byte[0]), 1, 0, 0, new byte[9]));
        own.receive(1, new byte[25]);
        byte[] right = Packets.partial(back, 1, 0, 0, new byte[9]);
        own.receive(0, right);
        own.receive(3, right);
        byte[] icmp = right.clone();
        icmp[9] = 1;
        own.receive(2, icmp);
        assertThat(own.device.takeWritten()).isEmpty();
        own.receive(2, right);
        own.receive(1, icmp);
        assertThat(own.device.takeWritten()).hasSize(2);
        own.device.setRefusing(true);
        own.receive(2, right);

        assertThat(own.misdirected.notOurs).containsExactly(OWN + 3);
        assertThat(own.misdirected.notTheirs).containsExactly(OWN + 2, OWN + 2);
        assertThat(own.runtime.count("data.drop.source")).isEqualTo(3);
        assertThat(own.runtime.count("data.drop.destination")).isEqualTo(1);
        assertThat(own.runtime.count("data.drop.malformed")).isEqualTo(1);
        assertThat(own.runtime.count("data.drop.kind")).isEqualTo(3);
        assertThat(own.runtime.count("data.drop.device")).isEqualTo(1);
    }

    private byte[] toGroup(Flow flow) {
        byte[] packet = Packets.partial(flow, 1, 0, 0, new byte[9]);
        packet[16] = (byte) 239;
        Checksum.writeIpv4Header(packet, 0, 20);
        return packet;
    }

    @Test
    void packetToGroup_forTwoMembers_goesToEachOnce() {
        Node peer = new Node(PEER, OWN, false);
        peer.groups.wanted = true;
        connect(peer);
        FakeTunnel other = new FakeTunnel();
        own.groups.members = List.of(own.route, new MemberRoute(other, PEER + 1, ULA, Gates.open()));
        own.send(toGroup(udp), true, 0, 0);
        assertThat(own.groups.ours).containsExactly(true);
        assertThat(own.tunnel.sends).hasSize(1);
        assertThat(other.sends).hasSize(1);
        List<byte[]> written = peer.device.takeWritten();
        assertThat(written).hasSize(1);
        assertThat(written.get(0)[VnetHeader.LENGTH + 16]).isEqualTo((byte) 239);
        assertThat(peer.groups.received).isEmpty();
    }

    @Test
    void packetToGroup_fromAnAddressThatIsNotOurs_isSaidToBeSo() {
        own.send(toGroup(Packets.flow(false, false, 9, 2, 1, new byte[0])), true, 0, 0);
        assertThat(own.groups.ours).containsExactly(false);
    }

    @Test
    void packetForGroup_unwantedOrFromAnotherAddress_isNotGivenToTheHost() {
        Node peer = new Node(PEER, OWN, false);
        peer.receive(DataPlane.KIND_PARTIAL, toGroup(udp));
        assertThat(peer.device.takeWritten()).isEmpty();
        assertThat(peer.groups.received).containsExactly(OWN);

        peer.groups.wanted = true;
        peer.receive(DataPlane.KIND_PARTIAL, toGroup(Packets.flow(false, false, 9, 2, 1, new byte[0])));
        assertThat(peer.device.takeWritten()).isEmpty();
        assertThat(peer.groups.received).hasSize(1);
        assertThat(peer.runtime.count("data.drop.source")).isEqualTo(1);
    }

    @Test
    void sendTo_anyPacket_goesToThatMember() {
        own.dataPlane.sendTo(own.route, Packets.withVnet(toGroup(udp), true, 0, 0));
        own.dataPlane.flush();
        assertThat(own.tunnel.sends).hasSize(1);
        assertThat(own.groups.sent).isEmpty();
    }
}
