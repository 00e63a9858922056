package io.p2pvpn.vpn.tun;

/** A device could not be opened or configured; the message is one line and says what to do about it. */
public final class TunException extends Exception {
    private final boolean notPermitted;

    /** A problem, what to do about it, and whether it is a privilege that is missing. */
    public TunException(String problem, String remedy, boolean notPermitted) {
        super(problem + ": " + remedy);
        this.notPermitted = notPermitted;
    }

    /** True when the user lacks a privilege, rather than the host a feature. */
    public boolean isNotPermitted() {
        return notPermitted;
    }
}
