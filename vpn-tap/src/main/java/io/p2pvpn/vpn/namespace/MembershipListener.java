package io.p2pvpn.vpn.namespace;

import io.p2pvpn.vpn.control.ControlException;

/** Hears how a membership fares. */
public interface MembershipListener {
    /** State, address or device changed. */
    void onChange(Membership membership);

    /** A line for people. */
    void onNotice(String line);

    /** This node was put out of it, and stays so. */
    void onOut(ControlException reason);

    /** It can never be: refused, taken, not to be had on this host. */
    void onFailed(Membership membership, ControlException reason);
}
