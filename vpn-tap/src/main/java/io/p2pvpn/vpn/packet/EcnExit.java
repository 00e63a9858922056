package io.p2pvpn.vpn.packet;

/**
 * What becomes of a packet's ECN field where a tunnel ends (RFC 6040 section 4.2): what routers between the ends have
 * marked on the outer header goes on inside. The DSCP stays what the sender wrote (RFC 2983, pipe model).
 *
 * <p>Thread-safe: it has no state.
 */
public final class EcnExit {
    // RFC 3168 section 5: the last two bits of a traffic class.
    static final int NOT_ECT = 0;
    static final int ECT_1 = 1;
    static final int ECT_0 = 2;
    static final int CE = 3;
    static final int DROP = -1;

    private static final int ECN_MASK = 3;

    /** RFC 6040 figure 4: a row for each inner field, a column for each outer one, both in the order of the numbers. */
    private static final byte[][] OUTGOING = {
        {NOT_ECT, NOT_ECT, NOT_ECT, DROP},
        {ECT_1, ECT_1, ECT_1, CE},
        {ECT_0, ECT_1, ECT_0, CE},
        {CE, CE, CE, CE},
    };

    private EcnExit() {}

    /** The field with which a packet goes on, or {@link #DROP}. */
    static int outgoing(int inner, int outer) {
        return OUTGOING[inner][outer];
    }

    /**
     * Carries the outer mark over to the packet, in place.
     *
     * @param packet the parsed headers of the packet in {@code buffer}; its traffic class is not read anew
     * @param outerClass traffic class of what the packet came in
     * @return false when the packet has to be dropped: it was marked where its sender could not understand that
     */
    public static boolean apply(byte[] buffer, IpPacket packet, int outerClass) {
        int outer = outerClass & ECN_MASK;
        if (outer == NOT_ECT) {
            return true;
        }
        int inner = packet.trafficClass() & ECN_MASK;
        int ecn = outgoing(inner, outer);
        if (ecn != DROP && ecn != inner) {
            write(buffer, packet, packet.trafficClass() - inner + ecn);
        }
        return ecn != DROP;
    }

    private static void write(byte[] buffer, IpPacket packet, int trafficClass) {
        int at = packet.offset();
        int before = BigEndian.getShort(buffer, at);
        if (packet.version() == 6) {
            int others = before & ~(0xff << IpPacket.IPV6_CLASS_SHIFT);
            BigEndian.putShort(buffer, at, others | trafficClass << IpPacket.IPV6_CLASS_SHIFT);
            return;
        }
        int after = (before & 0xff00) | trafficClass;
        int checksumAt = at + IpPacket.IPV4_CHECKSUM_OFFSET;
        BigEndian.putShort(buffer, at, after);
        BigEndian.putShort(buffer, checksumAt, Checksum.update(BigEndian.getShort(buffer, checksumAt), before, after));
    }
}
