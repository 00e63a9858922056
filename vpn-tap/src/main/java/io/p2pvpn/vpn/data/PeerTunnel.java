package io.p2pvpn.vpn.data;

/** The way to one member: a session that seals frames and sends them on its active path. Confined to one queue. */
public interface PeerTunnel {
    /** By how many bytes a frame is longer than what it seals: 20 of header, 16 of tag. */
    int FRAME_OVERHEAD_BYTES = 36;

    /** The receiver's number for the namespace in this session, one byte. */
    int channel();

    /** False when the session is over: the destination must be resolved anew. */
    boolean isOpen();

    /** The most bytes of a packet that the way there carries in one frame uncut, as far as known. */
    int packetBytes();

    /** True if larger packets than {@link #packetBytes} are known not to pass uncut. */
    boolean isPacketBytesKnown();

    /**
     * Seals a frame.
     *
     * @param plain holds kind, channel and packet
     * @param out has room for {@code length} + {@link #FRAME_OVERHEAD_BYTES}
     * @return the frame's length, {@code length} + {@link #FRAME_OVERHEAD_BYTES}; or -1 when there are no keys
     */
    int seal(byte[] plain, int offset, int length, byte[] out, int outOffset);

    /**
     * Sends sealed frames of {@code segmentBytes} each, the last one possibly shorter.
     *
     * @param trafficClass of the packets in them, all of one: the frames' own, where the way there keeps it
     * @return false when they were dropped
     */
    boolean send(byte[] frames, int offset, int length, int segmentBytes, int trafficClass);
}
