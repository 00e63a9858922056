package io.p2pvpn.vpn.ethernet;

import static io.p2pvpn.vpn.ethernet.TestPort.MEMBER;
import static io.p2pvpn.vpn.ethernet.TestPort.OWN;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoopGuardTest {
    private final TestPort port = new TestPort();

    /** The beacon of a member with that place. */
    private static byte[] beaconOf(int self) {
        TestPort other = new TestPort(new PortRuntime(), self);
        other.runtime.runFor(3);
        return other.tap.takeSent().get(0);
    }

    private int sentIn(double seconds) {
        port.tap.takeSent();
        port.runtime.runFor(seconds);
        return port.tap.takeSent().size();
    }

    @Test
    void beacons_areSentNowAndThen() {
        assertThat(sentIn(60)).isBetween(25, 31);
    }

    @Test
    void ownFrame_thatComesBack_makesQuietAtOnce() {
        port.receive(beaconOf(7));
        assertThat(port.port.isQuiet()).isTrue();
        assertThat(port.port.trouble()).contains("loop");
        assertThat(port.notices).hasSize(1);
        assertThat(port.receive(Frames.arpRequest(port.host(), OWN, MEMBER))).isEmpty();
        assertThat(port.send(Frames.ipv4(MEMBER, OWN, 1, new byte[8]))).isEmpty();
        assertThat(sentIn(8)).isZero();
        port.runtime.runFor(4);
        assertThat(port.port.isQuiet()).isFalse();
        assertThat(port.notices).hasSize(2);
    }

    /** In a bridge without a spanning tree each frame goes round for ever. */
    @Test
    void loop_thatStays_isTriedMoreAndMoreSeldom() {
        byte[] own = beaconOf(7);
        int sent = 0;
        for (int second = 0; second < 3600; second++) {
            port.tap.takeSent();
            port.runtime.runFor(1);
            int now = port.tap.takeSent().size();
            sent += now;
            for (int i = 0; i < now; i++) {
                port.receive(own);
            }
        }
        assertThat(sent).isBetween(8, 24);
        port.runtime.runFor(400);
        assertThat(port.port.isQuiet()).isFalse();
        port.runtime.runFor(400);
        port.receive(own);
        port.runtime.runFor(11.5);
        assertThat(port.port.isQuiet()).isFalse();
    }

    @Test
    void storm_ofOwnFrames_isNotAnswered() {
        byte[] own = Frames.frame(
                MacAddress.BROADCAST, port.gateway(), EthernetPart.TYPE_IPV4, Frames.ipv4(MEMBER, -1, 17, new byte[8]));
        port.tap.takeSent();
        for (int i = 0; i < 5_000; i++) {
            port.receive(own);
        }
        assertThat(port.tap.takeSent()).isEmpty();
        assertThat(port.runtime.count("ethernet.drop.loop")).isEqualTo(5_000);
        assertThat(port.runtime.count("ethernet.loop")).isEqualTo(1);
    }

    @Test
    void anotherMember_withTheLowerId_makesQuietWhileItIsThere() {
        byte[] lower = beaconOf(3);
        for (int i = 0; i < 20; i++) {
            port.receive(lower);
            port.runtime.runFor(2);
            assertThat(port.port.isQuiet()).isTrue();
        }
        assertThat(port.port.trouble()).contains("another member");
        port.runtime.runFor(10);
        assertThat(port.port.isQuiet()).isFalse();
    }

    @Test
    void anotherMember_withTheHigherId_isToldAtOnce() {
        port.runtime.runFor(0.5);
        port.tap.takeSent();
        port.receive(beaconOf(9));
        List<byte[]> sent = port.tap.takeSent();
        assertThat(port.port.isQuiet()).isFalse();
        assertThat(sent).hasSize(1);
        assertThat(sent.get(0)).containsSequence('p', '2', 'p', 'v', 'p', 'n');
        port.receive(beaconOf(9));
        assertThat(port.tap.takeSent()).isEmpty();
    }

    @Test
    void beacon_ofAnotherNamespaceOrDamaged_changesNothing() {
        byte[] other = beaconOf(3);
        other[14 + 7] ^= 1;
        port.receive(other);
        byte[] damaged = beaconOf(3);
        damaged[14] ^= 1;
        port.receive(damaged);
        byte[] cut = Arrays.copyOf(beaconOf(3), 40);
        port.receive(cut);
        assertThat(port.port.isQuiet()).isFalse();
        assertThat(port.runtime.count("ethernet.drop.malformed")).isEqualTo(2);
    }
}
