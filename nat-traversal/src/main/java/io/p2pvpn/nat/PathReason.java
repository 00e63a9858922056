package io.p2pvpn.nat;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.nat.Dependence;
import io.p2pvpn.overlay.nat.NatFacts;
import io.p2pvpn.overlay.nat.NatFacts.Passage;
import io.p2pvpn.overlay.path.FrameRoute;
import org.jspecify.annotations.Nullable;

/**
 * Says why the path of a session is what it is and no better one. Both ends say the same: nodes are named by their
 * short IDs on the public ring, the smaller ID first, and nobody is "we".
 */
public final class PathReason {
    /**
     * One end of a session.
     *
     * @param nodeId its ID on the public ring
     * @param nat what is in front of it, as far as that is known
     */
    public record End(OverlayId nodeId, NatFacts nat) {}

    private PathReason() {}

    /**
     * The text for a person.
     *
     * @param kind of the path that traffic takes
     * @param via the relay, or null
     * @param trying whether ports are being tried for this pair
     */
    public static String text(End one, End other, FrameRoute.Kind kind, @Nullable OverlayId via, boolean trying) {
        boolean ordered = one.nodeId().compareTo(other.nodeId()) <= 0;
        String cause = cause(ordered ? one : other, ordered ? other : one, trying);
        return switch (kind) {
            case UDP -> "direct";
            case TCP -> "direct over TCP: " + cause;
            case TLS -> "direct over TLS: " + cause;
            case RELAY -> (via == null ? "relay" : "relay via " + via.toShortString()) + ": " + cause;
            case RING -> "ring: " + cause + ", and no relay is found yet";
        };
    }

    /** Why no datagram goes straight from one to the other. */
    private static String cause(End first, End second, boolean trying) {
        boolean firstBlocked = first.nat().udp() == Passage.BLOCKED;
        boolean secondBlocked = second.nat().udp() == Passage.BLOCKED;
        if (firstBlocked && secondBlocked) {
            return "UDP is blocked at " + name(first) + " and " + name(second);
        }
        if (firstBlocked || secondBlocked) {
            return "UDP is blocked at " + name(firstBlocked ? first : second);
        }
        Dependence firstMapping = first.nat().mapping();
        Dependence secondMapping = second.nat().mapping();
        if (firstMapping.isDependent() && secondMapping.isDependent()) {
            String what = firstMapping == secondMapping
                    ? "both NATs are " + firstMapping.word()
                    : nat(first) + " and that of " + name(second) + " " + secondMapping.word();
            return what + (trying ? "; their ports are being tried" : "");
        }
        if (firstMapping.isDependent() || secondMapping.isDependent()) {
            return nat(firstMapping.isDependent() ? first : second) + (trying ? "; its ports are being tried" : "");
        }
        return "no direct address has answered";
    }

    private static String nat(End end) {
        return "the NAT of " + name(end) + " is " + end.nat().mapping().word();
    }

    private static String name(End end) {
        return end.nodeId().toShortString();
    }
}
