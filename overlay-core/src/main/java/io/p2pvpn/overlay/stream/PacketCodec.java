package io.p2pvpn.overlay.stream;

/** What a stream packet is made of (docs/protocol.md section 5.11). */
final class PacketCodec {
    /** Nothing; to be skipped. */
    static final int PADDING = 0x00;
    /** Asks for an acknowledgement. */
    static final int PING = 0x01;
    /** Says which packets came. */
    static final int ACK = 0x02;
    /** The sender of a stream's bytes gives up. */
    static final int RESET = 0x04;
    /** The receiver of a stream's bytes wants no more. */
    static final int STOP = 0x05;
    /** Bytes of a stream; with the bits below. */
    static final int STREAM = 0x08;
    /** The last bytes of a stream. */
    static final int FIN_BIT = 0x01;
    /** A length follows; without it, the bytes go on to the packet's end. */
    static final int LENGTH_BIT = 0x02;
    /** How much may be sent on all streams together. */
    static final int MAX_DATA = 0x10;
    /** How much may be sent on one stream. */
    static final int MAX_STREAM_DATA = 0x11;
    /** Opens a stream. */
    static final int OPEN = 0x18;
    /** Takes a stream that the peer has opened. */
    static final int ACCEPT = 0x19;
    /** From here on, a length follows the type: who does not know it skips it. */
    static final int SKIPPED_MIN = 0x20;

    /** Bytes of a packet number. */
    static final int NUMBER_BYTES = 6;

    /** Takes what a packet says; the arrays are valid during the call. */
    interface Sink {
        /** An acknowledgement. */
        void onAck(AckRanges ack);

        /** Bytes of a stream. */
        void onStream(long id, long offset, byte[] in, int at, int length, boolean fin);

        /** The peer sends no more of it; {@code finalSize} bytes were sent, or would have been. */
        void onReset(long id, long code, long finalSize);

        /** The peer reads no more of it. */
        void onStop(long id, long code);

        /** The peer takes so many bytes in all, on all streams. */
        void onMaxData(long bytes);

        /** The peer takes so many bytes in all, on this stream. */
        void onMaxStreamData(long id, long bytes);

        /** The peer opens a stream. */
        void onOpen(long id, int channel, long window, String service);

        /** The peer takes a stream of ours. */
        void onAccept(long id, long window);
    }

    private PacketCodec() {}
}
