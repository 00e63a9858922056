package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.runtime.Endpoint;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Frames to a member hop by hop along a ring; for signalling and first packets. */
final class RingRoute implements FrameRoute {
    private final Ring ring;
    private final OverlayId target;
    private final @Nullable OverlayId via;

    RingRoute(Ring ring, OverlayId target, @Nullable OverlayId via) {
        this.ring = ring;
        this.target = target;
        this.via = via;
    }

    @Override
    public Kind kind() {
        return Kind.RING;
    }

    @Override
    public @Nullable Endpoint endpoint() {
        return null;
    }

    @Override
    public boolean send(byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        boolean sent = true;
        for (int at = offset; at < offset + length; at += segmentBytes) {
            sent &= ring.sendFrame(target, via, buffer, at, Math.min(segmentBytes, offset + length - at));
        }
        return sent;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RingRoute that && that.ring == ring && that.target.equals(target);
    }

    @Override
    public int hashCode() {
        return Objects.hash(target);
    }

    @Override
    public String toString() {
        return "ring://" + target.toShortString();
    }
}
