package io.p2pvpn.overlay.ring;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.proto.RingBroadcast;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Bounded broadcast (docs/protocol.md, section 6.11): a message to every member of a ring, or of an arc of it, once.
 * Who gets an arc takes the message if it stands there, and shares the rest out among its ring links as
 * {@link ArcSplit} does; each child confirms what it was handed, and where one does not, another member is asked to see
 * to its part.
 * Confined to the node's loop.
 */
public final class Broadcasts {
    /** Session call: hands over an arc. */
    public static final String METHOD = "ring.broadcast";

    /** The most bytes of a payload. */
    public static final int PAYLOAD_BYTES_MAX = 8 * 1024;
    /** The most bytes of a kind. */
    public static final int KIND_BYTES_MAX = 32;
    /** Links that a message may cross. */
    public static final int HOPS_MAX = 64;

    /** Children that an arc is shared out among, besides our neighbours and far links. */
    static final int OTHER_CHILDREN_MAX = 16;
    /** Members that did not answer, as a message names them. */
    static final int SILENT_MAX = 8;
    /** Parts handed over and not confirmed yet; others are given up. */
    static final int PENDING_MAX = 1024;
    /** The third try of a call is answered by then, or another member is asked to do what it asks for. */
    static final long PATIENCE_NANOS = 1_600_000_000L;

    private final Ring ring;
    private final RingHost host;
    private final NeighbourTable table;
    private final BroadcastHistory history = new BroadcastHistory();
    private final BroadcastRates rates;
    private final Map<String, BroadcastHandler> handlers = new TreeMap<>();
    private int pending;

    Broadcasts(Ring ring, RingHost host, NeighbourTable table) {
        this.ring = ring;
        this.host = host;
        this.table = table;
        this.rates = new BroadcastRates(now());
    }

    /** Registers the one handler of {@code kind}. Kinds that nobody handles here are passed on all the same. */
    public void handle(String kind, BroadcastHandler handler) {
        handlers.put(kind, handler);
    }

    /**
     * Sends to all other members.
     *
     * @param kind names the handler, in 1 to {@link #KIND_BYTES_MAX} bytes
     * @param payload at most {@link #PAYLOAD_BYTES_MAX} bytes
     * @return true if it is on its way; false if we are no member, or have sent too much
     * @throws IllegalArgumentException if the kind or the payload is too long
     */
    public boolean send(String kind, byte[] payload) {
        return send(kind, payload, Arc.whole(ring.self()));
    }

    /**
     * Sends to all other members whose position lies in an arc.
     *
     * @param kind names the handler, in 1 to {@link #KIND_BYTES_MAX} bytes
     * @param payload at most {@link #PAYLOAD_BYTES_MAX} bytes
     * @return true if it is on its way; false if we are no member, or have sent too much
     * @throws IllegalArgumentException if the kind or the payload is too long
     */
    public boolean send(String kind, byte[] payload, Arc arc) {
        if (!isKind(kind) || payload.length > PAYLOAD_BYTES_MAX) {
            throw new IllegalArgumentException("a broadcast of kind " + kind + " of " + payload.length + " bytes");
        }
        if (!ring.isJoined() || ring.isClosed()) {
            return false;
        }
        if (!rates.admitOwn(payload.length, now())) {
            count("drop.own-rate");
            return false;
        }
        RingBroadcast message = RingBroadcast.newBuilder()
                .setRing(ring.ringIdBytes())
                .setSource(Contacts.bytes(ring.self()))
                // Not to be guessed: who names it first would have it taken for known.
                .setNumber(host.runtime().keys().nextLong())
                .setKind(kind)
                .setPayload(ByteString.copyFrom(payload))
                .build();
        count("sent");
        shareOut(message, arc, history.remember(ring.self(), message.getNumber()));
        return true;
    }

    private static boolean isKind(String kind) {
        int bytes = kind.getBytes(StandardCharsets.UTF_8).length;
        return bytes > 0 && bytes <= KIND_BYTES_MAX;
    }

    // ---------------------------------------------------------------------- arriving

    /** A peer hands an arc over; done when it is taken, whatever becomes of it. */
    public CompletableFuture<byte[]> onMessage(Session from, RingBroadcast message) {
        RingPeer peer = table.peer(from);
        if (peer == null) {
            ring.drop("not-a-member");
            return CompletableFuture.failedFuture(new CallException("refused"));
        }
        OverlayId source = Contacts.id(message.getSource());
        Arc arc = arc(message);
        if (source == null || arc == null || !isWellFormed(message)) {
            count("drop.malformed");
            return CompletableFuture.failedFuture(new CallException("malformed"));
        }
        if (!ring.isJoined() || ring.isClosed()) {
            return CompletableFuture.failedFuture(new CallException("no member"));
        }
        if (arc.contains(peer.id()) || arc.contains(source) || (message.getHops() == 1 && !source.equals(peer.id()))) {
            count("drop.misplaced");
        } else {
            take(message, source, arc);
        }
        // What is dropped is confirmed, too: others would be asked to do it.
        return CompletableFuture.completedFuture(new byte[0]);
    }

    private static @Nullable Arc arc(RingBroadcast message) {
        OverlayId from = Contacts.id(message.getFrom());
        OverlayId to = Contacts.id(message.getTo());
        return from == null || to == null ? null : new Arc(from, to);
    }

    private static boolean isWellFormed(RingBroadcast message) {
        return message.getHops() >= 1
                && message.getHops() <= HOPS_MAX
                && isKind(message.getKind())
                && message.getPayload().size() <= PAYLOAD_BYTES_MAX
                && message.getSilentCount() <= SILENT_MAX
                && message.getSilentList().stream().allMatch(id -> id.size() == OverlayId.BYTES);
    }

    private void take(RingBroadcast message, OverlayId source, Arc arc) {
        BroadcastHistory.Entry known = history.find(source, message.getNumber());
        if (source.equals(ring.self()) || (known != null && (known.covers(arc) || known.isFull()))) {
            count("duplicate");
            return;
        }
        if (!rates.admit(source, message.getPayload().size(), now())) {
            count("drop.rate");
            return;
        }
        BroadcastHistory.Entry entry = history.remember(source, message.getNumber());
        if (arc.contains(ring.self()) && entry.deliverOnce()) {
            deliver(message, source);
        }
        if (!ring.isClosed()) {
            shareOut(message, arc, entry);
        }
    }

    private void deliver(RingBroadcast message, OverlayId source) {
        BroadcastHandler handler = handlers.get(message.getKind());
        if (handler == null) {
            count("ignored.unknown-kind");
            return;
        }
        count("delivered");
        handler.onBroadcast(
                new Broadcast(source, message.getHops(), message.getPayload().toByteArray()));
    }

    // -------------------------------------------------------------------- passing on

    /** Sees to an arc, as far as it is not seen to. */
    private void shareOut(RingBroadcast message, Arc arc, BroadcastHistory.Entry entry) {
        Set<OverlayId> silent = silent(message);
        List<OverlayId> links = links(silent);
        List<ArcSplit.Part> parts = new ArrayList<>(ArcSplit.split(arc, ring.self(), links));
        OverlayId carrier = parts.isEmpty() && !arc.contains(ring.self()) ? nearest(arc, silent, true) : null;
        if (carrier != null) {
            parts.add(new ArcSplit.Part(carrier, arc));
        }
        // Who was silent may be cut off from those who say so only: who stands beside it tries once more, for it alone.
        for (OverlayId id : silent) {
            RingPeer peer = table.peer(id);
            boolean isEdge = peer != null && peer.isEdge();
            if (isEdge
                    && arc.contains(id)
                    && parts.stream().noneMatch(part -> part.arc().contains(id))) {
                parts.add(new ArcSplit.Part(id, Arc.only(id)));
            }
        }
        parts.removeIf(part -> entry.covers(part.arc()));
        entry.add(arc);
        parts.forEach(part -> hand(message, part));
    }

    private static Set<OverlayId> silent(RingBroadcast message) {
        Set<OverlayId> silent = new TreeSet<>();
        message.getSilentList().forEach(id -> silent.add(OverlayId.of(id.toByteArray())));
        return silent;
    }

    /**
     * Whom arcs are shared out among: our neighbours, our far links, and some of the others' links to us, evenly
     * spread. Links that we have for traffic only are left out: who has one to everybody would send to everybody.
     *
     * @param silent members that are left out
     */
    public List<OverlayId> links(Set<OverlayId> silent) {
        List<OverlayId> links = new ArrayList<>();
        List<OverlayId> others = new ArrayList<>();
        List<RingPeer> near = new ArrayList<>(table.near(true));
        near.addAll(table.near(false));
        for (RingPeer peer : table.peers()) {
            if (!peer.isEdge() || silent.contains(peer.id())) {
                continue;
            }
            Set<Purpose> purposes = host.links().purposes(peer.session().nodeId());
            if (near.contains(peer) || purposes.contains(Purpose.NEAR) || purposes.contains(Purpose.FAR)) {
                links.add(peer.id());
            } else if (purposes.isEmpty()) {
                others.add(peer.id());
            }
        }
        links.addAll(evenly(others));
        return links;
    }

    /**
     * Of those whose links are wanted by their other ends only, whom arcs are shared out among.
     *
     * @param others along the ring
     * @return at most {@link #OTHER_CHILDREN_MAX}, evenly spread
     */
    public static List<OverlayId> evenly(List<OverlayId> others) {
        List<OverlayId> some = new ArrayList<>();
        int count = Math.min(others.size(), OTHER_CHILDREN_MAX);
        for (int i = 0; i < count; i++) {
            some.add(others.get(i * others.size() / count));
        }
        return some;
    }

    /**
     * The edge nearest to the middle of an arc, or null.
     *
     * @param silent who is left out
     * @param onlyNearer only those that are nearer than we are
     */
    public @Nullable OverlayId nearest(Arc arc, Set<OverlayId> silent, boolean onlyNearer) {
        OverlayId middle = arc.middle();
        OverlayId nearest = onlyNearer ? ring.self() : null;
        for (RingPeer peer : table.peers()) {
            if (peer.isEdge()
                    && !silent.contains(peer.id())
                    && (nearest == null
                            || middle.ringDistanceTo(peer.id()).compareTo(middle.ringDistanceTo(nearest)) < 0)) {
                nearest = peer.id();
            }
        }
        return ring.self().equals(nearest) ? null : nearest;
    }

    private void hand(RingBroadcast message, ArcSplit.Part part) {
        RingPeer peer = table.peer(part.child());
        if (peer == null || message.getHops() >= HOPS_MAX || pending >= PENDING_MAX) {
            count("missed");
            return;
        }
        byte[] body = message.toBuilder()
                .setFrom(Contacts.bytes(part.arc().from()))
                .setTo(Contacts.bytes(part.arc().to()))
                .setHops(message.getHops() + 1)
                .build()
                .toByteArray();
        count("forwarded");
        Timers timers = host.runtime().timers();
        boolean[] open = {true};
        Runnable replace = () -> {
            if (open[0]) {
                open[0] = false;
                replace(message, part);
            }
        };
        pending++;
        Timers.Timer patience = timers.schedule(PATIENCE_NANOS, replace);
        Completions.whenDone(timers, host.calls().call(peer.session(), METHOD, body), (reply, failure) -> {
            pending--;
            patience.cancel();
            if (failure != null) {
                replace.run();
            }
            open[0] = false;
        });
    }

    /** A child is silent, or refused: somebody else sees to its part, and does not count on it. */
    private void replace(RingBroadcast message, ArcSplit.Part part) {
        ByteString child = Contacts.bytes(part.child());
        if (message.getSilentList().contains(child) || ring.isClosed()) {
            count("missed");
            return;
        }
        RingBroadcast.Builder without = message.toBuilder().addSilent(child);
        OverlayId substitute =
                without.getSilentCount() > SILENT_MAX ? null : nearest(part.arc(), silent(without.build()), false);
        if (substitute == null) {
            count("missed");
            return;
        }
        count("substituted");
        hand(without.build(), new ArcSplit.Part(substitute, part.arc()));
    }

    private void count(String what) {
        host.runtime().counters().counter("broadcast." + what).increment();
    }

    private long now() {
        return host.runtime().clock().nanoTime();
    }
}
