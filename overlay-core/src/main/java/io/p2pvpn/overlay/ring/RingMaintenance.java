package io.p2pvpn.overlay.ring;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.wire.proto.ContactInfo;
import io.p2pvpn.overlay.wire.proto.Control;
import io.p2pvpn.overlay.wire.proto.IdList;
import io.p2pvpn.overlay.wire.proto.RingLeave;
import io.p2pvpn.overlay.wire.proto.RingStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the ring whole around us: joining, learning of neighbours, linking to them, letting go of those that are no
 * longer near. Everything happens on events; one slow timer compares notes with the first neighbours in case an event
 * was lost. Confined to the node's loop.
 *
 * <p>Joining is one transaction: the member that covers our arc hands over its whole list; we link to the neighbours
 * that it names; only when the first on both sides are linked are we a member and say so (Zave, rule 2).
 */
class RingMaintenance {
    private static final long MILLI_NANOS = 1_000_000L;
    private static final long STABILISE_NANOS = 10_000 * MILLI_NANOS;
    /** Neighbours that compared notes with us at their own time need not do it again at ours. */
    private static final long COMPARED_NANOS = 3 * STABILISE_NANOS / 4;

    private static final long PUSH_DELAY_NANOS = 10 * MILLI_NANOS;
    private static final int FETCH_MAX = 16;
    /** Members by whom a newcomer asks for its place at a time. */
    private static final int INTRODUCERS_MAX = 3;
    /** A new member asks again after this long, and then ... */
    private static final long CHECK_MIN_NANOS = 2_000 * MILLI_NANOS;
    /** ... after pauses that double up to this. */
    private static final long CHECK_MAX_NANOS = 1_800_000 * MILLI_NANOS;
    /** Our state is told again, at doubling gaps, to those who have not heard it. */
    private static final int PUSH_ROUNDS = 7;

    private static final long PUSH_GAP_NANOS = 400 * MILLI_NANOS;
    /** A list on which we become a member is no older: the ring may have changed since. */
    private static final long LIST_FRESH_NANOS = 1_000 * MILLI_NANOS;

    /** Whoever is linked but does not prove to be a member by then is none. */
    private static final long ADMISSION_NANOS = 12_000 * MILLI_NANOS;

    private final Ring ring;
    private final RingHost host;
    private final NeighbourTable table;
    /** Our wishes for near links: ring ID to node ID. */
    private final TreeMap<OverlayId, OverlayId> nearWishes = new TreeMap<>();

    private Timers.Timer stabiliseTimer;
    private List<OverlayId> view = List.of();
    /** Members that are being asked for our place. */
    private final Set<OverlayId> introducers = new TreeSet<>();

    private final PlaceQuestions questions;
    private Timers.@Nullable Timer checkTimer;
    private boolean listAsked;
    private boolean heardBeside;
    private boolean listReceived;
    private long listNanos;
    private int serial = 1;
    /** The state that began when we became a member, or the epoch changed: everybody has to know one since then. */
    private int toldToAll = 1;

    private boolean pushToAll;
    private int pushRound;
    private Timers.@Nullable Timer pushTimer;
    private long pushNanos;

    RingMaintenance(Ring ring, RingHost host, NeighbourTable table) {
        this.ring = ring;
        this.host = host;
        this.table = table;
        this.questions = new PlaceQuestions(ring.self(), table);
        this.stabiliseTimer = stabiliseLater();
    }

    // -------------------------------------------------------------------- joining

    void startJoin() {
        if (ring.isJoined() || ring.isClosed()) {
            return;
        }
        List<RingPeer> edges = new ArrayList<>(table.peers());
        edges.removeIf(peer -> !peer.isEdge() || introducers.contains(peer.id()));
        RingPeer nearest = table.nearestEdge(ring.self());
        while (introducers.size() < INTRODUCERS_MAX && !edges.isEmpty()) {
            // The nearest one knows our place best, the first time; it may be the one that does not want us to find it.
            boolean best = !listAsked && nearest != null && edges.remove(nearest);
            ask(
                    best && nearest != null
                            ? nearest
                            : edges.remove(host.runtime().random().nextInt(edges.size())));
        }
    }

    /** A peer is new: it shall know where we stand. */
    void onPeer(RingPeer peer) {
        greet();
        askFirst(peer);
    }

    /**
     * The first one that we meet before we have a place is asked for that at once: as a rule it is a member, and need
     * not say so first.
     */
    void askFirst(RingPeer peer) {
        if (!ring.isJoined() && !ring.isClosed() && !listAsked) {
            ask(peer);
        }
    }

    private void ask(RingPeer introducer) {
        listAsked = true;
        introducers.add(introducer.id());
        PlaceQuestions.Question question = questions.next();
        var unused = lookUpOurPlace(introducer, question, places -> {}).whenComplete((done, failure) -> {
            introducers.remove(introducer.id());
            heardBeside |= failure == null && !question.isOurPlace();
            // Who covers our place is silent, to us or to all; those beside it know it as well.
            boolean isList = question.isOurPlace() && (failure == null || heardBeside);
            if (!ring.isJoined() && isList) {
                onListReceived();
            }
            if (!isList) {
                host.runtime().timers().schedule(100 * MILLI_NANOS, this::startJoin);
            }
        });
    }

    /** Whether we stand where we should is asked again, ever more rarely: our neighbours may all be of one mind. */
    private void checkPlace(long pauseNanos) {
        checkTimer = host.runtime().timers().schedule(pauseNanos, () -> {
            List<RingPeer> edges = new ArrayList<>(table.peers());
            edges.removeIf(peer -> !peer.isEdge());
            if (!edges.isEmpty() && table.nearSize() > 0) {
                RingPeer through = edges.get(host.runtime().random().nextInt(edges.size()));
                var unused = lookUpOurPlace(through, questions.next(), places -> {});
            }
            checkPlace(Math.min(2 * pauseNanos, CHECK_MAX_NANOS));
        });
    }

    /**
     * Asks, through a member, the one that covers our place, or one beside it, for its list.
     *
     * @param first sees the list before we act on it
     */
    CompletableFuture<?> lookUpOurPlace(
            RingPeer through, PlaceQuestions.Question question, Consumer<List<Contact>> first) {
        byte[] request = Contacts.encode(List.of(ring.ownContact()));
        return ring.callThrough(through, question.position(), "ring.join", request, question.way())
                .thenAccept(reply -> {
                    List<Contact> places = Contacts.decode(reply.getBody().toByteArray(), host.identities());
                    first.accept(places);
                    places.forEach(this::learn);
                    recompute();
                });
    }

    /** Somebody takes (or checks) its place beside us: our whole list, ourselves included. */
    CompletableFuture<byte[]> onJoinCall(RingCall call) {
        if (!ring.isJoined()) {
            return CompletableFuture.failedFuture(new RingCallException("not joined"));
        }
        List<Contact> list = new ArrayList<>();
        list.add(ring.ownContact());
        for (boolean clockwise : new boolean[] {true, false}) {
            for (Contact contact : table.trusted(clockwise)) {
                if (!contact.ringId().equals(call.source()) && !list.contains(contact)) {
                    list.add(contact);
                }
            }
        }
        return CompletableFuture.completedFuture(Contacts.encode(list));
    }

    /** The node that covers our place has just named our neighbours. */
    void onListReceived() {
        listReceived = true;
        listNanos = host.runtime().clock().nanoTime();
        recompute();
    }

    private void learn(Contact contact) {
        if (!ring.isPlace(contact)) {
            return;
        }
        doubt(contact.ringId());
        if (!table.hasFailed(contact, host.runtime().clock().nanoTime())) {
            table.add(contact);
        }
    }

    /** Others take this one for a member; if it told us otherwise, that may have been in a former life. */
    private void doubt(OverlayId named) {
        RingPeer peer = table.peer(named);
        if (peer != null && peer.isJoiner()) {
            peer.session().renew();
        }
    }

    private void joinIfComplete() {
        boolean complete = !ring.isJoined() && listReceived && isLinkedToFirst(true) && isLinkedToFirst(false);
        if (!complete) {
            return;
        }
        if (host.runtime().clock().nanoTime() - listNanos <= LIST_FRESH_NANOS) {
            ring.becomeJoined();
        } else {
            startJoin();
        }
    }

    boolean isLinkedToFirst(boolean clockwise) {
        OverlayId id = table.first(clockwise);
        RingPeer first = id == null ? null : table.peer(id);
        return first != null && first.isEdge();
    }

    /** True if this is one of our linked neighbours. */
    boolean isNear(OverlayId id) {
        return view.contains(id);
    }

    void onJoined() {
        pushStatusToAll();
        checkPlace(CHECK_MIN_NANOS);
    }

    // -------------------------------------------------------------------- learning

    void onStatus(RingPeer peer, RingStatus status) {
        boolean wasJoined = peer.isJoined();
        long now = host.runtime().clock().nanoTime();
        boolean isNews = peer.onStatus(status.getJoined(), status.getSerial(), status.getHeard(), now);
        if (status.getWantReply()) {
            tell(peer, false);
        }
        if (!isNews) {
            return;
        }
        peer.onNearSize(status.getNearSize());
        table.onTold(peer);
        if (peer.isJoiner()) {
            introducers.remove(peer.id());
        }
        if (status.getJoined()) {
            fetchUnknown(peer, status);
        }
        recompute();
        if (!wasJoined && peer.isJoined()) {
            if (!ring.isJoined()) {
                startJoin();
            } else if (!isNear(peer.id())) {
                ring.onStranger(peer);
            }
        }
    }

    private void fetchUnknown(RingPeer peer, RingStatus status) {
        IdList.Builder unknown = IdList.newBuilder().setRing(ring.ringIdBytes());
        Predicate<OverlayId> isNear = table.nearnessWithSpares();
        List<ByteString> named = new ArrayList<>(status.getSuccessorsList());
        named.addAll(status.getPredecessorsList());
        for (ByteString bytes : named) {
            OverlayId id = Contacts.id(bytes);
            if (id != null) {
                doubt(id);
            }
            boolean useful = id != null
                    && !table.isKnown(id)
                    && !table.hasFailed(id, host.runtime().clock().nanoTime())
                    && isNear.test(id)
                    && !unknown.getIdsList().contains(bytes);
            if (useful && unknown.getIdsCount() < FETCH_MAX) {
                unknown.addIds(bytes);
            }
        }
        if (unknown.getIdsCount() > 0) {
            var unused = host.calls()
                    .call(peer.session(), "ring.contacts", unknown.build().toByteArray())
                    .thenAccept(body -> {
                        Contacts.decode(body, host.identities()).forEach(this::learn);
                        recompute();
                    });
        }
    }

    /** The contacts of those of these IDs that we have sessions with. */
    byte[] onContactsCall(IdList wanted) {
        List<Contact> found = new ArrayList<>();
        for (ByteString bytes : wanted.getIdsList()) {
            OverlayId id = Contacts.id(bytes);
            RingPeer peer = id == null ? null : table.peer(id);
            Contact contact = peer != null ? peer.contact() : id == null ? null : table.contact(id);
            if (contact != null && found.size() < FETCH_MAX) {
                found.add(contact);
            }
        }
        return Contacts.encode(found);
    }

    /** A session is over, and all wishes for it with it: if it was a neighbour's, it is called again. */
    void onSessionLost(OverlayId nodeId, @Nullable RingPeer peer) {
        boolean wished = nearWishes.values().removeIf(nodeId::equals);
        if (wished || peer != null) {
            recompute();
        }
    }

    void onLinkFailed(OverlayId nodeId) {
        for (var wish : List.copyOf(nearWishes.entrySet())) {
            if (wish.getValue().equals(nodeId)) {
                forget(wish.getKey());
            }
        }
    }

    private void forget(OverlayId ringId) {
        nearWishes.remove(ringId);
        table.onFailed(ringId, host.runtime().clock().nanoTime());
        recompute();
    }

    // --------------------------------------------------------------------- leaving

    /** Tells all peers that we leave, and our neighbours who stands behind us. */
    void leave() {
        RingLeave.Builder leave =
                RingLeave.newBuilder().setRing(ring.ringIdBytes()).setRingId(Contacts.bytes(ring.self()));
        Control toOthers = Control.newBuilder().setRingLeave(leave).build();
        List<RingPeer> near = new ArrayList<>();
        for (boolean clockwise : new boolean[] {true, false}) {
            for (RingPeer peer : table.near(clockwise)) {
                near.add(peer);
                ContactInfo contact = Contacts.toProto(peer.contact());
                if (clockwise) {
                    leave.addSuccessors(contact);
                } else {
                    leave.addPredecessors(contact);
                }
            }
        }
        Control toNear = Control.newBuilder().setRingLeave(leave).build();
        table.peers().forEach(peer -> peer.session().send(near.contains(peer) ? toNear : toOthers));
    }

    /** A peer leaves: nobody waits for it, and its neighbours are called at once. */
    void onLeave(RingPeer peer, RingLeave leave) {
        forgetLeft(peer);
        List<ContactInfo> named = new ArrayList<>(leave.getSuccessorsList());
        named.addAll(leave.getPredecessorsList());
        for (ContactInfo info : named.subList(0, Math.min(named.size(), 2 * NeighbourTable.NEAR))) {
            Contact contact = Contacts.fromProto(info, host.identities());
            if (contact != null && table.nearness().test(contact.ringId())) {
                learn(contact);
            }
        }
        recompute();
    }

    /** A peer is no member any more: its place is closed as if it had left. */
    void onPutOut(RingPeer peer) {
        forgetLeft(peer);
        recompute();
    }

    private void forgetLeft(RingPeer peer) {
        table.onLeft(peer, host.runtime().clock().nanoTime());
        OverlayId nodeId = nearWishes.remove(peer.id());
        if (nodeId != null) {
            host.links().release(nodeId, ring, Purpose.NEAR);
        }
    }

    // --------------------------------------------------------------------- linking

    /** Wishes for exactly the near links that we should have, and tells everybody when the view has changed. */
    void recompute() {
        if (ring.isClosed()) {
            return;
        }
        List<OverlayId> wanted = table.wanted(true);
        for (OverlayId id : table.wanted(false)) {
            if (!wanted.contains(id)) {
                wanted.add(id);
            }
        }
        if (ring.isJoined() || listReceived) {
            wanted.forEach(this::wish);
            releaseAllBut(wanted);
        }
        joinIfComplete();
        List<OverlayId> now = new ArrayList<>();
        table.near(true).forEach(peer -> now.add(peer.id()));
        table.near(false).forEach(peer -> now.add(peer.id()));
        if (!now.equals(view)) {
            view = now;
            pushStatus();
            ring.onNeighbours();
        }
    }

    private void wish(OverlayId id) {
        if (nearWishes.containsKey(id)) {
            return;
        }
        RingPeer peer = table.peer(id);
        Contact contact = peer != null ? peer.contact() : table.contact(id);
        if (contact != null) {
            OverlayId nodeId = contact.identity().nodeId();
            nearWishes.put(id, nodeId);
            ring.meet(contact, Purpose.NEAR);
            host.runtime().timers().schedule(ADMISSION_NANOS, () -> {
                RingPeer linked = table.peer(id);
                if (nodeId.equals(nearWishes.get(id))
                        && (linked == null || !linked.isJoined())
                        && !host.links().isDialing(nodeId)) {
                    host.links().release(nodeId, ring, Purpose.NEAR);
                    forget(id);
                }
            });
        }
    }

    private void releaseAllBut(List<OverlayId> wanted) {
        for (OverlayId id : List.copyOf(nearWishes.keySet())) {
            if (!wanted.contains(id)) {
                OverlayId nodeId = nearWishes.remove(id);
                if (nodeId != null) {
                    host.links().release(nodeId, ring, Purpose.NEAR);
                }
            }
        }
    }

    // --------------------------------------------------------------------- telling

    /**
     * Tells where we stand: at once those whom it may concern, the others when we next compare notes. In a large ring
     * most peers stand far away, and neighbours change often while others join beside us.
     */
    final void pushStatus() {
        serial++;
        startRounds(PUSH_DELAY_NANOS);
    }

    /** Tells every peer at once. */
    void pushStatusToAll() {
        toldToAll = serial + 1;
        pushStatus();
    }

    private boolean concerns(RingPeer peer) {
        return pushToAll || peer.heard() < toldToAll || table.isAmongNearest(peer.id());
    }

    private void greet() {
        startRounds(0);
    }

    private void startRounds(long delayNanos) {
        long at = host.runtime().clock().nanoTime() + delayNanos;
        pushRound = 0;
        if (pushTimer != null) {
            if (pushNanos - at <= 0) {
                return;
            }
            pushTimer.cancel();
        }
        pushNanos = at;
        pushTimer = host.runtime().timers().schedule(delayNanos, this::pushToUnheard);
    }

    private void pushNow() {
        if (pushTimer != null) {
            pushTimer.cancel();
        }
        pushRound = 0;
        pushToUnheard();
    }

    private void pushToUnheard() {
        pushTimer = null;
        boolean unheard = false;
        for (RingPeer peer : table.peers()) {
            if (!ring.isClosed() && peer.heard() < serial && concerns(peer)) {
                unheard = true;
                tell(peer, true);
            }
        }
        if (unheard && pushRound < PUSH_ROUNDS) {
            long gap = PUSH_GAP_NANOS << pushRound++;
            pushNanos = host.runtime().clock().nanoTime() + gap;
            pushTimer = host.runtime().timers().schedule(gap, this::pushToUnheard);
        } else {
            pushToAll = false;
        }
    }

    private void tell(RingPeer peer, boolean wantReply) {
        RingStatus.Builder status =
                status(peer.id(), wantReply).setSerial(serial).setHeard(peer.serial());
        peer.session().send(Control.newBuilder().setRingStatus(status).build());
    }

    private Timers.Timer stabiliseLater() {
        long jitter = (long) (host.runtime().random().nextDouble() * STABILISE_NANOS / 4);
        long now = host.runtime().clock().nanoTime();
        Timers timers = host.runtime().timers();
        return timers.schedule(timers.aligned(now + STABILISE_NANOS + jitter) - now, this::stabilise);
    }

    /** Compares notes with the first neighbours, and looks whether everything that should be linked is. */
    final void stabilise() {
        if (ring.isClosed()) {
            return;
        }
        long now = host.runtime().clock().nanoTime();
        for (boolean clockwise : new boolean[] {true, false}) {
            List<RingPeer> near = table.near(clockwise);
            if (!near.isEmpty() && !near.get(0).hasToldWithin(COMPARED_NANOS, now)) {
                tell(near.get(0), true);
            }
        }
        pushToAll = true;
        boolean isPushing = pushTimer != null;
        startJoin();
        recompute();
        if (!isPushing) {
            pushNow();
        }
        stabiliseTimer = stabiliseLater();
    }

    /** The same, for one whose state we do not know yet. */
    Control earlyStatus(OverlayId to) {
        return Control.newBuilder()
                .setRingStatus(status(to, false).setSerial(serial))
                .build();
    }

    /** What we tell a peer of where we stand. */
    RingStatus.Builder status(OverlayId to, boolean wantReply) {
        RingStatus.Builder status = RingStatus.newBuilder()
                .setRing(ring.ringIdBytes())
                .setRingId(Contacts.bytes(ring.self()))
                .setJoined(ring.isJoined())
                .setNearSize(table.nearSize())
                .setEpoch(ring.epoch())
                .setWantReply(wantReply);
        table.near(true).forEach(near -> status.addSuccessors(Contacts.bytes(near.id())));
        table.near(false).forEach(near -> status.addPredecessors(Contacts.bytes(near.id())));
        return status;
    }

    void close() {
        stabiliseTimer.cancel();
        if (checkTimer != null) {
            checkTimer.cancel();
        }
        if (pushTimer != null) {
            pushTimer.cancel();
        }
        for (OverlayId nodeId : List.copyOf(nearWishes.values())) {
            host.links().release(nodeId, ring, Purpose.NEAR);
        }
        nearWishes.clear();
    }
}
