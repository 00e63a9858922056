package io.p2pvpn.dht;

import io.p2pvpn.dht.wire.proto.PutStatusWire;

/** What a position did with a record. */
enum PutStatus {
    STORED(PutStatusWire.PUT_STATUS_STORED, "stored"),
    NOT_READY(PutStatusWire.PUT_STATUS_NOT_READY, "not joined yet"),
    HELD(PutStatusWire.PUT_STATUS_HELD, "held by another"),
    OLDER(PutStatusWire.PUT_STATUS_OLDER, "older than what is there"),
    FULL(PutStatusWire.PUT_STATUS_FULL, "full"),
    POLICY(PutStatusWire.PUT_STATUS_POLICY, "not entitled"),
    CLOCK(PutStatusWire.PUT_STATUS_CLOCK, "expired, or clocks differ by hours"),
    INVALID(PutStatusWire.PUT_STATUS_INVALID, "not a valid record"),
    VERSION(PutStatusWire.PUT_STATUS_VERSION, "record version not known there"),
    /** No answer came, or one that cannot be read; the record may be there or not. */
    UNANSWERED(PutStatusWire.PUT_STATUS_UNKNOWN, "no answer");

    private final PutStatusWire wire;
    private final String text;

    PutStatus(PutStatusWire wire, String text) {
        this.wire = wire;
        this.text = text;
    }

    PutStatusWire wire() {
        return wire;
    }

    /** For error messages. */
    String text() {
        return text;
    }

    static PutStatus of(PutStatusWire wire) {
        for (PutStatus status : values()) {
            if (status.wire == wire) {
                return status;
            }
        }
        return UNANSWERED;
    }
}
