package io.p2pvpn.vpn.data;

/** Lets events through at a limited rate (RFC 4443 section 2.4 f). Confined to the loop. */
public final class TokenBucket {
    private final long intervalNanos;
    private final long burstNanos;
    private long creditNanos;
    private long lastNanos;

    /** Full at first: {@code burst} events at once, then one each {@code intervalNanos}. */
    public TokenBucket(long intervalNanos, int burst, long nowNanos) {
        this.intervalNanos = intervalNanos;
        this.burstNanos = intervalNanos * burst;
        this.creditNanos = burstNanos;
        this.lastNanos = nowNanos;
    }

    /** Whether an event may happen now; it is counted then. */
    public boolean tryTake(long nowNanos) {
        creditNanos = Math.min(burstNanos, creditNanos + Math.min(burstNanos, nowNanos - lastNanos));
        lastNanos = nowNanos;
        if (creditNanos < intervalNanos) {
            return false;
        }
        creditNanos -= intervalNanos;
        return true;
    }
}
