package io.p2pvpn.vpn.ethernet;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Counters.Counter;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.packet.VnetHeader;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a loop of Ethernets from doing harm. Each device sends a beacon now and then. Where that, or another frame of
 * its own, comes back, the bridge has a loop: the device goes quiet, and tries again after a time that doubles, since
 * in a bridge that knows no spanning tree each frame goes round for ever. Where the beacon of another member comes,
 * both are on one Ethernet, and whatever one sends there the other would take up: the one with the higher ID goes quiet
 * until it has heard none of the other for a while. Who is quiet sends nothing, no beacon either. Confined to the loop.
 *
 * <pre>
 *   beacon: "p2pvpn" (6) | version 1 (1) | namespace ID (20) | ID of the member there (20)
 * </pre>
 */
final class LoopGuard {
    static final int BEACON_BYTES = 47;
    static final long BEACON_NANOS = 2_000_000_000L;
    /** Some beacons may be lost. */
    static final long QUIET_NANOS = 5 * BEACON_NANOS;
    /** The longest time between two tries whether the loop is gone. */
    static final long QUIET_NANOS_MAX = 32 * QUIET_NANOS;
    /** The loop is gone if nothing has come back for so long. */
    static final long GONE_NANOS = 60_000_000_000L;

    private static final byte[] MAGIC = {'p', '2', 'p', 'v', 'p', 'n', 1};
    private static final int ID_BYTES = 20;
    /** A newcomer hears of us at once, but not more often than it can do harm by asking. */
    private static final long REPLY_NANOS = 200_000_000L;

    /** Why the device is quiet. */
    enum Reason {
        /** What it sends comes back. */
        LOOP,
        /** Another member of the namespace is on the same Ethernet. */
        ANOTHER_MEMBER
    }

    private final NodeRuntime runtime;
    private final EthernetShare share;
    private final FrameSender sender;
    private final byte[] beacon = new byte[VnetHeader.LENGTH + BEACON_BYTES];
    private final byte[] namespace;
    private final byte[] self;
    private final Counter loops;
    private final Counter others;
    private final Counter dropMalformed;
    private @Nullable Reason reason;
    private long untilNanos;
    private long loopNanos;
    private long quietNanos = QUIET_NANOS;
    private long sentNanos;

    LoopGuard(NodeRuntime runtime, EthernetShare share, FrameSender sender, OverlayId namespace, OverlayId self) {
        this.runtime = runtime;
        this.share = share;
        this.sender = sender;
        this.namespace = namespace.toByteArray();
        this.self = self.toByteArray();
        this.sentNanos = runtime.clock().nanoTime() - BEACON_NANOS;
        System.arraycopy(MAGIC, 0, beacon, VnetHeader.LENGTH, MAGIC.length);
        System.arraycopy(this.namespace, 0, beacon, VnetHeader.LENGTH + MAGIC.length, ID_BYTES);
        System.arraycopy(this.self, 0, beacon, VnetHeader.LENGTH + MAGIC.length + ID_BYTES, ID_BYTES);
        loops = runtime.counters().counter("ethernet.loop");
        others = runtime.counters().counter("ethernet.another-member");
        dropMalformed = runtime.counters().counter("ethernet.drop.malformed");
    }

    /** Each second, and at the start. */
    void onTick() {
        long now = runtime.clock().nanoTime();
        if (reason != null && now - untilNanos >= 0) {
            reason = null;
            share.setQuiet(false);
        }
        if (reason == null && now - sentNanos >= BEACON_NANOS) {
            send(now);
        }
    }

    private void send(long now) {
        sentNanos = now;
        sender.send(MacAddress.BROADCAST, EthernetPart.TYPE_BEACON, beacon, beacon.length);
    }

    void onBeacon(byte[] buffer, int length) {
        int at = VnetHeader.LENGTH;
        boolean ours =
                length >= at + BEACON_BYTES && Arrays.equals(MAGIC, 0, MAGIC.length, buffer, at, at + MAGIC.length);
        if (!ours) {
            dropMalformed.increment();
            return;
        }
        at += MAGIC.length;
        if (!Arrays.equals(namespace, 0, ID_BYTES, buffer, at, at + ID_BYTES)) {
            return;
        }
        at += ID_BYTES;
        int order = Arrays.compareUnsigned(self, 0, ID_BYTES, buffer, at, at + ID_BYTES);
        if (order == 0) {
            onOwnFrame();
            return;
        }
        others.increment();
        long now = runtime.clock().nanoTime();
        if (order > 0 && reason != Reason.LOOP) {
            beQuiet(Reason.ANOTHER_MEMBER, now, QUIET_NANOS);
        } else if (reason == null && now - sentNanos >= REPLY_NANOS) {
            send(now);
        }
    }

    /** A frame of ours has come back. */
    void onOwnFrame() {
        long now = runtime.clock().nanoTime();
        if (reason == Reason.LOOP) {
            return;
        }
        loops.increment();
        boolean again = loops.value() > 1 && now - loopNanos < quietNanos + GONE_NANOS;
        quietNanos = again ? Math.min(2 * quietNanos, QUIET_NANOS_MAX) : QUIET_NANOS;
        loopNanos = now;
        beQuiet(Reason.LOOP, now, quietNanos);
    }

    private void beQuiet(Reason why, long now, long nanos) {
        reason = why;
        untilNanos = now + nanos;
        share.setQuiet(true);
    }

    /** Why the device is quiet now; null if it is not. */
    @Nullable
    Reason reason() {
        return reason;
    }
}
