package io.p2pvpn.overlay.stream;

/** What bounds streams. Those that a peer has to know are part of the protocol (docs/protocol.md section 5.11). */
public final class StreamLimits {
    /** Every path carries packets of this size: the base of section 5.9, without what frames add. */
    static final int PACKET_BYTES_MIN = 1100;
    /** Streams that each end of a session may have open, of those that it opened itself. */
    public static final int STREAMS_MAX = 256;
    /** Of a service's name, in bytes. */
    public static final int SERVICE_BYTES_MAX = 64;
    /** Bytes that a peer may send on all streams together before it is told of more. */
    static final long FIRST_SESSION_WINDOW_BYTES = 512 << 10;
    /** Bytes of one stream that wait to be read, at first, and at most. */
    static final int FIRST_WINDOW_BYTES = 256 << 10;

    static final int WINDOW_BYTES_MAX = 4 << 20;
    /** Of all streams of a session together, at most. */
    static final int SESSION_WINDOW_BYTES_MAX = 8 << 20;
    /** What windows of all sessions may have grown by, beyond what they begin with. */
    static final long GROWTH_BYTES_MAX = 256L << 20;
    /** Bytes of one stream that wait to be sent or acknowledged; between them, twice what is under way. */
    static final int SEND_BYTES_MIN = 256 << 10;

    static final int SEND_BYTES_MAX = 8 << 20;
    /** Sessions with streams, of a node. */
    static final int CONNECTIONS_MAX = 512;
    /** Packets that are remembered until their fate is known. */
    static final int SENT_PACKETS_MAX = 1 << 15;
    /** Gaps in what was received: of packets, and of the bytes of one stream. */
    static final int PACKET_RANGES_MAX = 64;

    static final int STREAM_RANGES_MAX = 1024;
    /** Ranges that an acknowledgement tells. */
    static final int ACK_RANGES_MAX = 32;
    /** Parts of a packet that are remembered: of that many streams at most. */
    static final int PARTS_MAX = 8;
    /** How long an acknowledgement may be held back (RFC 9000, max_ack_delay). */
    static final long ACK_DELAY_NANOS = 25_000_000L;
    /** Whoever has not taken a stream by then does not know of streams. */
    static final long OPEN_NANOS = 20_000_000_000L;
    /** So long after the last stream what is only of use to streams is let go. */
    static final long IDLE_NANOS = 30_000_000_000L;
    /** Bytes of packets in one turn of the loop: others have theirs too. */
    static final int TURN_BYTES_MAX = 1 << 20;

    private StreamLimits() {}
}
