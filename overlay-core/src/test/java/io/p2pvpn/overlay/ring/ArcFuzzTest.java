package io.p2pvpn.overlay.ring;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.p2pvpn.overlay.id.OverlayId;
import java.util.TreeSet;

/** Any arc, any position, any links: parts without overlap, each with its child, none with who splits. */
class ArcFuzzTest {
    private static final int FIXED = 3;
    /** Members have some twenty; what splits these splits more. */
    private static final int LINKS_MAX = 24;

    @FuzzTest
    void splitting(byte[] bytes) {
        if (bytes.length < FIXED * OverlayId.BYTES) {
            return;
        }
        Arc arc = new Arc(OverlayId.of(bytes, 0), OverlayId.of(bytes, OverlayId.BYTES));
        OverlayId self = OverlayId.of(bytes, 2 * OverlayId.BYTES);
        TreeSet<OverlayId> links = new TreeSet<>();
        for (int at = FIXED * OverlayId.BYTES; at + OverlayId.BYTES <= bytes.length && links.size() < LINKS_MAX; ) {
            links.add(OverlayId.of(bytes, at));
            at += OverlayId.BYTES;
        }
        var parts = ArcSplit.split(arc, self, links);
        boolean right = true;
        for (var part : parts) {
            right &= part.arc().contains(part.child()) && arc.contains(part.arc());
            right &= !part.arc().contains(self);
            int owners = 0;
            for (var other : parts) {
                owners += other.arc().contains(part.child()) ? 1 : 0;
            }
            right &= owners == 1;
        }
        assertThat(right).as("split rightly").isTrue();
    }
}
