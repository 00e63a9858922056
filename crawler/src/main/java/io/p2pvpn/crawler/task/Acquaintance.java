package io.p2pvpn.crawler.task;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.crawler.wire.proto.AboutReply;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.nat.NatFacts;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingPeer;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a member has to say of another one. Immutable.
 *
 * @param listed in its list of neighbours, linked or not
 * @param near among its linked neighbours
 * @param known heard of
 * @param session there is a session
 * @param linked the session has a direct or relayed path
 * @param dialing a handshake with it is under way
 * @param nat how the boxes before the member that speaks map, in words; empty if not known
 */
public record Acquaintance(
        boolean listed, boolean near, boolean known, boolean session, boolean linked, boolean dialing, String nat) {
    /** Nothing. */
    public static final Acquaintance NONE = new Acquaintance(false, false, false, false, false, false, "");

    private static final int NAT_CHARS_MAX = 40;

    /** The truth, as far as the node knows it. */
    static Acquaintance of(OverlayNode node, Ring ring, OverlayId member) {
        RingPeer peer = ring.peer(member);
        Contact contact = ring.contact(member);
        boolean near = false;
        boolean listed = false;
        for (boolean clockwise : new boolean[] {true, false}) {
            List<RingPeer> side = ring.near(clockwise);
            near |= side.stream().anyMatch(each -> each.id().equals(member));
            listed |= ring.list(clockwise).contains(member);
        }
        boolean dialing =
                contact != null && node.links().isDialing(contact.identity().nodeId());
        NatFacts nat = node.nat();
        return new Acquaintance(
                listed,
                near,
                peer != null || contact != null,
                peer != null,
                peer != null && peer.session().isLinked(),
                dialing,
                nat.equals(NatFacts.UNKNOWN) ? "" : nat.mapping().name().toLowerCase(Locale.ROOT));
    }

    /** For a message. */
    public byte[] encode() {
        return AboutReply.newBuilder()
                .setListed(listed)
                .setNear(near)
                .setKnown(known)
                .setSession(session)
                .setLinked(linked)
                .setDialing(dialing)
                .setNat(nat)
                .build()
                .toByteArray();
    }

    /** From a message, or null if it cannot be right. */
    public static @Nullable Acquaintance decode(byte[] body) {
        try {
            AboutReply reply = AboutReply.parseFrom(body);
            String nat = reply.getNat();
            boolean fit = nat.length() <= NAT_CHARS_MAX && nat.chars().allMatch(c -> c >= ' ' && c < 0x7f);
            return new Acquaintance(
                    reply.getListed(),
                    reply.getNear(),
                    reply.getKnown(),
                    reply.getSession(),
                    reply.getLinked(),
                    reply.getDialing(),
                    fit ? nat : "");
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }
}
