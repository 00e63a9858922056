package io.p2pvpn.vpn.ethernet;

/** Whether this node answers questions about names at its own address. */
public enum NameService {
    /** That is being found out. */
    UNKNOWN,
    /** It does. */
    HERE,
    /** It does not. */
    NONE
}
