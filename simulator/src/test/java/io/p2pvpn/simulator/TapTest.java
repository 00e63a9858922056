package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.Frame;
import io.p2pvpn.simulator.VpnWorld.Node;
import io.p2pvpn.vpn.names.Reply;
import io.p2pvpn.vpn.names.ResourceRecord;
import io.p2pvpn.vpn.namespace.Directory;
import io.p2pvpn.vpn.namespace.Lease;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Machines behind the TAP devices of members, by whole nodes. */
class TapTest {
    private static final long DHCP_SECONDS = 10;

    private static Node joinTap(VpnWorld world, Node... bootstraps) {
        Node node = world.add();
        world.start(node, VpnWorld.options(node.host().name()).withTap(), bootstraps);
        return node;
    }

    private static List<Node> members(VpnWorld world, int plain, int taps) {
        Node bootstrap = world.bootstrap();
        List<Node> members = new ArrayList<>();
        for (int i = 0; i < plain; i++) {
            members.add(world.join(bootstrap));
        }
        for (int i = 0; i < taps; i++) {
            members.add(joinTap(world, bootstrap));
        }
        assertThat(world.runUntilOne(members, 120)).isNotNegative();
        return members;
    }

    /** The guest asks, now and then again, until it has an address. */
    private static void bind(VpnWorld world, SimGuest guest) {
        for (int tries = 0; tries < 10 && guest.address() == 0; tries++) {
            guest.discover();
            world.world()
                    .runUntil(
                            () -> {
                                guest.look();
                                return guest.address() != 0;
                            },
                            DHCP_SECONDS * VpnWorld.SECOND_NANOS);
        }
        assertThat(guest.address()).isNotZero();
    }

    private static Optional<Lease> lease(VpnWorld world, Node asker, int address) {
        Directory directory = Objects.requireNonNull(
                Objects.requireNonNull(asker.membership()).directory());
        directory.forget(address);
        return world.done(directory.lease(address));
    }

    /** Not even the first packet is lost: it waits for the look-up. */
    @Test
    void guests_haveAddressesOfTheirOwnAndReachMembersAndEachOther() {
        SimSeeds.forEach(Seeds.count(10), seed -> {
            VpnWorld world = new VpnWorld(seed, LinkModel.INTERNET);
            List<Node> members = members(world, 4, 2);
            Node plain = members.get(0);
            SimGuest one = new SimGuest(members.get(4), 1, "one");
            SimGuest two = new SimGuest(members.get(5), 2, "two");
            bind(world, one);
            bind(world, two);
            assertThat(one.address()).isNotEqualTo(two.address());
            Lease lease = lease(world, plain, one.address()).orElseThrow();
            assertThat(lease.isGuest()).isTrue();
            assertThat(lease.memberIpv4()).isEqualTo(members.get(4).address());
            assertThat(lease.holder()).isEqualTo(members.get(4).identity().publicIdentity());
            one.sendTo(plain.address(), 1);
            assertThat(world.world().runUntil(() -> plain.hasReceived(1), 20 * VpnWorld.SECOND_NANOS))
                    .isTrue();
            plain.tun().send(one.address(), 2);
            assertThat(world.world().runUntil(() -> one.hasReceived(2), 20 * VpnWorld.SECOND_NANOS))
                    .isTrue();
            members.get(1).tun().send(two.address(), 3);
            assertThat(world.world().runUntil(() -> two.hasReceived(3), 20 * VpnWorld.SECOND_NANOS))
                    .isTrue();
            two.sendTo(one.address(), 4);
            assertThat(world.world().runUntil(() -> one.hasReceived(4), 20 * VpnWorld.SECOND_NANOS))
                    .isTrue();
            world.runFor(60);
            assertThat(world.wrong(members)).isNull();
        });
    }

    @Test
    void guest_ofARestartedNode_hasItsAddressWithoutAsking() {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        List<Node> members = members(world, 3, 1);
        Node plain = members.get(0);
        Node tap = members.get(3);
        SimGuest guest = new SimGuest(tap, 1, "one");
        bind(world, guest);
        int address = guest.address();
        plain.tun().send(address, 1);
        assertThat(world.world().runUntil(() -> guest.hasReceived(1), 20 * VpnWorld.SECOND_NANOS))
                .isTrue();
        tap.crash();
        world.runFor(3);
        world.start(tap, VpnWorld.options(tap.host().name()).withTap(), plain);
        assertThat(world.runUntilOne(members, 120)).isNotNegative();
        world.runFor(10);
        guest.sendTo(plain.address(), 2);
        assertThat(world.world().runUntil(() -> plain.hasReceived(2), 20 * VpnWorld.SECOND_NANOS))
                .isTrue();
        plain.tun().send(address, 3);
        assertThat(world.world().runUntil(() -> guest.hasReceived(3), 20 * VpnWorld.SECOND_NANOS))
                .isTrue();
        bind(world, guest);
        assertThat(guest.address()).isEqualTo(address);
    }

    /** As a virtual machine does that is moved to another host. */
    @Test
    void guest_thatMoves_isFoundBehindTheOtherMember() {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        List<Node> members = members(world, 3, 2);
        Node plain = members.get(0);
        SimGuest guest = new SimGuest(members.get(3), 1, "one");
        bind(world, guest);
        int address = guest.address();
        plain.tun().send(address, 1);
        assertThat(world.world().runUntil(() -> guest.hasReceived(1), 20 * VpnWorld.SECOND_NANOS))
                .isTrue();
        guest.release();
        world.runFor(2);
        guest.moveTo(members.get(4));
        bind(world, guest);
        assertThat(guest.address()).isEqualTo(address);
        for (int i = 2; i < 6; i++) {
            plain.tun().send(address, i);
            world.runFor(1);
        }
        assertThat(guest.hasReceived(5)).isTrue();
        guest.sendTo(plain.address(), 6);
        world.runFor(2);
        assertThat(plain.hasReceived(6)).isTrue();
    }

    @Test
    void guest_thatReleasesOrWhoseNodeLeaves_holdsNothing() {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        List<Node> members = members(world, 3, 1);
        Node plain = members.get(0);
        Node tap = members.get(3);
        SimGuest one = new SimGuest(tap, 1, "one");
        SimGuest two = new SimGuest(tap, 2, "two");
        bind(world, one);
        bind(world, two);
        int first = one.address();
        int second = two.address();
        one.release();
        world.runFor(5);
        assertThat(lease(world, plain, first)).isEmpty();
        assertThat(lease(world, plain, second)).isPresent();
        world.done(tap.daemon().leave(Objects.requireNonNull(tap.membership())));
        world.runFor(5);
        assertThat(lease(world, plain, second)).isEmpty();
    }

    @Test
    void nameOfAGuest_isKnownUnlessItIsAMembers() {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        List<Node> members = members(world, 3, 1);
        Node plain = members.get(0);
        SimGuest guest = new SimGuest(members.get(3), 1, "printer");
        SimGuest liar = new SimGuest(members.get(3), 2, plain.host().name());
        SimGuest other = new SimGuest(members.get(3), 3, members.get(3).host().name());
        bind(world, guest);
        bind(world, liar);
        bind(world, other);
        world.runFor(35);
        assertThat(addressOf(world, plain, "printer")).isEqualTo(guest.address());
        assertThat(addressOf(world, plain, plain.host().name())).isEqualTo(plain.address());
        assertThat(addressOf(world, plain, members.get(3).host().name()))
                .isEqualTo(members.get(3).address());
    }

    private static int addressOf(VpnWorld world, Node asker, String name) {
        Reply reply = world.done(
                Objects.requireNonNull(asker.answers()).answer(name + ".lab.p2pvpn.internal.", ResourceRecord.A));
        byte[] data = reply.answers().get(0).data().toByteArray();
        return ByteBuffer.wrap(data).getInt();
    }

    /** Both are looked up at the same moment: what waits for the one must not pass with the other. */
    @Test
    void packet_ofAMemberFromAnothersGuest_isDropped() {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        List<Node> members = members(world, 3, 1);
        Node plain = members.get(0);
        Node liar = members.get(1);
        SimGuest guest = new SimGuest(members.get(3), 1, "one");
        bind(world, guest);
        assertThat(world.ping(liar, plain, 20)).isNotNegative();
        assertThat(world.ping(plain, liar, 20)).isNotNegative();
        long before = plain.counter("data.drop.source");
        for (int i = 0; i < 5; i++) {
            sendAs(liar, plain, guest.address(), 2001 + i);
            guest.sendTo(plain.address(), 1002 + i);
        }
        world.runFor(5);
        for (int i = 0; i < 5; i++) {
            assertThat(plain.hasReceived(1002 + i)).isTrue();
            assertThat(plain.hasReceived(2001 + i)).isFalse();
        }
        assertThat(plain.counter("data.drop.source")).isEqualTo(before + 5);
    }

    /** Sends a packet with a source of its choice, as no honest node does. */
    private static void sendAs(Node liar, Node victim, int source, long number) {
        Session session = Objects.requireNonNull(liar.daemon()
                .node()
                .sessions()
                .session(victim.identity().publicIdentity().nodeId()));
        RingPeer peer = Objects.requireNonNull(
                Objects.requireNonNull(Objects.requireNonNull(liar.membership()).ring())
                        .peer(session));
        byte[] packet = SimGuest.packet(source, victim.address(), number);
        byte[] plain = new byte[Frame.PREFIX_BYTES + packet.length];
        plain[0] = Frame.KIND_PACKET;
        plain[1] = (byte) peer.channel();
        System.arraycopy(packet, 0, plain, Frame.PREFIX_BYTES, packet.length);
        byte[] frame = new byte[plain.length + Frame.OVERHEAD_BYTES];
        int bytes = session.seal(plain, 0, plain.length, frame, 0);
        assertThat(session.sendFrames(frame, 0, bytes, bytes, 0)).isTrue();
    }

    /** What a guest sends in another's name goes nowhere, and neither does what members send to nobody. */
    @Test
    void packets_ofAnotherSourceOrToNoGuest_goNowhere() {
        VpnWorld world = new VpnWorld(1, LinkModel.INTERNET);
        List<Node> members = members(world, 3, 1);
        Node plain = members.get(0);
        Node tap = members.get(3);
        SimGuest guest = new SimGuest(tap, 1, "one");
        SimGuest stranger = new SimGuest(tap, 2, "two");
        bind(world, guest);
        stranger.sendTo(plain.address(), 1);
        world.runFor(5);
        assertThat(plain.hasReceived(1)).isFalse();
        assertThat(tap.counter("ethernet.drop.elsewhere") + tap.counter("ethernet.drop.source"))
                .isPositive();
        int refusals = plain.tun().refusals();
        plain.tun().send(guest.address() ^ 1, 2);
        world.runFor(5);
        assertThat(plain.tun().refusals()).isEqualTo(refusals + 1);
    }
}
