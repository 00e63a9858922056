package io.p2pvpn.simulator.converged;

import com.google.protobuf.ByteString;
import io.p2pvpn.crawler.mapreduce.TaskLink;
import io.p2pvpn.crawler.mapreduce.TaskPeer;
import io.p2pvpn.crawler.mapreduce.TaskRing;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.ring.Arc;
import io.p2pvpn.overlay.ring.Broadcasts;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Contacts;
import io.p2pvpn.overlay.ring.Greedy;
import io.p2pvpn.overlay.ring.RingCall;
import io.p2pvpn.overlay.ring.RingHandler;
import io.p2pvpn.overlay.ring.RingReply;
import io.p2pvpn.overlay.ring.RingService;
import io.p2pvpn.overlay.rpc.Calls;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.wire.proto.CallReply;
import io.p2pvpn.overlay.wire.proto.CallRequest;
import io.p2pvpn.overlay.wire.proto.Control;
import io.p2pvpn.overlay.wire.proto.RingMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The ring as a {@link LightMember} sees it. Messages to positions go greedily from member to member, to exactly that
 * member. Confined to the world's thread.
 */
final class LightRing implements TaskRing, RingService {
    private final LightNetwork network;
    private final RingLinks links;
    private final int number;
    private final Calls calls;
    private final Map<String, RingHandler> handlers = new TreeMap<>();

    LightRing(LightNetwork network, int number, NodeRuntime runtime) {
        this.network = network;
        this.links = network.links();
        this.number = number;
        this.calls = new Calls(runtime);
    }

    private record Peer(LightRing ring, int number) implements TaskPeer {
        @Override
        public OverlayId id() {
            return ring.links.id(number);
        }

        @Override
        public TaskLink link() {
            return new LightMember.Link(ring.network, ring.number, number);
        }

        @Override
        public boolean isEdge() {
            return true;
        }

        @Override
        public boolean isRelayed() {
            return false;
        }

        @Override
        public long rttNanos() {
            return 2 * ring.links.oneWayNanos(ring.number, number);
        }

        @Override
        public Set<Purpose> purposes() {
            if (contains(ring.nearNumbers(), number)) {
                return EnumSet.of(Purpose.NEAR);
            }
            boolean isFar = contains(ring.links.far(ring.number), number);
            return isFar ? EnumSet.of(Purpose.FAR) : EnumSet.noneOf(Purpose.class);
        }
    }

    private static boolean contains(int[] numbers, int number) {
        return Arrays.stream(numbers).anyMatch(each -> each == number);
    }

    private int[] nearNumbers() {
        return IntStream.concat(Arrays.stream(links.near(number, true)), Arrays.stream(links.near(number, false)))
                .toArray();
    }

    /** Everybody that we are linked to, along the ring. */
    private int[] linked() {
        return IntStream.concat(
                        Arrays.stream(nearNumbers()),
                        IntStream.concat(Arrays.stream(links.far(number)), Arrays.stream(links.linkedBy(number))))
                .filter(other -> other != number)
                .distinct()
                .sorted()
                .toArray();
    }

    private List<TaskPeer> peers(int[] numbers) {
        List<TaskPeer> peers = new ArrayList<>();
        for (int other : numbers) {
            peers.add(new Peer(this, other));
        }
        return peers;
    }

    // ---------------------------------------------------------------------- for tasks

    @Override
    public RingService service() {
        return this;
    }

    @Override
    public OverlayId self() {
        return links.id(number);
    }

    @Override
    public boolean isJoined() {
        return true;
    }

    @Override
    public ByteString ringIdBytes() {
        return ByteString.EMPTY;
    }

    @Override
    public List<TaskPeer> peers() {
        return peers(linked());
    }

    @Override
    public List<TaskPeer> near(boolean clockwise) {
        return peers(links.near(number, clockwise));
    }

    @Override
    public @Nullable TaskPeer peer(OverlayId id) {
        int other = links.member(id);
        return other >= 0 && contains(linked(), other) ? new Peer(this, other) : null;
    }

    @Override
    public @Nullable TaskPeer peer(TaskLink link) {
        return peer(link.nodeId());
    }

    @Override
    public List<OverlayId> links(Set<OverlayId> passed) {
        TreeSet<OverlayId> own = new TreeSet<>();
        for (int other : nearNumbers()) {
            own.add(links.id(other));
        }
        for (int other : links.far(number)) {
            own.add(links.id(other));
        }
        TreeSet<OverlayId> others = new TreeSet<>();
        for (int other : links.linkedBy(number)) {
            others.add(links.id(other));
        }
        own.removeAll(passed);
        others.removeAll(passed);
        others.removeAll(own);
        List<OverlayId> children = new ArrayList<>(own);
        children.addAll(Broadcasts.evenly(List.copyOf(others)));
        return children;
    }

    @Override
    public @Nullable OverlayId nearest(Arc arc, Set<OverlayId> passed, boolean onlyNearer) {
        OverlayId middle = arc.middle();
        OverlayId nearest = onlyNearer ? self() : null;
        for (int other : linked()) {
            OverlayId id = links.id(other);
            if (!passed.contains(id) && (nearest == null || Greedy.isNearer(id, nearest, middle))) {
                nearest = id;
            }
        }
        return self().equals(nearest) ? null : nearest;
    }

    @Override
    public @Nullable OverlayId nextHop(OverlayId position) {
        int next = next(position);
        return next < 0 ? null : links.id(next);
    }

    /** Whom a message goes to next, or -1 if nobody is nearer. */
    int next(OverlayId position) {
        int best = -1;
        OverlayId nearest = self();
        for (int other : linked()) {
            OverlayId id = links.id(other);
            if (Greedy.isNearer(id, nearest, position)) {
                nearest = id;
                best = other;
            }
        }
        return best;
    }

    // ---------------------------------------------------------------------- by position

    @Override
    public int sizeEstimate() {
        return links.size();
    }

    @Override
    public void handle(String method, RingHandler handler) {
        handlers.put(method, handler);
    }

    @Override
    public CompletableFuture<RingReply> call(OverlayId target, Delivery delivery, String method, byte[] request) {
        if (delivery != Delivery.EXACT) {
            throw new UnsupportedOperationException("crawls ask exactly one member");
        }
        return calls.call(
                        method,
                        request,
                        (call, before) -> onMessage(RingMessage.newBuilder()
                                .setTarget(Contacts.bytes(target))
                                .setSource(Contacts.bytes(self()))
                                .setExact(true)
                                .setCall(call)
                                .build()))
                .thenApply(reply ->
                        new RingReply(target, reply.getHops(), reply.getBody().toByteArray()));
    }

    /** A message on its way is here; what nobody is nearer to than we are is dropped. */
    void onMessage(RingMessage message) {
        OverlayId target = OverlayId.of(message.getTarget().toByteArray());
        if (target.equals(self())) {
            deliver(message);
            return;
        }
        int next = next(target);
        if (next >= 0) {
            RingMessage hopped =
                    message.toBuilder().setHops(message.getHops() + 1).build();
            network.send(
                    number, next, Control.newBuilder().setRingMessage(hopped).build());
        }
    }

    private void deliver(RingMessage message) {
        if (message.hasReply()) {
            calls.onReply(message.getReply());
            return;
        }
        CallRequest call = message.getCall();
        OverlayId source = OverlayId.of(message.getSource().toByteArray());
        RingHandler handler = handlers.get(call.getMethod());
        if (handler == null) {
            throw new IllegalArgumentException("nobody answers " + call.getMethod());
        }
        var unused = handler.onCall(new RingCall(source, self(), call.getBody().toByteArray()))
                .thenAccept(body -> onMessage(RingMessage.newBuilder()
                        .setTarget(message.getSource())
                        .setSource(Contacts.bytes(self()))
                        .setExact(true)
                        .setReply(CallReply.newBuilder()
                                .setId(call.getId())
                                .setHops(message.getHops())
                                .setResponder(Contacts.bytes(self()))
                                .setBody(ByteString.copyFrom(body)))
                        .build()));
    }

    @Override
    public List<Contact> successors() {
        throw new UnsupportedOperationException("no contacts");
    }

    @Override
    public List<Contact> predecessors() {
        throw new UnsupportedOperationException("no contacts");
    }

    @Override
    public void onNeighboursChanged(Runnable listener) {
        // They never change.
    }

    @Override
    public void onJoined(Runnable listener) {
        listener.run();
    }
}
