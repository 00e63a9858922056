package io.p2pvpn.overlay.ring;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.wire.proto.RingMerge;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Merges rings that were separated: gossip-based ring unification after T. M. Shafaat, A. Ghodsi and S. Haridi,
 * "Handling Network Partitions and Mergers in Structured Overlay Networks" (IEEE P2P 2007, section 4). Confined to the
 * node's loop.
 *
 * <ul>
 *   <li>Members that fell silent are kept (the paper's passive list) and called again, one at a time, ever more slowly.
 *   <li>Who meets a member that stands elsewhere looks its own place up in that member's ring, and so does the other:
 *       the paper's mlookup in both directions. {@link RingMaintenance} links to whoever belongs beside us, and tells
 *       the neighbours, who do the same: the paper's trymerge, which closes the rings from there on in both directions.
 *   <li>If nobody over there is a neighbour of ours, the rings are separate, and a few others are told whom to meet:
 *       so the merging starts at many places at once instead of running around the ring (the paper's fan-out).
 * </ul>
 */
final class RingUnification {
    /** Silent members that are kept; a random one gives way. */
    static final int LOST_MAX = 32;
    /** Members whom a node tells of the other ring, each of whom tells as many. */
    static final int FANOUT = 2;
    /** How often that is passed on at most. */
    static final int ROUNDS_MAX = 10;
    /** Contacts that were named to us and have not answered yet. */
    private static final int NAMED_MAX = 8;
    /** Silent members that are called when our own network has changed. */
    private static final int CALLED_AT_ONCE = 4;

    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long PAUSE_MIN_NANOS = 5 * SECOND_NANOS;
    private static final long PAUSE_MAX_NANOS = 120 * SECOND_NANOS;
    /** The pause between two calls is this part of the time since somebody fell silent. */
    private static final int PAUSE_SHARE = 20;
    /** All members call, and one meeting is enough: so the ring as a whole makes four calls a second at most. */
    private static final long PAUSE_PER_MEMBER_NANOS = SECOND_NANOS / 4;
    /** Who is silent for so long is gone. */
    private static final long LOST_NANOS = 24 * 3600 * SECOND_NANOS;
    /** A node takes part in the gossip once in so long, however many tell it. */
    private static final long GOSSIP_GAP_NANOS = 5 * SECOND_NANOS;
    /** Without gossip in so small a ring: the neighbours reach everybody. */
    private static final int ROUNDS_SAVED = 2;

    private record Lost(Contact contact, long sinceNanos) {}

    private final Ring ring;
    private final RingHost host;
    private final NeighbourTable table;
    private final RingMaintenance maintenance;
    /** By ring ID; who was called longest ago comes first. */
    private final Map<OverlayId, Lost> lost = new LinkedHashMap<>();
    /** Rounds that are left to those who were named to us, by ring ID. */
    private final Map<OverlayId, Integer> named = new LinkedHashMap<>();

    private long lastLossNanos;
    private long toldNanos;
    private long heardNanos;
    private boolean scheduled;

    RingUnification(Ring ring, RingHost host, NeighbourTable table, RingMaintenance maintenance) {
        this.ring = ring;
        this.host = host;
        this.table = table;
        this.maintenance = maintenance;
        this.toldNanos = now() - GOSSIP_GAP_NANOS;
        this.heardNanos = toldNanos;
        ring.onPeer(peer -> lost.remove(peer.id()));
    }

    private NodeRuntime runtime() {
        return host.runtime();
    }

    private long now() {
        return runtime().clock().nanoTime();
    }

    // ------------------------------------------------------------- the passive list

    /** A member answers on no path any more. */
    void onSilent(RingPeer peer) {
        lastLossNanos = now();
        lost.put(peer.id(), new Lost(peer.contact(), lastLossNanos));
        if (lost.size() > LOST_MAX) {
            int victim = runtime().random().nextInt(lost.size() - 1);
            lost.remove(List.copyOf(lost.keySet()).get(victim));
        }
        if (!scheduled) {
            schedule();
        }
    }

    private void schedule() {
        scheduled = !lost.isEmpty() && !ring.isClosed();
        if (scheduled) {
            long waited = Math.max((now() - lastLossNanos) / PAUSE_SHARE, ring.sizeEstimate() * PAUSE_PER_MEMBER_NANOS);
            long pause = Math.max(PAUSE_MIN_NANOS, Math.min(PAUSE_MAX_NANOS, waited));
            long jitter = (long) (runtime().random().nextDouble() * pause / 4);
            runtime().timers().schedule(pause + jitter, this::callNext);
        }
    }

    /** All may have been silent for a reason that is over: some are called now, the others when it is their turn. */
    void callSoon() {
        for (int i = 0; i < Math.min(CALLED_AT_ONCE, lost.size()); i++) {
            call();
        }
    }

    private void callNext() {
        call();
        schedule();
    }

    private void call() {
        lost.values()
                .removeIf(each -> now() - each.sinceNanos() > LOST_NANOS
                        || table.peer(each.contact().ringId()) != null);
        if (!lost.isEmpty() && !ring.isClosed()) {
            OverlayId id = lost.keySet().iterator().next();
            Lost next = lost.remove(id);
            if (next != null) {
                lost.put(id, next);
                count("called");
                ring.meet(next.contact(), Purpose.BOOTSTRAP);
            }
        }
    }

    // --------------------------------------------------------------------- meetings

    /** A joined peer turned up that is none of our neighbours: perhaps it stands in another ring. */
    void onMember(RingPeer peer) {
        Integer left = named.remove(peer.id());
        boolean first = peer.examineOnce();
        if (ring.isJoined() && (first || left != null)) {
            examine(peer, left == null ? rounds(ring.sizeEstimate()) : left);
        }
    }

    /** So that about every other member hears of it. */
    static int rounds(int size) {
        int log2 = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, size));
        return Math.max(0, Math.min(ROUNDS_MAX, log2 - ROUNDS_SAVED));
    }

    private void count(String what) {
        runtime().counters().counter("ring.merge." + what).increment();
    }

    private void examine(RingPeer peer, int rounds) {
        count("looked");
        var unused = maintenance.lookUpOurPlace(peer, PlaceQuestions.plain(ring.self()), places -> {
            boolean separate =
                    !places.isEmpty() && places.stream().noneMatch(place -> maintenance.isNear(place.ringId()));
            if (separate && rounds > 0) {
                tellOthers(places, rounds - 1);
            }
        });
    }

    private void tellOthers(List<Contact> places, int rounds) {
        if (now() - toldNanos < GOSSIP_GAP_NANOS) {
            return;
        }
        toldNanos = now();
        count("separate");
        List<RingPeer> audience = new ArrayList<>(table.peers());
        audience.removeIf(peer -> !peer.isEdge()
                || places.stream().anyMatch(place -> place.ringId().equals(peer.id())));
        for (int i = 0; i < FANOUT && !audience.isEmpty(); i++) {
            RingPeer peer = audience.remove(runtime().random().nextInt(audience.size()));
            Contact place = places.get(runtime().random().nextInt(places.size()));
            byte[] request = RingMerge.newBuilder()
                    .setRing(ring.ringIdBytes())
                    .setRounds(rounds)
                    .setContact(Contacts.toProto(place))
                    .build()
                    .toByteArray();
            var unused = host.calls().call(peer.session(), Ring.MERGE_METHOD, request);
        }
    }

    /** A peer met a member of another ring and names one for us to meet. */
    void onTold(RingMerge told) throws InvalidProtocolBufferException {
        Contact contact = Contacts.fromProto(told.getContact(), host.identities());
        if (contact == null) {
            throw new InvalidProtocolBufferException("no contact");
        }
        boolean isNew =
                now() - heardNanos >= GOSSIP_GAP_NANOS && !contact.ringId().equals(ring.self());
        if (!isNew || !ring.isJoined()) {
            return;
        }
        heardNanos = now();
        count("told");
        int rounds = Math.min(told.getRounds(), ROUNDS_MAX);
        RingPeer peer = table.peer(contact.ringId());
        if (peer != null && peer.isJoined()) {
            examine(peer, rounds);
            return;
        }
        if (named.size() >= NAMED_MAX) {
            named.remove(named.keySet().iterator().next());
        }
        named.put(contact.ringId(), rounds);
        ring.meet(contact, Purpose.BOOTSTRAP);
    }
}
