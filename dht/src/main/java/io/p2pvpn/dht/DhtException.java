package io.p2pvpn.dht;

import org.jspecify.annotations.Nullable;

/** An operation of the DHT failed; the message says how, for people. */
public final class DhtException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Reason {
        /** The ring is not joined yet (or no more): try after it is. */
        NOT_JOINED,
        /** Fewer than five of eight positions took part. */
        NO_MAJORITY,
        /** Another owner holds the key. */
        HELD,
        /** A majority could not be had because replicas refused the record. */
        REFUSED,
        /** An argument is out of its limits. */
        LIMIT,
        /** The same key is being claimed already. */
        BUSY,
        /** This DHT was closed. */
        CLOSED
    }

    private final Reason reason;
    private final transient @Nullable DhtRecord holder;

    DhtException(Reason reason, String message) {
        this(reason, message, null);
    }

    DhtException(Reason reason, String message, @Nullable DhtRecord holder) {
        super(message, null, false, false);
        this.reason = reason;
        this.holder = holder;
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }

    /** With {@link Reason#HELD}: the claim in the way, which may be one not confirmed yet. */
    public @Nullable DhtRecord holder() {
        return holder;
    }
}
