package io.p2pvpn.vpn.namespace;

/** How far a membership has come. */
public enum MembershipState {
    /** Nobody holds the name; it is being founded. */
    FOUNDING,
    /** Looking for members, being admitted, taking an address. */
    JOINING,
    /** An administrator has to approve. */
    WAITING_APPROVAL,
    /** Member, with an address. */
    JOINED,
    /** An administrator has put this node out. */
    REVOKED,
    /** The certificate has run out; it asks to be let in again. */
    EXPIRED
}
