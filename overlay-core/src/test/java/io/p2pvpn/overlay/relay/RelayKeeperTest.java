package io.p2pvpn.overlay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.path.FrameRoute.Kind;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Contacts;
import io.p2pvpn.overlay.runtime.TestNet;
import io.p2pvpn.overlay.session.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A relayed session and the nodes that could relay it. */
class RelayKeeperTest {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final TestNet net = new TestNet(11);

    private RelayPeer peer(int last) {
        return new RelayPeer(net, last, RelayLimits.DEFAULT);
    }

    private void connect(RelayPeer a, RelayPeer b, RelayPeer... relays) {
        net.block(a.runtime(), b.runtime());
        for (RelayPeer relay : relays) {
            a.linkTo(relay);
            b.linkTo(relay);
        }
        net.runFor(SECOND_NANOS / 10);
        a.meetOverRing(b);
        b.meetOverRing(a);
    }

    private static List<Path> relayPaths(RelayPeer from, RelayPeer to) {
        List<Path> paths = new ArrayList<>();
        for (Path path : from.with(to).paths()) {
            if (path.route().kind() == Kind.RELAY && path.isValidated()) {
                paths.add(path);
            }
        }
        return paths;
    }

    private static @Nullable OverlayId via(RelayPeer from, RelayPeer to) {
        Path active = from.with(to).activePath();
        return active == null ? null : active.route().via();
    }

    /** Both ends talk for so many seconds. */
    private void talk(RelayPeer a, RelayPeer b, int seconds) {
        for (int i = 0; i < seconds * 20; i++) {
            a.sendPackets(b, 1, 100);
            b.sendPackets(a, 1, 100);
            net.runFor(SECOND_NANOS / 20);
        }
    }

    @Test
    void oneSpare_isKept_andNoMore_alsoWhenNobodyTalks() {
        RelayPeer a = peer(1);
        RelayPeer b = peer(2);
        RelayPeer[] relays = {peer(3), peer(4), peer(5)};
        connect(a, b, relays);
        net.runFor(180 * SECOND_NANOS);
        assertThat(relayPaths(a, b)).hasSize(2);
        assertThat(relayPaths(b, a)).hasSize(2);
        int bindings = 0;
        for (RelayPeer relay : relays) {
            bindings += relay.relays().bindings();
        }
        assertThat(bindings).isEqualTo(2);
        assertThat(via(a, b)).isEqualTo(via(b, a));
    }

    @Test
    void relayThatVanishes_losesItsTrafficToTheSpare_withinASecond_atBothEnds() {
        RelayPeer a = peer(1);
        RelayPeer b = peer(2);
        RelayPeer[] relays = {peer(3), peer(4), peer(5)};
        connect(a, b, relays);
        net.runFor(SECOND_NANOS / 10);
        talk(a, b, 15);
        OverlayId first = Objects.requireNonNull(via(a, b));
        for (RelayPeer relay : relays) {
            if (relay.id().equals(first)) {
                net.block(a.runtime(), relay.runtime());
                net.block(b.runtime(), relay.runtime());
            }
        }
        talk(a, b, 1);
        assertThat(a.kindTo(b)).isEqualTo(Kind.RELAY);
        assertThat(b.kindTo(a)).isEqualTo(Kind.RELAY);
        assertThat(via(a, b)).isNotEqualTo(first);
        assertThat(via(b, a)).isEqualTo(via(a, b));
        talk(a, b, 40);
        assertThat(relayPaths(a, b)).as("another spare").hasSize(2);
    }

    @Test
    void sessionThatNobodyWants_keepsNoSpare() {
        RelayPeer a = peer(1);
        RelayPeer b = peer(2);
        connect(a, b, peer(3), peer(4));
        net.runFor(20 * SECOND_NANOS);
        assertThat(relayPaths(a, b)).hasSize(2);
        a.with(b).setWanted(false);
        b.with(a).setWanted(false);
        net.runFor(40 * SECOND_NANOS);
        assertThat(relayPaths(a, b)).hasSizeLessThan(2);
    }

    @Test
    void proposedNodes_areLinkedTo_aFewAtATime() {
        RelayPeer a = peer(1);
        RelayPeer b = peer(2);
        connect(a, b, peer(3));
        net.runFor(5 * SECOND_NANOS);
        List<Contact> contacts = new ArrayList<>();
        RelayPeer stranger = peer(50);
        for (int i = 0; i < 8; i++) {
            RelayPeer other = peer(20 + i);
            other.linkTo(stranger);
            net.runFor(SECOND_NANOS / 10);
            contacts.add(Contacts.of(other.id(), stranger.with(other)));
        }
        CompletableFuture<byte[]> first = meet(a, b, contacts);
        CompletableFuture<byte[]> second = meet(a, b, contacts);
        assertThat(first.isCompletedExceptionally()).isFalse();
        assertThat(second.isCompletedExceptionally()).isTrue();
        int linked = 0;
        for (Contact contact : contacts) {
            linked += b.layer().session(contact.identity().nodeId()) != null ? 1 : 0;
        }
        assertThat(linked).isEqualTo(RelayRound.INTRODUCED_MAX);
        net.runFor(10 * SECOND_NANOS);
        for (Session session : b.layer().sessions()) {
            boolean proposed =
                    contacts.stream().anyMatch(c -> c.identity().nodeId().equals(session.nodeId()));
            assertThat(proposed && session.isWanted()).isFalse();
        }
    }

    private CompletableFuture<byte[]> meet(RelayPeer from, RelayPeer to, List<Contact> contacts) {
        CompletableFuture<byte[]> reply = from.calls().call(from.with(to), "relay.meet", Contacts.encode(contacts));
        net.runFor(SECOND_NANOS / 10);
        return reply;
    }

    @Test
    void worth_isAGainOfSomePartAndSomeTime() {
        assertThat(RelayCost.isWorth(90_000_000, 100_000_000)).isTrue();
        assertThat(RelayCost.isWorth(96_000_000, 100_000_000)).isFalse();
        assertThat(RelayCost.isWorth(9_500_000, 10_000_000)).isFalse();
    }
}
