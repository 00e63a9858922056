package io.p2pvpn.vpn.rules;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.vpn.packet.IpPacket;
import io.p2pvpn.vpn.packet.PacketFlow;

/**
 * One flow between a member and our host: who began it, and when it was used last. Thread-safe; where two threads see
 * its packets at the same time, either order is right.
 */
final class Flow {
    /** Our host began it: what comes back is let in whatever the rules say. */
    static final long OURS = -1;
    /** The member began it, and the rules refuse it by now. */
    static final long REFUSED = 0;

    /** RFC 5382 REQ-5: longer than the two hours after which a silent connection is tried by a keepalive. */
    static final int TCP_IDLE_SECONDS_MAX = 7_440;
    /** Both ends have closed, or one has reset: Linux's TIME_WAIT. */
    static final int TCP_CLOSED_SECONDS_MAX = 60;
    /** More than the two minutes of RFC 4787 REQ-5. */
    static final int OTHER_IDLE_SECONDS_MAX = 180;

    private final OverlayId member;
    private final int family;
    private final int ports;
    private volatile long letInBy;
    private volatile int seenSeconds;
    private volatile boolean closedByUs;
    private volatile boolean closedByMember;

    /**
     * A flow that begins.
     *
     * @param family IP version and protocol
     * @param ports the member's in the upper half, ours in the lower
     * @param letInBy {@link #OURS}, or the {@link MemberGate.Judge#stamp} under which the member may begin it
     */
    Flow(OverlayId member, int family, int ports, long letInBy, int nowSeconds) {
        this.member = member;
        this.family = family;
        this.ports = ports;
        this.letInBy = letInBy;
        this.seenSeconds = nowSeconds;
    }

    boolean is(OverlayId otherMember, int otherFamily, int otherPorts) {
        return ports == otherPorts && family == otherFamily && member.equals(otherMember);
    }

    long letInBy() {
        return letInBy;
    }

    void setLetInBy(long by) {
        letInBy = by;
    }

    /** One of its packets passed. */
    void onPacket(boolean sent, PacketFlow packet, int nowSeconds) {
        // Written once a second at most: other processors read it too.
        if (seenSeconds != nowSeconds) {
            seenSeconds = nowSeconds;
        }
        if (packet.isBegin()) {
            closedByUs = false;
            closedByMember = false;
        } else if (packet.isReset()) {
            closedByUs = true;
            closedByMember = true;
        } else if (packet.isFinish() && sent) {
            closedByUs = true;
        } else if (packet.isFinish()) {
            closedByMember = true;
        }
    }

    int idleSeconds(int nowSeconds) {
        return nowSeconds - seenSeconds;
    }

    /** True when it was silent for so long that it is over. */
    boolean isOver(int nowSeconds) {
        return idleSeconds(nowSeconds) > idleSecondsMax();
    }

    private int idleSecondsMax() {
        if ((family & 0xff) != IpPacket.PROTOCOL_TCP) {
            return OTHER_IDLE_SECONDS_MAX;
        }
        return closedByUs && closedByMember ? TCP_CLOSED_SECONDS_MAX : TCP_IDLE_SECONDS_MAX;
    }
}
