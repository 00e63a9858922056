package io.p2pvpn.overlay.path;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Transport;
import org.jspecify.annotations.Nullable;

/**
 * A route of one session with what is known of it. Confined to the node's loop.
 *
 * <p>A path starts as a candidate: until the peer has answered a probe on it, at most {@link #AMPLIFICATION_MAX} times
 * the bytes received over it may be sent (RFC 9000 section 8 uses the same factor); before any came, a few probes.
 */
public final class Path {
    /** Bytes that may be sent to an unproven address, for each byte that came from it. */
    public static final int AMPLIFICATION_MAX = 3;

    /** A path with this many unanswered probes is used only if there is nothing else. */
    static final int SUSPECT_PROBES = 2;

    /** Probes on their way whose answers still count: long round trips outlast the pause between probes. */
    private static final int TOKENS = 4;

    /** Round trips remembered, of which a low one counts where paths are compared. */
    private static final int SAMPLES = 5;

    private static final double RTT_GAIN = 0.25;
    private static final double LOSS_GAIN = 0.1;

    private FrameRoute route;
    /** Null until somebody searches: on most paths nobody ever does. */
    private @Nullable PathMtu mtu;

    private int frameBytes;
    private boolean frameBytesKnown;
    private int peerLegBytes;
    private final long createdNanos;
    private boolean validated;
    private long lastReceivedNanos;
    private long receivedBytes;
    private long candidateSentBytes;
    private long rttNanos = -1;
    private double lossRatio;
    private final long[] samples = new long[SAMPLES];
    private int sampleCount;
    private boolean kept;
    private final long[] probeTokens = new long[TOKENS];
    private final long[] probeTimesNanos = new long[TOKENS];
    private long probeSentNanos;
    private int probesUnanswered;
    private boolean forgiven;
    private boolean awaiting;
    private long awaitingSinceNanos;

    /** A candidate. */
    public Path(FrameRoute route, long nowNanos) {
        this.route = route;
        this.createdNanos = nowNanos;
        this.lastReceivedNanos = nowNanos;
        updateFrameBytes();
    }

    /** Where frames go. */
    public FrameRoute route() {
        return route;
    }

    /** True if frames that come from there to the node's own socket come over this path. */
    public boolean isAt(Endpoint endpoint) {
        return route instanceof EndpointRoute direct && endpoint.equals(direct.endpoint());
    }

    /** A frame came by {@code equal}, which leads the same way but may know better how. */
    public void renew(FrameRoute equal) {
        route = equal;
    }

    /** When it was first thought of. */
    public long createdNanos() {
        return createdNanos;
    }

    /** True once the peer has proven to be reached over it. */
    public boolean isValidated() {
        return validated;
    }

    /** The peer has proven it. */
    public void validate() {
        validated = true;
    }

    /** An authenticated frame came over it. */
    public void onReceived(long nowNanos, int bytes) {
        lastReceivedNanos = nowNanos;
        if (receivedBytes == 0) {
            // The probes that opened the way must not keep the first that came back through it from being answered.
            candidateSentBytes = 0;
        }
        receivedBytes += bytes;
        awaiting = false;
    }

    /** True if an authenticated frame came over it. */
    public boolean isHeard() {
        return receivedBytes > 0;
    }

    /** Packets left over it at that time: true if they are the first since something came back. */
    public boolean onPacketsSent(long sentNanos) {
        if (awaiting || lastReceivedNanos - sentNanos > 0) {
            return false;
        }
        awaiting = true;
        awaitingSinceNanos = sentNanos;
        return true;
    }

    /** True if packets left and nothing came since. */
    public boolean isAwaiting() {
        return awaiting;
    }

    /** When the first of those packets left. */
    public long awaitingSinceNanos() {
        return awaitingSinceNanos;
    }

    /** When the last authenticated frame came over it (its creation, if none did). */
    public long lastReceivedNanos() {
        return lastReceivedNanos;
    }

    /** Whether {@code bytes} more may be sent before the address is proven; counts them if so. */
    public boolean maySend(int bytes) {
        if (validated) {
            return true;
        }
        if (receivedBytes > 0 && candidateSentBytes + bytes > AMPLIFICATION_MAX * receivedBytes) {
            return false;
        }
        candidateSentBytes += bytes;
        return true;
    }

    /** A probe with this token left. */
    public void onProbeSent(long token, long nowNanos) {
        if (probesUnanswered > 0) {
            lossRatio += LOSS_GAIN * (1 - lossRatio);
        }
        probeTokens[probesUnanswered % TOKENS] = token;
        probeTimesNanos[probesUnanswered % TOKENS] = nowNanos;
        probeSentNanos = nowNanos;
        probesUnanswered++;
    }

    /** A probe was due and may not leave yet, for {@link #maySend}: it counts as one without an answer. */
    public void onProbeHeld(long nowNanos) {
        probeSentNanos = nowNanos;
        probesUnanswered++;
    }

    /** A reply came: true if it answers one of the last probes, whose round trip then counts. */
    public boolean onReply(long token, long nowNanos) {
        int answered = -1;
        for (int i = 0; i < Math.min(probesUnanswered, TOKENS); i++) {
            answered = probeTokens[i] == token ? i : answered;
        }
        if (answered < 0) {
            return false;
        }
        long sample = nowNanos - probeTimesNanos[answered];
        samples[sampleCount++ % SAMPLES] = sample;
        rttNanos = rttNanos < 0 ? sample : rttNanos + (long) (RTT_GAIN * (sample - rttNanos));
        lossRatio -= LOSS_GAIN * lossRatio;
        probesUnanswered = 0;
        forgiven = false;
        validated = true;
        return true;
    }

    /** Probes sent since the last answer. */
    public int probesUnanswered() {
        return probesUnanswered;
    }

    /** True if more answers are missing than one lost datagram explains. */
    public boolean isSuspect() {
        return probesUnanswered >= SUSPECT_PROBES;
    }

    /**
     * Missing answers do not count any more, as there is a reason for them that may be over. Only once until a probe
     * is answered: a device that comes and goes must not keep a dead peer alive.
     */
    public void forgive() {
        if (!forgiven) {
            forgiven = true;
            probesUnanswered = 0;
        }
    }

    /** True if no probe was answered since missing answers were forgiven; frames may have waited for us meanwhile. */
    public boolean isForgiven() {
        return forgiven;
    }

    /** When the last probe left. */
    public long probeSentNanos() {
        return probeSentNanos;
    }

    /** Smoothed round trip, or -1 while unknown. */
    public long rttNanos() {
        return rttNanos;
    }

    /**
     * The lower quartile of the last round trips, or -1 while unknown: what the way takes when nobody is busy. A pause
     * of either end, or a queue, shows in a few samples only.
     */
    public long lowRttNanos() {
        int count = Math.min(sampleCount, SAMPLES);
        if (count == 0) {
            return -1;
        }
        long least = Long.MAX_VALUE;
        long second = Long.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            long sample = samples[i];
            second = Math.min(second, Math.max(least, sample));
            least = Math.min(least, sample);
        }
        return count < SAMPLES ? least : second;
    }

    /** True if it is kept alive though it is not in use: another path's place is to be taken at once. */
    public boolean isKept() {
        return kept;
    }

    /** Whether it is kept alive while it is not in use. */
    public void setKept(boolean newKept) {
        kept = newKept;
    }

    /** Smoothed share of probes that had no answer, 0 to 1. */
    public double lossRatio() {
        return lossRatio;
    }

    /** The search for the largest frame; of use on UDP paths. */
    public PathMtu mtu() {
        PathMtu search = mtu;
        if (search == null) {
            search = new PathMtu();
            mtu = search;
        }
        return search;
    }

    /** The most bytes of a frame that should be sent over it. */
    public int frameBytes() {
        return frameBytes;
    }

    /** True if {@link #frameBytes} is known to pass uncut, and more is known not to. */
    public boolean isFrameBytesKnown() {
        return frameBytesKnown;
    }

    /** What the peer's leg to the relay carries, as the peer says; 0 if it does not know. */
    public void onPeerLegTold(int bytes) {
        peerLegBytes = Math.max(0, bytes);
        updateFrameBytes();
    }

    /** Takes over what {@link #mtu}, or a leg to a relay, has found. */
    public void updateFrameBytes() {
        int leg = Math.min(route.legFrameBytes(), peerLegBytes);
        switch (route.kind()) {
            case UDP -> {
                if (mtu == null) {
                    setFrameBytes(PathMtu.ASSUMED_FRAME_BYTES, false);
                } else {
                    setFrameBytes(mtu.frameBytes(), mtu.isKnown());
                }
            }
            case TCP, TLS -> setFrameBytes(Transport.BATCH_BYTES_MAX, true);
            case RELAY ->
                setFrameBytes(leg > 0 ? Math.max(leg, PathMtu.BASE_FRAME_BYTES) : PathMtu.ASSUMED_FRAME_BYTES, leg > 0);
            case RING -> setFrameBytes(PathMtu.ASSUMED_FRAME_BYTES, false);
        }
    }

    private void setFrameBytes(int bytes, boolean isKnown) {
        frameBytes = bytes;
        frameBytesKnown = isKnown;
    }

    @Override
    public String toString() {
        return route + (validated ? "" : "?");
    }
}
