package io.p2pvpn.vpn.namespace;

/** The calls that members make inside a session, beside those over their ring. */
public final class SessionCalls {
    /** Says that the caller does not hold an address. */
    public static final String UNMAPPED = EnteredNamespace.UNMAPPED;

    /** Asks what is decided about a namespace. */
    public static final String TRUST_SYNC = TrustExchange.SYNC;

    /** Tells what is decided about a namespace. */
    public static final String TRUST_PUT = TrustExchange.PUT;

    private SessionCalls() {}
}
