package io.p2pvpn.overlay.ring;

import io.p2pvpn.overlay.id.OverlayId;
import org.jspecify.annotations.Nullable;

/**
 * What makes a ring.
 *
 * @param ringId names it: empty for the public ring, else the namespace's hash
 * @param self our position
 * @param admission who may take part, or null for everybody
 * @param channel the number under which this node wants the ring's packets (1 to 255; 0 for the public ring)
 */
public record RingConfig(
        byte[] ringId, OverlayId self, @Nullable RingAdmission admission, int channel) {}
