package io.p2pvpn.vpn.rules;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.vpn.packet.IpPacket;
import org.jspecify.annotations.Nullable;

/**
 * The packets whose first fragment was let in, so that the others may follow. A fixed number of places; a newer packet
 * takes that of an older one. Confined to one thread.
 */
final class FragmentTable {
    /** A power of two. Fragments of a packet come together: few packets are under way at once. */
    static final int PACKETS_MAX = 256;
    /** As long as Linux waits for the rest of a packet. */
    static final int SECONDS_MAX = 30;

    private static final int HASH_FACTOR = 0x9e37_79b9;

    private final @Nullable OverlayId[] members = new OverlayId[PACKETS_MAX];
    private final int[] kinds = new int[PACKETS_MAX];
    private final int[] ids = new int[PACKETS_MAX];
    private final int[] addedSeconds = new int[PACKETS_MAX];

    /** The first fragment was let in. */
    void add(OverlayId member, IpPacket packet, int nowSeconds) {
        int at = place(packet);
        members[at] = member;
        kinds[at] = kind(packet);
        ids[at] = packet.fragmentId();
        addedSeconds[at] = nowSeconds;
    }

    /** Whether a later fragment belongs to a packet whose first one was. */
    boolean holds(OverlayId member, IpPacket packet, int nowSeconds) {
        int at = place(packet);
        return ids[at] == packet.fragmentId()
                && kinds[at] == kind(packet)
                && nowSeconds - addedSeconds[at] <= SECONDS_MAX
                && member.equals(members[at]);
    }

    /** What must be the same beside the identification: the protocol in IPv4 (RFC 791), but not in IPv6 (RFC 8200). */
    private static int kind(IpPacket packet) {
        return packet.version() == 4 ? 4 << 8 | packet.protocol() : 6 << 8;
    }

    private static int place(IpPacket packet) {
        int hash = (packet.fragmentId() ^ packet.source4()) * HASH_FACTOR;
        return (hash ^ hash >>> 16) & (PACKETS_MAX - 1);
    }
}
