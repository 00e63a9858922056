package io.p2pvpn.vpn.namespace;

import io.p2pvpn.vpn.data.DataPlane;
import io.p2pvpn.vpn.data.MemberRoute;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A packet of a member that waits until it is known whose its source address is. Immutable. */
final class HeldPacket {
    private static final int HEADER_4_BYTES = 20;
    private static final int SOURCE_4_AT = 12;
    private static final int HEADER_6_BYTES = 40;
    private static final int SOURCE_6_AT = 8;
    private static final long LOW_32 = 0xffff_ffffL;

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
            return intAt(packet, SOURCE_4_AT);
        }
        if (version == 6 && packet.length >= HEADER_6_BYTES) {
            long high = (long) intAt(packet, SOURCE_6_AT) << 32 | (intAt(packet, SOURCE_6_AT + 4) & LOW_32);
            boolean isMember = high == ulaHigh && intAt(packet, SOURCE_6_AT + 8) == 0;
            return isMember ? intAt(packet, SOURCE_6_AT + 12) : null;
        }
        return null;
    }

    private static int intAt(byte[] packet, int at) {
        return (packet[at] & 0xff) << 24
                | (packet[at + 1] & 0xff) << 16
                | (packet[at + 2] & 0xff) << 8
                | (packet[at + 3] & 0xff);
    }
}
