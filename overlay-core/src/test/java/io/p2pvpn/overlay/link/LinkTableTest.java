package io.p2pvpn.overlay.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.runtime.TestNet;
import io.p2pvpn.overlay.session.TestPeer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinkTableTest {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final TestNet net = new TestNet(1);
    private final TestPeer a = new TestPeer(net.add(1));
    private final TestPeer b = new TestPeer(net.add(2));
    private final LinkTable links = new LinkTable(a.layer());
    private final List<String> failures = new ArrayList<>();
    private final Object owner = new Object();
    private final OverlayId idOfB = b.identity().publicIdentity().nodeId();

    private List<FrameRoute> routes(TestPeer peer) {
        return List.of(a.layer().routeTo(peer.runtime().address()));
    }

    private void want(Object who, Purpose purpose) {
        links.want(b.identity().publicIdentity(), routes(b), who, purpose);
    }

    @Test
    void want_ofALivingPeer_dialsOnceAndKeepsTheSession() {
        want(owner, Purpose.NEAR);
        want(owner, Purpose.NEAR);
        want(owner, Purpose.FAR);
        assertThat(links.isDialing(idOfB)).isTrue();
        assertThat(links.purposes(idOfB)).containsExactly(Purpose.NEAR, Purpose.FAR);
        net.runFor(SECOND_NANOS);
        assertThat(links.isDialing(idOfB)).isFalse();
        net.runFor(200 * SECOND_NANOS);
        assertThat(a.layer().session(idOfB)).isNotNull();
    }

    @Test
    void release_ofTheLastWish_letsTheSessionGo() {
        want(owner, Purpose.NEAR);
        want(this, Purpose.NEAR);
        net.runFor(SECOND_NANOS);
        links.release(idOfB, owner, Purpose.NEAR);
        net.runFor(100 * SECOND_NANOS);
        assertThat(a.layer().session(idOfB)).isNotNull();
        links.release(idOfB, owner, Purpose.NEAR);
        links.release(idOfB, this, Purpose.NEAR);
        assertThat(links.purposes(idOfB)).isEmpty();
        net.runFor(100 * SECOND_NANOS);
        assertThat(a.layer().session(idOfB)).isNull();
    }

    @Test
    void want_ofNobody_failsAndIsForgotten() {
        links.addListener((nodeId, reason) -> failures.add(nodeId + " " + reason));
        FrameRoute nowhere = a.layer().routeTo(net.add(9).address());
        links.want(b.identity().publicIdentity(), List.of(nowhere), owner, Purpose.NEAR);
        net.runFor(LinkTable.DIAL_NANOS + SECOND_NANOS);
        assertThat(failures).containsExactly(idOfB + " no answer");
        assertThat(links.purposes(idOfB)).isEmpty();
    }

    @Test
    void release_whileDialing_stopsTheDial() {
        want(owner, Purpose.NEAR);
        links.release(idOfB, owner, Purpose.NEAR);
        net.runFor(SECOND_NANOS);
        assertThat(a.runtime().sent()).isEmpty();
    }
}
