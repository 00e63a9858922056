package io.p2pvpn.shortcuts.far;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.link.LinkTable;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Contacts;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingHost;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.overlay.ring.RingReply;
import io.p2pvpn.overlay.ring.RingService.Delivery;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the far links of one ring: as many as {@link FarTargets#count} says for the estimated size, each to the member
 * nearest to a drawn position. Lost ones are replaced, surplus ones let go, and those drawn for a ring of quite another
 * size drawn again, one at a time. Confined to the node's loop.
 */
public final class FarLinkKeeper {
    private static final long MILLI_NANOS = 1_000_000L;
    private static final long CHECK_NANOS = 5_000 * MILLI_NANOS;
    private static final long FIRST_CHECK_NANOS = 1_000 * MILLI_NANOS;
    /** Look-ups under way at a time. */
    private static final int LOOK_UPS_MAX = 4;
    /** A session that does not stand by then will not. */
    private static final long SETTLE_NANOS = 15_000 * MILLI_NANOS;
    /** More than this many times what is wanted: some are let go. */
    private static final int SURPLUS_FACTOR = 2;
    /** Links drawn for a ring this many times larger or smaller are drawn again. */
    private static final int SIZE_FACTOR = 4;

    /** One link of ours. */
    private record FarLink(OverlayId nodeId, int drawnForSize, long sinceNanos) {}

    private final NodeRuntime runtime;
    private final Ring ring;
    private final LinkTable links;
    private final IdentityCache identities;
    private final TreeMap<OverlayId, FarLink> farLinks = new TreeMap<>();
    private int lookUps;
    private boolean closed;
    private Timers.@Nullable Timer timer;

    /** A keeper that begins when the ring is joined. */
    public FarLinkKeeper(RingHost host, Ring ring) {
        this.runtime = host.runtime();
        this.links = host.links();
        this.identities = host.identities();
        this.ring = ring;
        ring.onJoined(() -> checkIn(FIRST_CHECK_NANOS));
    }

    /** Members that we keep far links to, those being dialled included. */
    public List<OverlayId> members() {
        return List.copyOf(farLinks.keySet());
    }

    /** Lets all go. */
    public void close() {
        closed = true;
        if (timer != null) {
            timer.cancel();
        }
        List.copyOf(farLinks.keySet()).forEach(this::release);
    }

    private void checkIn(long nanos) {
        if (!closed) {
            if (timer != null) {
                timer.cancel();
            }
            long jitter = (long) (runtime.random().nextDouble() * nanos / 4);
            timer = runtime.timers().schedule(nanos + jitter, this::check);
        }
    }

    private void check() {
        int size = ring.sizeEstimate();
        int wanted = FarTargets.count(size);
        forgetLost();
        while (farLinks.size() > SURPLUS_FACTOR * wanted) {
            int victim = runtime.random().nextInt(farLinks.size());
            release(List.copyOf(farLinks.keySet()).get(victim));
        }
        releaseOneOfOtherSize(size);
        while (farLinks.size() + lookUps < wanted && lookUps < LOOK_UPS_MAX) {
            lookUp(size);
        }
        checkIn(CHECK_NANOS);
    }

    private void forgetLost() {
        long now = runtime.clock().nanoTime();
        for (Map.Entry<OverlayId, FarLink> entry : List.copyOf(farLinks.entrySet())) {
            FarLink link = entry.getValue();
            RingPeer peer = ring.peer(entry.getKey());
            boolean isSettling = now - link.sinceNanos() < SETTLE_NANOS
                    && links.purposes(link.nodeId()).contains(Purpose.FAR);
            if (!isSettling && (peer == null || !peer.isJoined())) {
                release(entry.getKey());
            }
        }
    }

    private void releaseOneOfOtherSize(int size) {
        for (Map.Entry<OverlayId, FarLink> entry : farLinks.entrySet()) {
            long drawnFor = entry.getValue().drawnForSize();
            if (drawnFor >= (long) SIZE_FACTOR * size || size >= SIZE_FACTOR * drawnFor) {
                release(entry.getKey());
                return;
            }
        }
    }

    private void lookUp(int size) {
        OverlayId target = FarTargets.draw(ring.self(), size, runtime.random());
        lookUps++;
        var unused = ring.call(target, Delivery.NEAREST, Ring.CONTACT_METHOD, new byte[0])
                .whenComplete((reply, failure) -> {
                    lookUps--;
                    if (failure == null && !closed) {
                        onFound(reply, size);
                    }
                });
    }

    private void onFound(RingReply reply, int size) {
        for (Contact contact : Contacts.decode(reply.body(), identities)) {
            OverlayId id = contact.ringId();
            // One that we are linked to for another reason is a far link too: its session gains an owner.
            if (!id.equals(ring.self()) && !farLinks.containsKey(id)) {
                FarLink link = new FarLink(
                        contact.identity().nodeId(), size, runtime.clock().nanoTime());
                farLinks.put(id, link);
                ring.meet(contact, Purpose.FAR);
            }
            return;
        }
    }

    private void release(OverlayId id) {
        FarLink link = farLinks.remove(id);
        if (link != null) {
            links.release(link.nodeId(), ring, Purpose.FAR);
        }
    }
}
