package io.p2pvpn.vpn.dashboard;

import java.util.Locale;

/** Why a request was refused; counted as {@code dashboard.drop.REASON}. */
enum Drop {
    /** It asked for a name that is not loopback's: a page whose domain name was pointed here. */
    HOST,
    /** A page from elsewhere sent it. */
    ORIGIN,
    /** It had no secret, or a wrong one. */
    TOKEN,
    /** There is nothing at its path. */
    PATH,
    /** Its path takes another method. */
    METHOD,
    /** Its body is too long, or no document that the path takes. */
    BODY,
    /** It was one live view too many. */
    STREAMS,
    /** A live view did not take what it was sent. */
    SLOW,
    /** It was one connection too many. */
    CONNECTIONS,
    /** A connection ended, or was ended, before it had brought a request: no HTTP, too large a head, too slow. */
    UNREADABLE;

    String counter() {
        return "dashboard.drop." + name().toLowerCase(Locale.ROOT);
    }
}
