package io.p2pvpn.simulator;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingPeer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One life of a node, and where it stands in the ring that is watched: its lists as they were after the last event. */
final class RingLife {
    /** What a node holds for its neighbours on one side. */
    record Side(List<OverlayId> list, List<RingPeer> linked) {
        private static Side of(Ring ring, boolean clockwise) {
            return new Side(ring.list(clockwise), ring.near(clockwise));
        }
    }

    private final SimHost host;
    private final PublicIdentity identity;
    private final Ring ring;
    private final long bornNanos;
    private boolean member;
    private long memberSinceNanos;
    private @Nullable String bereavement;
    private Side ahead = new Side(List.of(), List.of());
    private Side behind = new Side(List.of(), List.of());
    /** By direction: what is tolerated for a while, by name, and since when. */
    private final List<Map<String, Long>> lags = new ArrayList<>(List.of(Map.of(), Map.of()));

    RingLife(SimHost host, PublicIdentity identity, Ring ring) {
        this.host = host;
        this.identity = identity;
        this.ring = ring;
        this.bornNanos = host.localNanos();
    }

    SimHost host() {
        return host;
    }

    PublicIdentity identity() {
        return identity;
    }

    Ring ring() {
        return ring;
    }

    OverlayId id() {
        return ring.self();
    }

    boolean isMember() {
        return member;
    }

    long memberSinceNanos() {
        return memberSinceNanos;
    }

    /** Before it became a member, all that it knew ended. */
    void bereave(String how) {
        bereavement = how;
    }

    @Nullable
    String bereavement() {
        return bereavement;
    }

    Side side(boolean clockwise) {
        return clockwise ? ahead : behind;
    }

    /** Looks at the node again: true if it stands otherwise than before. */
    boolean refresh(long nowNanos) {
        boolean nowMember = ring.isJoined();
        Side nowAhead = Side.of(ring, true);
        Side nowBehind = Side.of(ring, false);
        if (nowMember == member && nowAhead.equals(ahead) && nowBehind.equals(behind)) {
            return false;
        }
        if (nowMember && !member) {
            memberSinceNanos = nowNanos;
        }
        member = nowMember;
        ahead = nowAhead;
        behind = nowBehind;
        return true;
    }

    /** True if the link is one with the present life of {@code other}, not with one that is over. */
    static boolean isPresent(RingPeer link, RingLife other) {
        // The clocks of hosts that never slept are equal; others are not judged.
        return link.session().sinceNanos() - other.bornNanos >= 0;
    }

    /** The link with {@code other}'s present life on that side, or null. */
    @Nullable
    RingPeer linkTo(RingLife other, boolean clockwise) {
        for (RingPeer link : side(clockwise).linked()) {
            if (link.id().equals(other.id())) {
                return isPresent(link, other) ? link : null;
            }
        }
        return null;
    }

    /** What was tolerated when this direction was last looked at, and since when. */
    Map<String, Long> lags(boolean clockwise) {
        return lags.get(clockwise ? 0 : 1);
    }

    void setLags(boolean clockwise, Map<String, Long> newLags) {
        lags.set(clockwise ? 0 : 1, newLags);
    }

    /** How it stands, for people. */
    String describe() {
        return host.name() + "=" + id().toShortString() + (member ? "" : "*") + " ahead " + describe(ahead) + " behind "
                + describe(behind);
    }

    private static String describe(Side side) {
        StringBuilder text = new StringBuilder("[");
        for (OverlayId id : side.list()) {
            boolean isLinked = side.linked().stream().anyMatch(link -> link.id().equals(id));
            text.append(text.length() > 1 ? " " : "").append(id.toShortString()).append(isLinked ? "" : "?");
        }
        return text.append("]").toString();
    }
}
