package io.p2pvpn.simulator.chord;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Timers.Timer;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.simulator.SimRuntime;
import io.p2pvpn.simulator.chord.ChordMessage.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A member of a plain Chord ring: successor list, predecessor and finger table, each kept by asking in turn (Stoica et
 * al., ToN 2003, sections IV-E and V-C). Where its peers are it learns from the sources of their datagrams, which is
 * more than a plain one has behind NAT boxes.
 */
public final class ChordNode implements Transport.Receiver {
    /** Successors that a node keeps, and members that hold each record. */
    public static final int SUCCESSORS = 8;

    static final int STEP_PEERS = 4;

    /** The finger at 2^(160 - i) for i from 1: shorter arcs than 2^-20 of the ring are those of the successors. */
    private static final int FINGERS = 20;

    private static final long STABILIZE_NANOS = 5_000_000_000L;
    private static final long FINGER_NANOS = 1_000_000_000L;
    private static final long TIMEOUT_NANOS = 1_000_000_000L;
    private static final int TRIES = 2;

    /** A request that waits for its reply. */
    private final class Call {
        private final ChordPeer peer;
        private final byte[] datagram;
        private final long number;
        private final Consumer<@Nullable ChordMessage> then;
        private int tries;
        private @Nullable Timer timer;

        Call(ChordPeer peer, ChordMessage request, Consumer<@Nullable ChordMessage> then) {
            this.peer = peer;
            this.datagram = request.encode();
            this.number = request.number();
            this.then = then;
        }

        void attempt() {
            if (tries == TRIES) {
                calls.remove(number);
                forget(peer);
                then.accept(null);
                return;
            }
            tries++;
            send(peer.endpoint(), datagram);
            timer = runtime.timers().schedule(TIMEOUT_NANOS, this::attempt);
        }

        void answered(ChordMessage reply) {
            if (timer != null) {
                timer.cancel();
            }
            then.accept(reply);
        }
    }

    private final SimRuntime runtime;
    private final OverlayId id;
    private final TreeMap<Long, Call> calls = new TreeMap<>();
    private final @Nullable ChordPeer[] fingers = new @Nullable ChordPeer[FINGERS];
    private List<ChordPeer> successors = List.of();
    private @Nullable ChordPeer predecessor;
    private @Nullable Endpoint bootstrap;
    private long numbers;
    private int nextFinger;
    private long sent;

    /** A node that is of no ring yet. */
    public ChordNode(SimRuntime runtime, OverlayId id) {
        this.runtime = runtime;
        this.id = id;
        runtime.transport().setReceiver(this);
    }

    /** Its position. */
    public OverlayId id() {
        return id;
    }

    /** Datagrams that it has sent. */
    public long sent() {
        return sent;
    }

    /** Who follows it, as far as it knows; null if nobody. */
    public @Nullable OverlayId successor() {
        return successors.isEmpty() ? null : successors.get(0).id();
    }

    /** Begins a ring of its own. */
    public void found() {
        tick();
        tickFingers();
    }

    /** Joins the ring of who is there. */
    public void join(Endpoint member) {
        bootstrap = member;
        found();
    }

    /** Looks for the successors of a position; hears of none if the search ends nowhere. */
    void search(OverlayId target, ChordSearch.Listener listener) {
        new ChordSearch(this, target, listener).start(nearest(target), finalAnswer(target));
    }

    /** Asks whether a member is there. */
    void fetch(ChordPeer peer, OverlayId key, Consumer<@Nullable ChordMessage> then) {
        ask(peer, Kind.FETCH, key, then);
    }

    void ask(ChordPeer peer, Kind kind, OverlayId target, Consumer<@Nullable ChordMessage> then) {
        ChordMessage request = new ChordMessage(kind, false, ++numbers, id, target, false, List.of());
        Call call = new Call(peer, request, then);
        calls.put(call.number, call);
        call.attempt();
    }

    private void send(Endpoint to, byte[] datagram) {
        sent++;
        runtime.transport().send(to, datagram, 0, datagram.length, datagram.length, Transport.CLASS_DEFAULT);
    }

    // ------------------------------------------------------------------ keeping the ring

    private void tick() {
        if (successors.isEmpty()) {
            rejoin();
        } else {
            ChordPeer first = successors.get(0);
            ask(first, Kind.NEIGHBOURS, id, reply -> stabilize(first, reply));
        }
        ChordPeer before = predecessor;
        if (before != null) {
            ask(before, Kind.FETCH, id, reply -> {});
        }
        runtime.timers().schedule(STABILIZE_NANOS, this::tick);
    }

    private void rejoin() {
        Endpoint member = bootstrap;
        if (member != null) {
            // Whoever answers there says who it is.
            ask(new ChordPeer(id, member), Kind.STEP, id, reply -> {
                if (reply != null && reply.isFinal()) {
                    adopt(reply.peers());
                } else if (reply != null) {
                    ChordPeer first = new ChordPeer(reply.sender(), member);
                    List<ChordPeer> known = new ArrayList<>(reply.peers());
                    known.add(first);
                    new ChordSearch(this, id, found -> adopt(found.isEmpty() ? List.of(first) : found))
                            .start(known, null);
                }
            });
        }
    }

    private void stabilize(ChordPeer asked, @Nullable ChordMessage reply) {
        if (reply == null) {
            return;
        }
        List<ChordPeer> known = new ArrayList<>();
        known.add(asked);
        known.addAll(reply.peers());
        adopt(known);
        if (!successors.isEmpty()) {
            ask(successors.get(0), Kind.NOTIFY, id, unused -> {});
        }
    }

    /** Takes the first of those, and of those that are known, as successors. */
    private void adopt(List<ChordPeer> more) {
        TreeMap<OverlayId, ChordPeer> byDistance = new TreeMap<>();
        for (ChordPeer peer : successors) {
            byDistance.put(id.clockwiseDistanceTo(peer.id()), peer);
        }
        for (ChordPeer peer : more) {
            if (!peer.id().equals(id)) {
                byDistance.putIfAbsent(id.clockwiseDistanceTo(peer.id()), peer);
            }
        }
        successors = byDistance.values().stream().limit(SUCCESSORS).toList();
    }

    private void tickFingers() {
        int i = nextFinger++ % FINGERS;
        if (!successors.isEmpty()) {
            OverlayId target = id.plusFraction(1, 2 << i);
            search(target, found -> fingers[i] = found.isEmpty() ? null : found.get(0));
        }
        runtime.timers().schedule(FINGER_NANOS, this::tickFingers);
    }

    private void forget(ChordPeer gone) {
        successors =
                successors.stream().filter(peer -> !peer.id().equals(gone.id())).toList();
        ChordPeer before = predecessor;
        if (before != null && before.id().equals(gone.id())) {
            predecessor = null;
        }
        for (int i = 0; i < FINGERS; i++) {
            ChordPeer finger = fingers[i];
            if (finger != null && finger.id().equals(gone.id())) {
                fingers[i] = null;
            }
        }
    }

    // ------------------------------------------------------------------ what others ask

    /** The successors of a target that lies behind this node; null if it does not know. */
    private @Nullable List<ChordPeer> finalAnswer(OverlayId target) {
        boolean isNext = !successors.isEmpty()
                && (target.isBetween(id, successors.get(0).id())
                        || target.equals(successors.get(0).id()));
        return isNext ? successors : null;
    }

    /** The members that it knows nearest before a target, the nearest first. */
    private List<ChordPeer> nearest(OverlayId target) {
        TreeMap<OverlayId, ChordPeer> byDistance = new TreeMap<>();
        for (ChordPeer peer : successors) {
            byDistance.put(peer.id().clockwiseDistanceTo(target), peer);
        }
        for (ChordPeer finger : fingers) {
            if (finger != null) {
                byDistance.put(finger.id().clockwiseDistanceTo(target), finger);
            }
        }
        OverlayId own = id.clockwiseDistanceTo(target);
        return byDistance.values().stream()
                .filter(peer -> peer.id().clockwiseDistanceTo(target).compareTo(own) < 0)
                .limit(STEP_PEERS)
                .toList();
    }

    private void answer(ChordMessage request, Endpoint from) {
        ChordPeer asker = new ChordPeer(request.sender(), from);
        List<ChordPeer> peers = new ArrayList<>();
        boolean isFinal = false;
        switch (request.kind()) {
            case STEP -> {
                List<ChordPeer> last = finalAnswer(request.target());
                isFinal = last != null;
                peers.addAll(last != null ? last : nearest(request.target()));
            }
            case NEIGHBOURS -> {
                ChordPeer before = predecessor;
                if (before != null) {
                    peers.add(before);
                }
                peers.addAll(successors);
            }
            case NOTIFY -> notified(asker);
            case FETCH -> {
                // That it answers is the answer.
            }
        }
        ChordMessage reply =
                new ChordMessage(request.kind(), true, request.number(), id, request.target(), isFinal, peers);
        send(from, reply.encode());
    }

    private void notified(ChordPeer asker) {
        ChordPeer before = predecessor;
        if (before == null || before.id().equals(asker.id()) || asker.id().isBetween(before.id(), id)) {
            predecessor = asker;
        }
        if (successors.isEmpty()) {
            adopt(List.of(asker));
        }
    }

    @Override
    public void onFrames(Endpoint from, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        ChordMessage message = ChordMessage.decode(buffer, offset, length);
        if (!message.isReply()) {
            answer(message, from);
            return;
        }
        Call call = calls.remove(message.number());
        if (call != null) {
            call.answered(message);
        }
    }

    @Override
    public void onBatchEnd() {
        // Every reply has been sent already.
    }

    @Override
    public void onClosed(Endpoint remote) {
        // There are no streams.
    }

    @Override
    public void onWritable() {
        // Datagrams are never refused.
    }
}
