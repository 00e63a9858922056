package io.p2pvpn.vpn.namespace;

import io.p2pvpn.dht.GetOptions;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import java.util.List;

/**
 * Reads a namespace's doors again and again: keeps some open for newcomers, and lets a founder who is still alone give
 * way to another namespace of the same name. Confined to the node's loop.
 */
final class DoorKeeper {
    /** Doors that a namespace should have; a member opens one if it sees fewer. */
    static final int DOORS_WANTED = 4;

    private final OverlayNode node;
    private final NodeRuntime runtime;
    private final Doors doors;
    private final Ring ring;
    private final NamespaceDescriptor descriptor;
    private final boolean founder;
    private final Runnable onBeaten;
    private final LookPacer pacer;
    private List<Endpoint> shown = List.of();
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
        this.pacer = new LookPacer(runtime, node.publicRing(), this::look);
    }

    /** Begins, when we are a member; once. */
    void start() {
        if (started) {
            return;
        }
        started = true;
        if (ring.peers().isEmpty()) {
            publish();
        }
        pacer.start();
    }

    void close() {
        closed = true;
        pacer.close();
    }

    private void look() {
        boolean alone = ring.peers().isEmpty();
        GetOptions options = alone || !pacer.isOneEnough() ? GetOptions.SIGNED : GetOptions.ONE;
        Completions.whenDone(runtime.timers(), doors.find(options), (found, failure) -> {
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
        long open = found.doors().stream()
                .filter(door -> door.namespaceId().equals(descriptor.id()))
                .count();
        boolean moved = published && !node.candidates().equals(shown);
        if (moved || (open < DOORS_WANTED && found.conclusive())) {
            publish();
        } else if (open < DOORS_WANTED && !published) {
            // One replica may just not know: only a majority's word makes us open another door.
            pacer.askAllSoon();
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
