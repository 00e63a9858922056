package io.p2pvpn.vpn.namespace;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a namespace's doors again and again: keeps some open, and meets members of a part of the ring that lost touch
 * with ours (two who came back at the same time, each alone). Confined to the node's loop.
 */
final class DoorKeeper {
    /** Doors that a namespace should have; a member opens one if it sees fewer. */
    static final int DOORS_WANTED = 4;

    private static final long FIRST_NANOS = 3_000_000_000L;
    private static final long NANOS = 60_000_000_000L;
    /** However often neighbours change, doors are not read more often than this. */
    private static final long MET_NANOS = 15_000_000_000L;

    private final OverlayNode node;
    private final NodeRuntime runtime;
    private final Doors doors;
    private final Ring ring;
    private final NamespaceDescriptor descriptor;
    private final boolean founder;
    private final Runnable onBeaten;
    private List<Endpoint> shown = List.of();
    private Timers.@Nullable Timer timer;
    private long nextNanos;
    private long lookedNanos;
    private boolean started;
    private boolean published;
    private boolean closed;

    /**
     * A keeper at rest.
     *
     * @param founder we founded the namespace
     * @param onBeaten another namespace of the same name has the better right, and nobody else is in ours
     */
    DoorKeeper(
            OverlayNode node,
            Doors doors,
            Ring ring,
            NamespaceDescriptor descriptor,
            boolean founder,
            Runnable onBeaten) {
        this.node = node;
        this.runtime = node.runtime();
        this.doors = doors;
        this.ring = ring;
        this.descriptor = descriptor;
        this.founder = founder;
        this.onBeaten = onBeaten;
    }

    /** Begins, when we are a member; once. */
    void start() {
        if (started) {
            return;
        }
        started = true;
        lookedNanos = runtime.clock().nanoTime();
        if (ring.peers().isEmpty()) {
            publish();
        }
        lookAfter(FIRST_NANOS);
        node.publicRing().onNeighboursChanged(this::onMet);
    }

    /** Parts of the public ring that meet may each hold doors that the other does not know. */
    private void onMet() {
        long now = runtime.clock().nanoTime();
        long nanos = Math.max(FIRST_NANOS, lookedNanos + MET_NANOS - now);
        if (!closed && nextNanos - now > nanos) {
            lookAfter(nanos);
        }
    }

    private void lookAfter(long nanos) {
        if (timer != null) {
            timer.cancel();
        }
        nextNanos = runtime.clock().nanoTime() + nanos;
        timer = runtime.timers().schedule(nanos, this::look);
    }

    void close() {
        closed = true;
        if (timer != null) {
            timer.cancel();
        }
    }

    private void look() {
        if (closed) {
            return;
        }
        long jitter = (long) (runtime.random().nextDouble() * NANOS / 4);
        lookedNanos = runtime.clock().nanoTime();
        lookAfter(NANOS + jitter);
        Completions.whenDone(runtime.timers(), doors.find(), (found, failure) -> {
            if (failure == null && !closed) {
                onDoors(found);
            }
        });
    }

    private void onDoors(Doors.Found found) {
        if (founder && ring.peers().isEmpty() && found.beats(descriptor.id())) {
            onBeaten.run();
            return;
        }
        int open = 0;
        for (Door door : found.doors()) {
            if (door.namespaceId().equals(descriptor.id())) {
                open++;
                OverlayId ringId = door.identity().privateId(descriptor.salt());
                if (!ringId.equals(ring.self()) && ring.peer(ringId) == null) {
                    ring.meet(new Contact(ringId, door.identity(), door.endpoints()), Purpose.BOOTSTRAP);
                }
            }
        }
        boolean moved = published && !node.candidates().equals(shown);
        if (open < DOORS_WANTED || moved) {
            publish();
        }
    }

    private void publish() {
        if (!published || !node.candidates().equals(shown)) {
            published = true;
            shown = node.candidates();
            Completions.whenDone(runtime.timers(), doors.publish(descriptor.id(), shown), (record, failure) -> {
                published = failure == null;
            });
        }
    }
}
