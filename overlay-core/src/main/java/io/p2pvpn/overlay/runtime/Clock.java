package io.p2pvpn.overlay.runtime;

/** The two kinds of time a node knows. */
public interface Clock {
    /** Monotonic time in nanoseconds from an arbitrary origin; compare by subtraction only. */
    long nanoTime();

    /** Wall-clock milliseconds since 1970-01-01 UTC: for certificates, record expiry and display only. */
    long epochMillis();
}
