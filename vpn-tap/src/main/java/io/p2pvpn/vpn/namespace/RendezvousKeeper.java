package io.p2pvpn.vpn.namespace;

import io.p2pvpn.dht.GetOptions;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingService;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Brings the parts of a namespace's ring together that do not know of each other (after a mass start, or a cut): some
 * members let themselves be found at the {@link Rendezvous}, and every member looks there and meets whom its part of
 * the ring does not hold. Confined to the node's loop.
 */
final class RendezvousKeeper {
    /** Members that let themselves be found: those with the smallest IDs of those seen there. */
    static final int PUBLISHERS = 4;

    private static final long RENEW_NANOS = Rendezvous.TTL_SECONDS * 500_000_000L;
    private static final long ALONE_NANOS = 15_000_000_000L;

    private record Shown(List<Endpoint> endpoints, long nanos) {}

    private final OverlayNode node;
    private final NodeRuntime runtime;
    private final Rendezvous rendezvous;
    private final Ring ring;
    private final LookPacer pacer;
    /** What we show, by period. */
    private final TreeMap<Long, Shown> shown = new TreeMap<>();
    /** Periods of which a majority of replicas has told. */
    private final TreeSet<Long> seen = new TreeSet<>();

    private boolean started;
    private boolean closed;

    /** A keeper at rest. */
    RendezvousKeeper(OverlayNode node, Rendezvous rendezvous, Ring ring) {
        this.node = node;
        this.runtime = node.runtime();
        this.rendezvous = rendezvous;
        this.ring = ring;
        this.pacer = new LookPacer(runtime, node.publicRing(), this::look);
    }

    /** Begins, when we are a member; once. */
    void start() {
        if (started) {
            return;
        }
        started = true;
        if (ring.peers().isEmpty()) {
            rendezvous.periods().forEach(this::publish);
        }
        pacer.start();
    }

    private void look() {
        boolean alone = ring.peers().isEmpty();
        if (alone) {
            pacer.lookWithin(ALONE_NANOS);
        }
        List<Long> periods = rendezvous.periods();
        shown.keySet().retainAll(periods);
        seen.retainAll(periods);
        for (long period : periods) {
            boolean one = !alone && pacer.isOneEnough() && seen.contains(period);
            GetOptions options = one ? GetOptions.ONE : GetOptions.MAJORITY;
            Completions.whenDone(runtime.timers(), rendezvous.find(period, options), (found, failure) -> {
                if (failure == null && !closed) {
                    onFound(period, found);
                }
            });
        }
    }

    private void onFound(long period, Rendezvous.Found found) {
        found.members().values().forEach(this::meetUnlessOurs);
        if (found.conclusive()) {
            seen.add(period);
        }
        boolean wanted = found.members().headMap(ring.self()).size() < PUBLISHERS;
        Shown last = shown.get(period);
        boolean current = last != null
                && found.members().containsKey(ring.self())
                && last.endpoints().equals(node.candidates())
                && runtime.clock().nanoTime() - last.nanos() < RENEW_NANOS;
        boolean renews = last != null && !found.members().isEmpty();
        if (wanted && !current && (found.conclusive() || renews)) {
            publish(period);
        } else if (wanted && last == null) {
            // One replica may just not know: only a majority's word makes us show ourselves.
            pacer.askAllSoon();
        }
        Shown standing = shown.get(period);
        if (wanted && standing != null) {
            pacer.lookWithin(standing.nanos() + RENEW_NANOS - runtime.clock().nanoTime());
        }
    }

    private void publish(long period) {
        List<Endpoint> endpoints = node.candidates();
        shown.put(period, new Shown(endpoints, runtime.clock().nanoTime()));
        Contact self = new Contact(ring.self(), node.identity(), endpoints);
        Completions.whenDone(runtime.timers(), rendezvous.publish(period, self), (record, failure) -> {
            if (failure != null) {
                shown.remove(period);
            }
        });
    }

    /** Whom a message in our ring reaches need not be met. */
    private void meetUnlessOurs(Contact member) {
        OverlayId id = member.ringId();
        if (id.equals(ring.self()) || ring.peer(id) != null) {
            return;
        }
        Completions.whenDone(
                runtime.timers(),
                ring.call(id, RingService.Delivery.NEAREST, "ping", new byte[0]),
                (reply, failure) -> {
                    boolean ours = failure == null && reply.responder().equals(id);
                    if (!ours && !closed && ring.peer(id) == null) {
                        runtime.counters().counter("rendezvous.met").increment();
                        pacer.startOver();
                        ring.meet(member, Purpose.BOOTSTRAP);
                    }
                });
    }

    void close() {
        closed = true;
        pacer.close();
    }
}
