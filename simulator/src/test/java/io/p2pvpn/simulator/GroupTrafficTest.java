package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.simulator.VpnWorld.Node;
import io.p2pvpn.vpn.group.GroupAddress;
import io.p2pvpn.vpn.group.GroupMessages;
import io.p2pvpn.vpn.group.GroupReport;
import io.p2pvpn.vpn.packet.Checksum;
import io.p2pvpn.vpn.wire.proto.GroupPacket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Multicast and broadcast of hosts, by whole nodes. */
class GroupTrafficTest {
    private static final LinkModel LOSSY = LinkModel.INTERNET.withLoss(0.02);
    private static final LinkModel CLEAN = LinkModel.INTERNET.withLoss(0);
    private static final int STREAM = 0xef01_0203;
    private static final int DISCOVERY = 0xe000_00fb;
    private static final int BROADCAST = 0xffff_ffff;

    private static void want(Node node, int group, boolean wanted) {
        node.tun().send(GroupMessages.report(new GroupReport(GroupAddress.of4(group), wanted), node.address(), 0, 0));
    }

    private static void sendAll(VpnWorld world, Node from, int group, LongStream numbers, long gapMillis) {
        numbers.forEach(number -> {
            from.tun().send(group, number);
            world.world().runFor(gapMillis * 1_000_000);
        });
    }

    /** {@code -Dp2pvpn.members=256 -Dtest.methodTimeout=600s} for more than the usual ones. */
    @Test
    void broadcast_amongManyMembers_isDeliveredToEachOnce() {
        VpnWorld world = new VpnWorld(1, CLEAN);
        Node bootstrap = world.bootstrap();
        List<Node> members = world.joinAll(1, bootstrap);
        for (int i = 1; i < Integer.getInteger("p2pvpn.members", 48); i++) {
            members.add(world.join(bootstrap));
            world.world().runFor(100_000_000);
        }
        assertThat(world.runUntilOne(members, 120)).isNotNegative();
        world.runFor(10);
        members.get(0).tun().send(BROADCAST, 7);
        world.runFor(5);
        assertThat(members.get(0).tun().received()).isEmpty();
        for (Node member : members.subList(1, members.size())) {
            assertThat(member.tun().received()).containsExactly(7L);
        }
    }

    @Test
    void broadcast_toTheLastAddressOfThePrefix_isOneTooAndTheFirstIsNone() {
        VpnWorld world = new VpnWorld(1, CLEAN);
        List<Node> members = world.joinAll(3, world.bootstrap());
        int address = members.get(0).address();
        members.get(0).tun().send(address | 0xffff, 1);
        members.get(0).tun().send(address & 0xffff_0000, 2);
        world.runFor(3);
        assertThat(members.get(1).tun().received()).containsExactly(1L);
        assertThat(members.get(0).counter("data.drop.group")).isEqualTo(1);
    }

    @Test
    void group_ofTheLink_goesToThoseWhoWantItOnly() {
        SimSeeds.forEach(Seeds.count(10), seed -> {
            VpnWorld world = new VpnWorld(seed, LOSSY);
            List<Node> members = world.joinAll(6, world.bootstrap());
            want(members.get(1), DISCOVERY, true);
            want(members.get(3), DISCOVERY, true);
            world.runFor(2);
            sendAll(world, members.get(0), DISCOVERY, LongStream.range(0, 20), 200);
            world.runFor(10);
            for (int i = 0; i < members.size(); i++) {
                List<Long> received = members.get(i).tun().received();
                if (i == 1 || i == 3) {
                    assertThat(new TreeSet<>(received)).hasSize(20);
                    assertThat(received).hasSize(20);
                } else {
                    assertThat(received).isEmpty();
                }
            }
        });
    }

    /** At first packets go to all, then to those who want them; nobody gets one twice, and nobody else gets any. */
    @Test
    void group_ofAStream_goesToThoseWhoWantItWhileTheyDo() {
        SimSeeds.forEach(Seeds.count(10), seed -> {
            VpnWorld world = new VpnWorld(seed, CLEAN);
            List<Node> members = world.joinAll(6, world.bootstrap());
            Node source = members.get(0);
            want(members.get(1), STREAM, true);
            want(members.get(2), STREAM, true);
            world.runFor(2);
            sendAll(world, source, STREAM, LongStream.range(0, 400), 20);
            world.runFor(1);
            for (Node member : members.subList(1, 3)) {
                assertThat(new TreeSet<>(member.tun().received())).hasSize(400);
                assertThat(member.tun().received()).hasSize(400);
            }
            assertThat(source.counter("group.sent")).isEqualTo(8);

            want(members.get(3), STREAM, true);
            want(members.get(1), STREAM, false);
            world.runFor(10);
            sendAll(world, source, STREAM, LongStream.range(1000, 1200), 20);
            world.runFor(1);
            sendAll(world, source, STREAM, LongStream.range(2000, 2100), 20);
            world.runFor(1);
            assertThat(members.get(1).tun().received()).noneMatch(number -> number >= 2000);
            assertThat(members.get(2).tun().received()).hasSize(700);
            assertThat(members.get(3).tun().received())
                    .containsAll(LongStream.range(2000, 2100).boxed().toList())
                    .doesNotHaveDuplicates();
            assertThat(members.get(4).tun().received()).isEmpty();
            assertThat(members.get(5).tun().received()).isEmpty();
        });
    }

    @Test
    void group_whoseMembersReportNoMore_isSentToNobody() {
        VpnWorld world = new VpnWorld(1, CLEAN);
        List<Node> members = world.joinAll(4, world.bootstrap());
        want(members.get(1), STREAM, true);
        world.runFor(2);
        sendAll(world, members.get(0), STREAM, LongStream.range(0, 100), 20);
        world.runFor(150);
        // Its host, which a test does not answer for, was asked and said nothing.
        long before = members.get(0).counter("data.sent.packets");
        sendAll(world, members.get(0), STREAM, LongStream.range(200, 300), 20);
        world.runFor(1);
        assertThat(members.get(1).tun().received()).hasSize(100);
        assertThat(members.get(0).counter("data.sent.packets")).isEqualTo(before);
    }

    @Test
    void group_wantedByVeryMany_goesToAllOfThem() {
        VpnWorld world = new VpnWorld(1, CLEAN);
        List<Node> members = world.joinAll(40, world.bootstrap());
        world.runFor(10);
        members.subList(1, 40).forEach(member -> want(member, STREAM, true));
        world.runFor(5);
        sendAll(world, members.get(0), STREAM, LongStream.range(0, 100), 100);
        world.runFor(5);
        List<Integer> received = new ArrayList<>();
        for (Node member : members.subList(1, 40)) {
            assertThat(member.tun().received()).doesNotHaveDuplicates();
            received.add(member.tun().received().size());
        }
        assertThat(received).allMatch(count -> count >= 95);
    }

    /** Whoever passes packets on can neither make one of another member's, nor pass one on twice. */
    @Test
    void packet_forgedOrRepeated_isDropped() {
        VpnWorld world = new VpnWorld(1, CLEAN);
        List<Node> members = world.joinAll(3, world.bootstrap());
        Node victim = members.get(0);
        Node attacker = members.get(1);
        Node hearer = members.get(2);
        Ring ring = Objects.requireNonNull(
                Objects.requireNonNull(attacker.membership()).ring());
        List<byte[]> heard = new ArrayList<>();
        ring.broadcasts().handle("packet", told -> heard.add(told.payload()));

        byte[] packet = packet(victim.address(), BROADCAST, 66);
        long now = attacker.daemon().node().runtime().clock().epochMillis();
        GroupPacket.Builder forged = GroupPacket.newBuilder()
                .setNumber(now)
                .setPacket(ByteString.copyFrom(packet))
                .setSignature(ByteString.copyFrom(attacker.identity().sign("p2pvpn group packet v1", packet)));
        assertThat(ring.broadcasts().send("packet", forged.build().toByteArray()))
                .isTrue();
        assertThat(ring.broadcasts().send("packet", new byte[] {1, 2, 3})).isTrue();
        world.runFor(5);
        assertThat(hearer.tun().received()).isEmpty();
        assertThat(hearer.counter("group.drop.source")).isEqualTo(1);
        assertThat(hearer.counter("group.drop.malformed")).isEqualTo(1);

        victim.tun().send(BROADCAST, 67);
        world.runFor(5);
        assertThat(hearer.tun().received()).containsExactly(67L);
        assertThat(heard).hasSize(1);
        assertThat(ring.broadcasts().send("packet", heard.get(0))).isTrue();
        world.runFor(5);
        assertThat(hearer.tun().received()).containsExactly(67L);
        assertThat(hearer.counter("group.drop.repeated")).isEqualTo(1);
        world.runFor(700);
        assertThat(ring.broadcasts().send("packet", heard.get(0))).isTrue();
        world.runFor(5);
        assertThat(hearer.counter("group.drop.old")).isEqualTo(1);
    }

    private static byte[] packet(int source, int destination, long number) {
        ByteBuffer ip = ByteBuffer.allocate(28);
        ip.put(0, (byte) 0x45).putShort(2, (short) 28).put(8, (byte) 64).put(9, (byte) 253);
        ip.putInt(12, source).putInt(16, destination).putLong(20, number);
        Checksum.writeIpv4Header(ip.array(), 0, 20);
        return ip.array();
    }
}
