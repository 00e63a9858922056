package io.p2pvpn.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.p2pvpn.overlay.id.OverlayId;
import java.util.TreeSet;

/** Any arc, any position, any links: parts without overlap, each with its child, none with who splits. */
class ArcFuzzTest {
    private static final int FIXED = 3;

    @FuzzTest
    void splitting(byte[] bytes) {
        if (bytes.length < FIXED * OverlayId.BYTES) {
            return;
        }
        Arc arc = new Arc(OverlayId.of(bytes, 0), OverlayId.of(bytes, OverlayId.BYTES));
        OverlayId self = OverlayId.of(bytes, 2 * OverlayId.BYTES);
        TreeSet<OverlayId> links = new TreeSet<>();
        for (int at = FIXED * OverlayId.BYTES; at + OverlayId.BYTES <= bytes.length; at += OverlayId.BYTES) {
            links.add(OverlayId.of(bytes, at));
        }
        var parts = ArcSplit.split(arc, self, links);
        for (var part : parts) {
            assertThat(part.arc().contains(part.child())).isTrue();
            assertThat(arc.contains(part.arc())).isTrue();
            assertThat(part.arc().contains(self)).isFalse();
            assertThat(parts.stream().filter(other -> other.arc().contains(part.child())))
                    .hasSize(1);
        }
    }
}
