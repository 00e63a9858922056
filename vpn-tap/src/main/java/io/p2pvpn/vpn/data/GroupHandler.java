package io.p2pvpn.vpn.data;

import io.p2pvpn.vpn.packet.IpPacket;
import java.util.List;

/** Decides about packets that are for several hosts. Called where the device is read and written. */
public interface GroupHandler {
    /** Nothing goes to groups, or comes for them. */
    GroupHandler NONE = new GroupHandler() {
        @Override
        public List<MemberRoute> onSent(byte[] buffer, int length, IpPacket packet, boolean ours) {
            return List.of();
        }

        @Override
        public boolean isWanted(IpPacket packet) {
            return false;
        }

        @Override
        public boolean onReceived(MemberRoute from, byte[] buffer, IpPacket packet) {
            return false;
        }
    };

    /**
     * Our host sends a packet to a multicast or broadcast address.
     *
     * @param buffer virtio header and packet in its first {@code length} bytes, valid during the call
     * @param packet the packet in it
     * @param ours whether its source is an address of ours
     * @return the members that get a copy of it each, over their sessions
     */
    List<MemberRoute> onSent(byte[] buffer, int length, IpPacket packet, boolean ours);

    /** Whether a host of ours wants what members send to that multicast or broadcast address. */
    boolean isWanted(IpPacket packet);

    /**
     * A member sent a packet, proven to be from it, that no host of ours wants.
     *
     * @return true if it was meant for this node
     */
    boolean onReceived(MemberRoute from, byte[] buffer, IpPacket packet);
}
