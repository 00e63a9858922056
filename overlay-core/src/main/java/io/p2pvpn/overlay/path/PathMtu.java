package io.p2pvpn.overlay.path;

import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * Looks for the largest frame that a UDP path carries without anybody cutting it, by padded probes (RFC 8899, datagram
 * packetization layer path MTU discovery). What ICMP says is not believed: anybody can forge it. Pure: the caller sends
 * the probes and tells the time. Confined to the node's loop.
 *
 * <p>The largest candidate is tried first, as it mostly passes; then the rest is halved, one probe each, so that a size
 * is known after a few round trips. Then the size above it gets what is left of its {@value #PROBES_MAX} probes: one
 * that was only lost on its way raises the result. While large frames leave, the size is confirmed each second; when
 * {@value #PROBES_MAX} probes find no answer on a path that is otherwise heard, the search begins anew from the base
 * (section 4.3, black holes). After ten minutes of use larger sizes are tried again (PMTU_RAISE_TIMER).
 */
public final class PathMtu {
    /** Every path is taken to carry this (BASE_PLPMTU): with headers it is below IPv6's least MTU. */
    public static final int BASE_FRAME_BYTES = 1200;
    /** What frames may have until probes have told: Ethernet's, below IPv6 and UDP. Routers may cut them. */
    public static final int ASSUMED_FRAME_BYTES = 1452;

    /** {@link #onDue}: nothing is to be sent. */
    public static final int NOTHING = 0;
    /** {@link #onDue}: neither the probe nor anything else was answered, so the peer should be asked for a sign. */
    public static final int ASK = -1;

    /** Probes of one size without an answer after which it is taken not to pass (MAX_PROBES). */
    static final int PROBES_MAX = 3;

    static final long CONFIRM_NANOS = 1_000_000_000L;
    static final long RAISE_NANOS = 600_000_000_000L;
    private static final long VERIFY_NANOS = 500_000_000L;

    /** MTUs of common links: IPv6's least, tunnels and clouds, PPPoE, Ethernet, larger ones, jumbo frames. */
    private static final int[] LINK_MTUS = {1280, 1360, 1400, 1420, 1440, 1460, 1480, 1492, 1500, 2000, 4000, 8000, 9000
    };
    /** Larger ones (a loopback device's) gain nothing any more. */
    public static final int LINK_MTU_MAX = 9216;
    /** Headers of IPv6 and UDP. */
    public static final int HEADERS_IPV6_BYTES = 48;

    private static final int HEADERS_IPV4_BYTES = 28;

    private static final int NONE = -1;
    private static final int CONFIRMATION = -2;

    private static final int[] NO_SIZES = {};
    private static final long[] NO_TOKENS = {};

    private int confirmedBytes = BASE_FRAME_BYTES;
    private int unknownBytes = ASSUMED_FRAME_BYTES;
    private boolean known;
    private boolean searched;
    private boolean carried;
    private boolean carriedSinceSearch;

    /** Candidates in ascending order, with the probes that each has lost, and the token of its probes. */
    private int[] sizes = NO_SIZES;

    private int[] losses = NO_SIZES;
    private long[] tokens = NO_TOKENS;
    /** Which of them is to be probed next, or NONE. */
    private int candidate = NONE;

    private boolean largestFirst = true;
    private long nextNanos;
    private long raiseNanos;

    private int confirmationBytes;
    private int confirmationLosses;
    private long confirmationToken;
    private long confirmationNanos;

    /** The index of the size whose probe is on its way, or CONFIRMATION, or NONE. */
    private int probing = NONE;

    private long sentNanos;
    private long deadlineNanos;

    /** The most bytes of a frame to send. */
    public int frameBytes() {
        return known ? confirmedBytes : Math.max(confirmedBytes, unknownBytes);
    }

    /** True if probes have told how large frames can be; before that, larger ones may pass as well, cut or whole. */
    public boolean isKnown() {
        return known;
    }

    /** True if frames larger than the base have left since the size was last confirmed. */
    public boolean isCarried() {
        return carried;
    }

    /** Frames larger than the base leave: whether they arrive is worth a look. */
    public void onCarried() {
        carried = true;
        carriedSinceSearch = true;
    }

    /** When {@link #search} or {@link #onDue} has something to do, or {@code Long.MAX_VALUE}. */
    public long dueNanos(long nowNanos) {
        if (probing != NONE) {
            return deadlineNanos;
        }
        if (!searched) {
            return nowNanos;
        }
        long due = candidate == NONE ? Long.MAX_VALUE : nextNanos;
        due = isConfirmationWanted() ? Math.min(due, confirmationNanos) : due;
        return carriedSinceSearch ? Math.min(due, raiseNanos) : due;
    }

    private boolean isConfirmationWanted() {
        return known && confirmedBytes > BASE_FRAME_BYTES && (carried || confirmationLosses > 0);
    }

    /** True if larger sizes than the one in use are to be tried, for the first time or again. */
    public boolean isSearchDue(long nowNanos) {
        return !searched || (probing == NONE && carriedSinceSearch && nowNanos - raiseNanos >= 0);
    }

    /**
     * Begins to look for the largest size that passes.
     *
     * @param linkMtuBytes of the interface by which frames leave: none is larger
     * @param ipv6 whether IPv6 carries them
     */
    public void search(int linkMtuBytes, boolean ipv6, long nowNanos) {
        int headers = ipv6 ? HEADERS_IPV6_BYTES : HEADERS_IPV4_BYTES;
        int largest = Math.min(linkMtuBytes, LINK_MTU_MAX) - headers;
        sizes = Arrays.stream(LINK_MTUS)
                .map(mtu -> mtu - headers)
                .filter(bytes -> bytes > confirmedBytes && bytes < largest)
                .toArray();
        if (largest > confirmedBytes) {
            sizes = Arrays.copyOf(sizes, sizes.length + 1);
            sizes[sizes.length - 1] = largest;
        }
        losses = new int[sizes.length];
        tokens = new long[sizes.length];
        searched = true;
        carriedSinceSearch = false;
        probing = NONE;
        raiseNanos = nowNanos + RAISE_NANOS;
        choose(nowNanos);
    }

    private void choose(long nowNanos) {
        int low = 0;
        while (low < sizes.length && sizes[low] <= confirmedBytes) {
            low++;
        }
        int high = low;
        while (high < sizes.length && losses[high] == 0) {
            high++;
        }
        if (low < high) {
            candidate = largestFirst ? sizes.length - 1 : (low + high) >>> 1;
            nextNanos = nowNanos;
        } else {
            known = true;
            candidate = low < sizes.length && losses[low] < PROBES_MAX ? low : NONE;
            if (candidate == NONE) {
                // Found: a node has hundreds of paths, and none needs what was tried any more.
                sizes = NO_SIZES;
                losses = NO_SIZES;
                tokens = NO_TOKENS;
                // A late answer may have told more than the probe that is still on its way can.
                probing = probing == CONFIRMATION ? CONFIRMATION : NONE;
            }
            nextNanos = nowNanos + VERIFY_NANOS;
        }
        largestFirst = false;
    }

    /**
     * It is time.
     *
     * @param heardNanos when something last came over the path: a probe counts as lost only if something did since
     * @param timeoutNanos how long to wait for an answer
     * @param random makes tokens
     * @return the bytes of a frame to probe with {@link #token}, without letting it be cut; or NOTHING, or ASK
     */
    public int onDue(long nowNanos, long heardNanos, long timeoutNanos, LongSupplier random) {
        if (probing != NONE) {
            if (nowNanos - deadlineNanos < 0) {
                return NOTHING;
            }
            if (heardNanos - sentNanos <= 0) {
                deadlineNanos = nowNanos + timeoutNanos;
                return ASK;
            }
            onLost(nowNanos);
        }
        if (isConfirmationWanted() && nowNanos - confirmationNanos >= 0) {
            if (confirmationLosses == 0) {
                confirmationToken = random.getAsLong();
                confirmationBytes = confirmedBytes;
            }
            carried = false;
            return sent(CONFIRMATION, confirmedBytes, nowNanos, timeoutNanos * (1 + confirmationLosses));
        }
        if (candidate != NONE && nowNanos - nextNanos >= 0) {
            if (tokens[candidate] == 0) {
                tokens[candidate] = random.getAsLong();
            }
            return sent(candidate, sizes[candidate], nowNanos, timeoutNanos);
        }
        return NOTHING;
    }

    private int sent(int which, int bytes, long nowNanos, long timeoutNanos) {
        probing = which;
        sentNanos = nowNanos;
        deadlineNanos = nowNanos + timeoutNanos;
        return bytes;
    }

    /** The token of the probe that was asked for last. All probes of one size have one: any answer tells. */
    public long token() {
        return probing == CONFIRMATION ? confirmationToken : tokens[probing];
    }

    private void onLost(long nowNanos) {
        int lost = probing;
        probing = NONE;
        if (lost != CONFIRMATION) {
            losses[lost]++;
            choose(nowNanos);
            return;
        }
        confirmationLosses++;
        confirmationNanos = nowNanos;
        if (confirmationLosses >= PROBES_MAX) {
            confirmationLosses = 0;
            confirmedBytes = BASE_FRAME_BYTES;
            unknownBytes = BASE_FRAME_BYTES;
            known = false;
            searched = false;
            candidate = NONE;
        }
    }

    /** A reply came over the path: true if it answers a probe of ours. */
    public boolean onReply(long token, long nowNanos) {
        if (token == confirmationToken && confirmationBytes > 0) {
            probing = probing == CONFIRMATION ? NONE : probing;
            confirmationLosses = 0;
            onPassed(confirmationBytes, nowNanos);
            return true;
        }
        for (int i = 0; i < sizes.length; i++) {
            if (token == tokens[i] && token != 0) {
                probing = probing == i ? NONE : probing;
                onPassed(sizes[i], nowNanos);
                return true;
            }
        }
        return false;
    }

    private void onPassed(int bytes, long nowNanos) {
        confirmationNanos = nowNanos + CONFIRM_NANOS;
        if (bytes > confirmedBytes && searched) {
            confirmedBytes = bytes;
            choose(nowNanos);
        }
    }
}
