package io.p2pvpn.overlay.ring;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.overlay.rpc.Calls;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.proto.Admission;
import io.p2pvpn.overlay.wire.proto.CallReply;
import io.p2pvpn.overlay.wire.proto.CallRequest;
import io.p2pvpn.overlay.wire.proto.Control;
import io.p2pvpn.overlay.wire.proto.IdList;
import io.p2pvpn.overlay.wire.proto.RingLeave;
import io.p2pvpn.overlay.wire.proto.RingMerge;
import io.p2pvpn.overlay.wire.proto.RingMessage;
import io.p2pvpn.overlay.wire.proto.RingStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One ring that this node is in, or is about to join: membership of peers, calls, and the services of
 * {@link RingService}. {@link RingMaintenance} keeps its neighbours right, {@link RingRouter} moves messages. Confined
 * to the node's loop.
 */
public final class Ring implements RingService {
    /** Ring call: the contact of the member nearest to a position, as a list of one. */
    public static final String CONTACT_METHOD = "ring.contact";

    /** Session call: names a member of another ring, see {@link RingUnification}. */
    public static final String MERGE_METHOD = "ring.merge";

    private static final long INTRODUCED_NANOS = 15_000_000_000L;

    private final RingHost host;
    private final RingConfig config;
    private final ByteString ringIdBytes;
    private final NeighbourTable table;
    private final RingRouter router;
    private final RingMaintenance maintenance;
    private final RingMembers members;
    private final RingUnification unification;
    private final Broadcasts broadcasts;
    private final Calls calls;
    private final Map<String, RingHandler> handlers = new TreeMap<>();
    private final List<Runnable> neighbourListeners = new ArrayList<>();
    private final List<Runnable> joinedListeners = new ArrayList<>();
    /** Whom we were told to join through: node ID to place. */
    private final Map<OverlayId, OverlayId> introducers = new TreeMap<>();

    private final List<Consumer<RingPeer>> outListeners = new ArrayList<>();
    private boolean joined;
    private boolean closed;

    /** A ring that we are not yet a member of. */
    public Ring(RingHost host, RingConfig config) {
        this(host, config, new RingParts());
    }

    /** The same, made of other parts. */
    Ring(RingHost host, RingConfig config, RingParts parts) {
        this.host = host;
        this.config = config;
        this.ringIdBytes = ByteString.copyFrom(config.ringId());
        this.table = parts.table(config.self());
        this.router = parts.router(this, table);
        this.calls = new Calls(host.runtime());
        this.maintenance = parts.maintenance(this, host, table);
        this.members = new RingMembers(this, host, config, table);
        this.unification = new RingUnification(this, host, table, maintenance);
        this.broadcasts = new Broadcasts(this, host, table);
        handle("ring.join", maintenance::onJoinCall);
        handle(CONTACT_METHOD, call -> CompletableFuture.completedFuture(Contacts.encode(List.of(ownContact()))));
    }

    // ------------------------------------------------------------------ membership

    /** Becomes the first member. */
    public void found() {
        becomeJoined();
    }

    /** Meets members through these contacts, and joins. */
    public void join(List<Contact> contacts) {
        contacts.forEach(contact -> {
            introducers.put(contact.identity().nodeId(), contact.ringId());
            meet(contact, Purpose.BOOTSTRAP);
        });
    }

    /** Wishes for a session with a member; first frames go over the ring while direct ways are tried. */
    public void meet(Contact contact, Purpose purpose) {
        List<FrameRoute> routes = new ArrayList<>();
        contact.endpoints().forEach(endpoint -> routes.add(host.sessions().routeTo(endpoint)));
        if (table.nearestEdge(self()) != null) {
            routes.add(new RingRoute(this, contact.ringId(), null));
        }
        members.expect(contact.identity().nodeId());
        host.links().want(contact.identity(), routes, this, purpose);
        if (purpose == Purpose.BOOTSTRAP && joined) {
            releaseLater(contact.identity().nodeId());
        }
    }

    /** Who was met for its part of the ring only may go when that has been looked at. */
    private void releaseLater(OverlayId nodeId) {
        host.runtime().timers().schedule(INTRODUCED_NANOS, () -> host.links().release(nodeId, this, Purpose.BOOTSTRAP));
    }

    /** The members and joiners that we have a session with. */
    public Collection<RingPeer> peers() {
        return table.peers();
    }

    /** The peer with this ID, or null if there is no session with it. */
    public @Nullable RingPeer peer(OverlayId id) {
        return table.peer(id);
    }

    /** The peer behind this session, or null if it has not shown to be of this ring. */
    public @Nullable RingPeer peer(Session session) {
        return table.peer(session);
    }

    /** The neighbours that we are linked to on one side, nearest first: what {@link #successors} is made of. */
    public List<RingPeer> near(boolean clockwise) {
        return table.near(clockwise);
    }

    /**
     * The members that we hold for our neighbours on one side, nearest first: linked ones, those that are being called,
     * and those whose session ended a moment ago (which take nobody's place, so that there may be more than four).
     */
    public List<OverlayId> list(boolean clockwise) {
        return table.wanted(clockwise);
    }

    /** How to reach a member that we have no session with but have been told of, or had one a moment ago; or null. */
    public @Nullable Contact contact(OverlayId id) {
        return table.contact(id);
    }

    /** Adds someone who hears of every peer that was put out. */
    public void onPutOut(Consumer<RingPeer> listener) {
        outListeners.add(listener);
    }

    /** Adds someone who hears of every peer that proved to be of this ring. */
    public void onPeer(Consumer<RingPeer> listener) {
        members.onPeer(listener);
    }

    /**
     * Leaves: peers are told so, neighbours with the lists that they need to close the gap; then nothing is sent any
     * more. Sessions stay as they are; while they do, all are told again, in case a datagram was lost.
     *
     * @param isOver asked before telling again: true if there is no more need, or we are back
     */
    public void leave(BooleanSupplier isOver) {
        if (closed) {
            return;
        }
        closed = true;
        List<Session> told = new ArrayList<>();
        table.peers().forEach(peer -> told.add(peer.session()));
        Greeter.greet(
                host.runtime(),
                maintenance::leave,
                () -> isOver.getAsBoolean() || told.stream().noneMatch(Session::isOpen));
        maintenance.close();
    }

    /** Puts out the peers that the admission does not call members any more; their sessions may stay. */
    public void reviewMembers() {
        members.review();
    }

    /** Our admission is another than before: all peers see it. */
    public void showAdmission() {
        members.showAgain();
    }

    /** All neighbours shall know what our admission knows now. */
    public void onEpochChanged() {
        maintenance.pushStatusToAll();
    }

    void putOut(RingPeer peer) {
        maintenance.onPutOut(peer);
        List.copyOf(outListeners).forEach(listener -> listener.accept(peer));
    }

    /** Whether a contact may stand where it says: in the public ring its place follows from its key. */
    public boolean isPlace(Contact contact) {
        return config.admission() != null
                || contact.ringId().equals(contact.identity().nodeId());
    }

    boolean isClosed() {
        return closed;
    }

    void becomeJoined() {
        if (!joined) {
            joined = true;
            introducers.keySet().forEach(nodeId -> host.links().release(nodeId, this, Purpose.BOOTSTRAP));
            introducers.clear();
            maintenance.onJoined();
            List.copyOf(joinedListeners).forEach(Runnable::run);
        }
    }

    /** We have shown our admission: if that is one to join through, it can be asked for our place at once. */
    void onShown(Session session) {
        OverlayId place = introducers.get(session.nodeId());
        if (place != null) {
            maintenance.askFirst(new RingPeer(place, session, 0, new byte[0]));
        }
    }

    void onNeighbours() {
        List.copyOf(neighbourListeners).forEach(Runnable::run);
    }

    // ------------------------------------------------------------------ events in

    /** A session came up. */
    public void onUp(Session session) {
        members.onUp(session);
    }

    /** A session is over. */
    public void onDown(Session session) {
        RingPeer peer = table.remove(session);
        if (peer != null && peer.isJoined() && session.isSilent()) {
            unification.onSilent(peer);
        }
        maintenance.onSessionLost(session.nodeId(), peer);
    }

    /** Our network is another than before: members that had fallen silent may answer now. */
    public void onNetworkChanged() {
        unification.callSoon();
    }

    /**
     * Ways to this peer that do not begin with our own link to it, for what has to reach it while that is in doubt: by
     * other neighbours, those first that answer.
     */
    public List<FrameRoute> detours(Session session, int limit) {
        RingPeer target = table.peer(session);
        if (target == null || closed) {
            return List.of();
        }
        List<RingPeer> edges = new ArrayList<>(table.peers());
        edges.removeIf(peer -> peer == target || !peer.isEdge());
        edges.sort(
                Comparator.<RingPeer, Boolean>comparing(peer -> peer.session().isInDoubt())
                        .thenComparing(peer -> target.id().ringDistanceTo(peer.id())));
        List<FrameRoute> routes = new ArrayList<>();
        edges.stream().limit(limit).forEach(peer -> routes.add(new RingRoute(this, target.id(), peer.id())));
        return routes;
    }

    /** A session's traffic takes another path. */
    public void onPathChanged(Session session) {
        if (table.peer(session) != null) {
            maintenance.recompute();
        }
    }

    /** A link that was wished for could not be made. */
    public void onLinkFailed(OverlayId nodeId) {
        maintenance.onLinkFailed(nodeId);
    }

    /** The peer shows its admission. */
    public void onAdmission(Session session, Admission admission) {
        members.onAdmission(session, admission);
    }

    /** The peer leaves. */
    public void onLeave(Session session, RingLeave leave) {
        RingPeer peer = table.peer(session);
        if (peer == null || !peer.id().equals(Contacts.id(leave.getRingId()))) {
            drop("not-a-member");
        } else {
            maintenance.onLeave(peer, leave);
        }
    }

    /** The peer tells where it stands. */
    public void onStatus(Session session, RingStatus status) {
        RingPeer peer = members.peerFor(session, status);
        if (peer == null) {
            drop("not-a-member");
        } else {
            members.compare(peer, status.getEpoch());
            maintenance.onStatus(peer, status);
        }
    }

    /** A message on its way came from the peer. */
    public void onMessage(Session session, RingMessage message) {
        if (table.peer(session) == null) {
            drop("not-a-member");
        } else {
            router.route(message);
        }
    }

    // ------------------------------------------------------------------- delivery

    void deliver(RingMessage message, OverlayId source) {
        OverlayId via = message.getSourceVia().isEmpty() ? null : Contacts.id(message.getSourceVia());
        switch (message.getPayloadCase()) {
            case FRAME -> {
                byte[] frame = message.getFrame().toByteArray();
                host.sessions()
                        .onFrame(new RingRoute(this, source, via), frame, 0, frame.length, Transport.CLASS_DEFAULT);
            }
            case CALL -> onCall(message, source, via);
            case REPLY -> {
                if (!calls.onReply(message.getReply())) {
                    drop("late-reply");
                }
            }
            default -> drop("unknown-payload");
        }
    }

    private void onCall(RingMessage message, OverlayId source, @Nullable OverlayId via) {
        CallRequest request = message.getCall();
        OverlayId target = Contacts.id(message.getTarget());
        RingHandler handler = handlers.get(request.getMethod());
        if (handler == null || target == null) {
            drop("unknown-method");
            return;
        }
        RingCall call = new RingCall(source, target, request.getBody().toByteArray());
        var unused = handler.onCall(call).whenComplete((body, failure) -> {
            if (failure == null && body != null && !closed) {
                CallReply reply = CallReply.newBuilder()
                        .setId(request.getId())
                        .setHops(message.getHops())
                        .setTries(request.getTries())
                        .setResponder(Contacts.bytes(self()))
                        .setBody(ByteString.copyFrom(body))
                        .build();
                if (source.equals(self())) {
                    calls.onReply(reply);
                } else {
                    router.send(RingRouter.to(source, via, true).setReply(reply));
                }
            }
        });
    }

    boolean sendFrame(OverlayId target, @Nullable OverlayId via, byte[] buffer, int offset, int length) {
        return !closed
                && router.send(RingRouter.to(target, via, true).setFrame(ByteString.copyFrom(buffer, offset, length)));
    }

    /** The member that a message to {@code target} goes to next from here; null if it ends here. */
    public @Nullable OverlayId nextHop(OverlayId target) {
        return router.nextHop(target);
    }

    // ----------------------------------------------------------------- RingService

    @Override
    public OverlayId self() {
        return config.self();
    }

    @Override
    public boolean isJoined() {
        return joined;
    }

    @Override
    public int sizeEstimate() {
        return table.sizeEstimate();
    }

    @Override
    public List<Contact> successors() {
        return contacts(true);
    }

    @Override
    public List<Contact> predecessors() {
        return contacts(false);
    }

    /** How others can reach us in this ring. */
    Contact ownContact() {
        return new Contact(
                self(), host.identity(), host.candidates(), host.sessions().bootId());
    }

    private List<Contact> contacts(boolean clockwise) {
        List<Contact> contacts = new ArrayList<>();
        table.near(clockwise).forEach(peer -> contacts.add(peer.contact()));
        return contacts;
    }

    @Override
    public CompletableFuture<RingReply> call(OverlayId target, Delivery delivery, String method, byte[] request) {
        return call(target, delivery, method, request, 0);
    }

    @Override
    public CompletableFuture<RingReply> call(
            OverlayId target, Delivery delivery, String method, byte[] request, int way) {
        return calls.call(
                        method,
                        request,
                        way,
                        (call, before) -> router.send(
                                RingRouter.to(target, null, delivery == Delivery.EXACT)
                                        .setSide(RingRouter.side(delivery))
                                        .setCall(call),
                                before > 0))
                .handle((reply, failure) -> {
                    OverlayId responder = reply == null ? null : Contacts.id(reply.getResponder());
                    if (reply == null || responder == null) {
                        String reason = failure instanceof CallException ? failure.getMessage() : "malformed reply";
                        throw new CompletionException(new RingCallException(reason + " at " + target.toShortString()));
                    }
                    return new RingReply(
                            responder, reply.getHops(), reply.getBody().toByteArray());
                });
    }

    /**
     * Asks through one peer, whichever part of a ring that is in, who is nearest to {@code target}.
     *
     * @param way which way it takes behind that peer, 0 for the best
     */
    CompletableFuture<CallReply> callThrough(RingPeer peer, OverlayId target, String method, byte[] request, int way) {
        return calls.call(
                method,
                request,
                way,
                (call, before) -> peer.session()
                        .sendLinked(Control.newBuilder()
                                .setRingMessage(RingRouter.to(target, null, false)
                                        .setRing(ringIdBytes)
                                        .setSource(Contacts.bytes(self()))
                                        .setSourceVia(Contacts.bytes(peer.id()))
                                        .setHops(1)
                                        .setCall(call))
                                .build()));
    }

    @Override
    public void handle(String method, RingHandler handler) {
        handlers.put(method, handler);
    }

    @Override
    public void onNeighboursChanged(Runnable listener) {
        neighbourListeners.add(listener);
    }

    @Override
    public void onJoined(Runnable listener) {
        joinedListeners.add(listener);
        if (joined) {
            listener.run();
        }
    }

    // --------------------------------------------------------------------- shared

    /** Messages to all members. */
    public Broadcasts broadcasts() {
        return broadcasts;
    }

    /** Contacts of members that a peer has heard of and wants to link to. */
    public byte[] onContactsCall(Session session, IdList wanted) {
        if (table.peer(session) == null) {
            drop("not-a-member");
            return new byte[0];
        }
        return maintenance.onContactsCall(wanted);
    }

    /** A peer names a member of a ring that may have lost touch with this one. */
    public void onMergeCall(Session session, RingMerge told) throws InvalidProtocolBufferException {
        RingPeer peer = table.peer(session);
        if (peer == null || !peer.isJoined()) {
            drop("not-a-member");
        } else {
            unification.onTold(told);
        }
    }

    /** A joined peer is none of our neighbours. */
    void onStranger(RingPeer peer) {
        unification.onMember(peer);
    }

    /** Where we stand, for one that is about to be a peer; null before we are a member. */
    public @Nullable Control earlyStatus(OverlayId to) {
        return joined && !closed ? maintenance.earlyStatus(to) : null;
    }

    /** Names what we know of who is no member any more. */
    ByteString epoch() {
        RingAdmission admission = config.admission();
        return admission == null ? ByteString.EMPTY : ByteString.copyFrom(admission.epoch());
    }

    /** The ring's name, in messages. */
    public ByteString ringIdBytes() {
        return ringIdBytes;
    }

    RingMaintenance maintenance() {
        return maintenance;
    }

    NodeRuntime runtime() {
        return host.runtime();
    }

    void drop(String reason) {
        host.runtime().counters().counter("ring.drop." + reason).increment();
    }
}
