package io.p2pvpn.crawler.mapreduce;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Arc;
import org.jspecify.annotations.Nullable;

/**
 * A part of the ring that an answer says nothing about. Immutable.
 *
 * @param arc the positions
 * @param reason why
 * @param member who did not do its part; null if nobody in particular
 */
public record Gap(Arc arc, GapReason reason, @Nullable OverlayId member) {
    /** Nothing is known of one member. */
    static Gap only(OverlayId member, GapReason reason) {
        return new Gap(Arc.only(member), reason, member);
    }
}
