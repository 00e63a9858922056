package io.p2pvpn.vpn.namespace;

import io.p2pvpn.vpn.data.DataPlane;
import io.p2pvpn.vpn.data.MemberRoute;
import io.p2pvpn.vpn.packet.BigEndian;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A packet of a member that waits until it is known whose its source address is. Immutable. */
final class HeldPacket {
    private static final int HEADER_4_BYTES = 20;
    private static final int SOURCE_4_AT = 12;
    private static final int HEADER_6_BYTES = 40;
    private static final int SOURCE_6_AT = 8;

    private final int kind;
    private final byte[] packet;
    private final int trafficClass;

    /** A copy of what came in a frame of that kind and class. */
    HeldPacket(int kind, byte[] buffer, int offset, int length, int trafficClass) {
        this.kind = kind;
        this.packet = Arrays.copyOfRange(buffer, offset, offset + length);
        this.trafficClass = trafficClass;
    }

    /** It is taken as coming from that member; {@link DataPlane#onBatchEnd} must follow. */
    void deliver(DataPlane plane, MemberRoute from) {
        plane.onPacket(from, kind, packet, 0, packet.length, trafficClass);
    }

    /** The IPv4 address that the sender's lease must be for; null if the packet is none of this namespace. */
    @Nullable
    Integer source(long ulaHigh) {
        return sourceOf(packet, ulaHigh);
    }

    /** The same of any packet. */
    static @Nullable Integer sourceOf(byte[] packet, long ulaHigh) {
        int version = packet.length == 0 ? 0 : packet[0] >> 4 & 0x0f;
        if (version == 4 && packet.length >= HEADER_4_BYTES) {
            return BigEndian.getInt(packet, SOURCE_4_AT);
        }
        if (version == 6 && packet.length >= HEADER_6_BYTES) {
            boolean isMember =
                    BigEndian.getLong(packet, SOURCE_6_AT) == ulaHigh && BigEndian.getInt(packet, SOURCE_6_AT + 8) == 0;
            return isMember ? BigEndian.getInt(packet, SOURCE_6_AT + 12) : null;
        }
        return null;
    }
}
