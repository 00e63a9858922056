package io.p2pvpn.nat.behaviour;

import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.SideSocket;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.overlay.session.MarkFrame;
import java.util.List;

/**
 * Writes from a side socket to the node's own outside endpoint: a box that hairpins sends it back in (RFC 4787
 * section 6, the test of RFC 5780 section 4.5). As there, a box that hairpins but filters what comes so passes for one
 * that does not. Confined to the node's loop.
 */
final class HairpinCheck {
    private static final long ANSWER_NANOS = 500_000_000L;
    private static final int MARKS = 2;

    private final OverlayNode node;
    private final NodeRuntime runtime;
    private final NatLearner learner;

    HairpinCheck(OverlayNode node, NatLearner learner) {
        this.node = node;
        this.runtime = node.runtime();
        this.learner = learner;
    }

    /** Checks once, if an outside endpoint is known. */
    void check() {
        List<Endpoint> outside = learner.outside();
        if (outside.isEmpty()) {
            return;
        }
        byte[] nonce = new byte[MarkFrame.NONCE_BYTES];
        runtime.keys().fill(nonce);
        boolean[] came = new boolean[1];
        int index = node.sessions().expectMark(nonce, from -> came[0] = true);
        SideSocket side = index == 0
                ? null
                : runtime.transport().openSide((socket, from, buffer, offset, length, segmentBytes, trafficClass) -> {
                    // Nothing is expected there.
                });
        if (side == null) {
            node.sessions().forgetMark(index);
            return;
        }
        byte[] mark = MarkFrame.of(index, nonce);
        for (int i = 0; i < MARKS; i++) {
            side.send(outside.get(0), mark, 0, mark.length, mark.length, Transport.CLASS_DEFAULT);
        }
        runtime.timers().schedule(ANSWER_NANOS, () -> {
            node.sessions().forgetMark(index);
            side.close();
            learner.onHairpinChecked(came[0]);
        });
    }
}
