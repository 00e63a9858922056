package io.p2pvpn.shortcuts.chota;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.link.LinkTable;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the on-demand sessions of one ring: dials at the first packet, lets go after idle time (Brunet's successor to
 * its chota score did the same: connect at once, drop after 7.5 to 15 minutes unused). Confined to the node's loop.
 */
public final class ChotaKeeper {
    /** Chotas at a time; the one that was used longest ago gives way. */
    public static final int CHOTAS_MAX = 1024;
    /** Unused this long, a chota is let go. */
    public static final long IDLE_NANOS = 450_000_000_000L;

    private final NodeRuntime runtime;
    private final Ring ring;
    private final LinkTable links;
    private final TrafficMeter meter;
    /** When each was used last, by node ID; least recently used first. */
    private final Map<OverlayId, Long> usedNanos = new LinkedHashMap<>();

    private Timers.@Nullable Timer timer;

    /** Knows whether packets flow. */
    public interface TrafficMeter {
        /** True if packets went to or came from this node since the last time that was asked. */
        boolean wasUsed(OverlayId nodeId);
    }

    /** A keeper with no chota. */
    public ChotaKeeper(NodeRuntime runtime, Ring ring, LinkTable links, TrafficMeter meter) {
        this.meter = meter;
        this.runtime = runtime;
        this.ring = ring;
        this.links = links;
    }

    /** Traffic for this member: dials it unless there is a session or a dial already, and marks it used. */
    public void onTraffic(Contact member) {
        OverlayId nodeId = member.identity().nodeId();
        usedNanos.remove(nodeId);
        if (usedNanos.size() >= CHOTAS_MAX) {
            release(usedNanos.keySet().iterator().next());
        }
        usedNanos.put(nodeId, runtime.clock().nanoTime());
        ring.meet(member, Purpose.CHOTA);
        schedule();
    }

    /** Members that traffic wants sessions with at the moment. */
    public int size() {
        return usedNanos.size();
    }

    /** Lets all go. */
    public void close() {
        while (!usedNanos.isEmpty()) {
            release(usedNanos.keySet().iterator().next());
        }
        if (timer != null) {
            timer.cancel();
        }
    }

    private void release(OverlayId nodeId) {
        usedNanos.remove(nodeId);
        links.release(nodeId, ring, Purpose.CHOTA);
    }

    private void schedule() {
        if (timer == null && !usedNanos.isEmpty()) {
            long oldest = usedNanos.values().iterator().next();
            long due = oldest + IDLE_NANOS - runtime.clock().nanoTime();
            timer = runtime.timers().schedule(Math.max(due, 0), this::expire);
        }
    }

    private void expire() {
        timer = null;
        long now = runtime.clock().nanoTime();
        while (!usedNanos.isEmpty()) {
            Map.Entry<OverlayId, Long> oldest = usedNanos.entrySet().iterator().next();
            if (now - oldest.getValue() < IDLE_NANOS) {
                break;
            }
            OverlayId nodeId = oldest.getKey();
            if (meter.wasUsed(nodeId)) {
                usedNanos.remove(nodeId);
                usedNanos.put(nodeId, now);
            } else {
                release(nodeId);
            }
        }
        schedule();
    }
}
