package io.p2pvpn.overlay.runtime;

/**
 * Reaches whoever listens on the links that this host is attached to, without knowing anybody: one group per link,
 * messages that no router passes on. Messages may be lost, doubled and forged. Confined to the node's loop.
 */
public interface LanPort {
    /** The most bytes of one message; longer ones are dropped. */
    int MESSAGE_BYTES_MAX = 256;

    /** Takes what arrives. */
    interface Receiver {
        /**
         * A message came in, perhaps our own; an answer to {@code from} goes to its sender.
         *
         * @param from a UDP endpoint on one of our links
         * @param message belongs to the receiver
         */
        void onMessage(Endpoint from, byte[] message);
    }

    /** Sends to the groups of all links, those that have come up since included. */
    void sendToAll(byte[] message);

    /** Sends to one neighbour: the sender of a message. */
    void send(Endpoint to, byte[] message);

    /** Closes it; may be called twice. */
    void close();
}
