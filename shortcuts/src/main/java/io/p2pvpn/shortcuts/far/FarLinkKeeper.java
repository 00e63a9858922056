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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
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
    /** Ways by which a member is looked for. */
    private static final int WAYS = 3;
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
            long now = runtime.clock().nanoTime();
            timer = runtime.timers().schedule(runtime.timers().aligned(now + nanos + jitter) - now, this::check);
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

    /** Asks by several ways: whoever sits on one of them could name its own accomplices. */
    private void lookUp(int size) {
        OverlayId target = FarTargets.draw(ring.self(), size, runtime.random());
        lookUps++;
        List<CompletableFuture<@Nullable Contact>> answers = new ArrayList<>();
        for (int way = 0; way < WAYS; way++) {
            answers.add(ring.call(target, Delivery.NEAREST, Ring.CONTACT_METHOD, new byte[0], way)
                    .handle((reply, failure) -> reply == null ? null : contact(reply)));
        }
        var unused = CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenRun(() -> {
                    lookUps--;
                    Contact nearest = nearest(target, answers);
                    if (nearest != null && !closed) {
                        onFound(nearest, size);
                    }
                });
    }

    private @Nullable Contact contact(RingReply reply) {
        for (Contact contact : Contacts.decode(reply.body(), identities)) {
            return ring.isPlace(contact) ? contact : null;
        }
        return null;
    }

    /** The one that may be what was asked for: nobody else is nearer. */
    private static @Nullable Contact nearest(OverlayId target, List<CompletableFuture<@Nullable Contact>> answers) {
        Contact nearest = null;
        for (CompletableFuture<@Nullable Contact> answer : answers) {
            Contact contact = answer.join();
            if (contact != null
                    && (nearest == null
                            || target.ringDistanceTo(contact.ringId())
                                            .compareTo(target.ringDistanceTo(nearest.ringId()))
                                    < 0)) {
                nearest = contact;
            }
        }
        return nearest;
    }

    private void onFound(Contact contact, int size) {
        OverlayId id = contact.ringId();
        // One that we are linked to for another reason is a far link too: its session gains an owner.
        if (!id.equals(ring.self()) && !farLinks.containsKey(id)) {
            FarLink link = new FarLink(
                    contact.identity().nodeId(), size, runtime.clock().nanoTime());
            farLinks.put(id, link);
            ring.meet(contact, Purpose.FAR);
        }
    }

    private void release(OverlayId id) {
        FarLink link = farLinks.remove(id);
        if (link != null) {
            links.release(link.nodeId(), ring, Purpose.FAR);
        }
    }
}
