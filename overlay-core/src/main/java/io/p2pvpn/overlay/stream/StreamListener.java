package io.p2pvpn.overlay.stream;

/** What happens to one stream. Called on the node's loop, when no packet is being read. */
public interface StreamListener {
    /** The peer has taken the stream that was opened here. */
    default void onOpened() {
        // Whoever was opened by the peer has it open from the start.
    }

    /** There is something to read, or the end has come. */
    void onReadable();

    /** A write took less than it was given, and there is room again. */
    void onWritable();

    /** Nothing more can be read. */
    void onReset(StreamError error);

    /** Nothing more can be written. */
    void onStopped(StreamError error);
}
