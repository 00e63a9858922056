package io.p2pvpn.overlay.relay;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.coordinate.Coordinate;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.link.LinkTable;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Contacts;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.overlay.rpc.SessionCalls;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.session.LabelHandler;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.session.SessionLayer;
import io.p2pvpn.overlay.wire.proto.ContactList;
import io.p2pvpn.overlay.wire.proto.RelayBound;
import io.p2pvpn.overlay.wire.proto.RelayCandidate;
import io.p2pvpn.overlay.wire.proto.RelayCandidates;
import io.p2pvpn.overlay.wire.proto.RelayCandidatesReply;
import io.p2pvpn.overlay.wire.proto.RelayUse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Relaying at a node, in both parts: it forwards for others within {@link RelayLimits}, and finds a relay for each of
 * its own sessions that is wanted and cannot be direct. Confined to the node's loop.
 */
public final class Relays implements LabelHandler {
    /** Nodes named to the peer in one search. */
    static final int CANDIDATES_MAX = 32;
    /** Neighbours of its own that a peer names beside the common ones. */
    static final int OTHERS_MAX = 4;

    /** Neighbours are measured at most once in so much time, whoever asks. */
    private static final long MEASURE_GAP_NANOS = 1_000_000_000L;

    private static final long MICRO_NANOS = 1_000L;

    /**
     * A direct peer of the peer's.
     *
     * @param rttNanos round trip by way of it as the peer reckons it, -1 if unknown
     */
    record Other(Contact contact, long rttNanos) {}

    /**
     * What the peer says about possible relays.
     *
     * @param common with which both have a direct path
     * @param others with which the peer has one
     * @param notCommon with which only we have one
     * @param coordinate where the peer stands, or null
     */
    record Answer(
            List<RelayChoice.Candidate> common,
            List<Other> others,
            List<Session> notCommon,
            @Nullable Coordinate coordinate) {}

    private final NodeRuntime runtime;
    private final OverlayId self;
    private final SessionLayer sessions;
    private final LinkTable links;
    private final SessionCalls calls;
    private final RelayChoice choice;
    private final IdentityCache identities;
    private final RelayLabels labels;
    private final RelayForwarder forwarder;
    private final RelayEnds ends;
    private final RelayMeetings meetings = new RelayMeetings(this);
    private final TreeMap<OverlayId, RelaySearch> searches = new TreeMap<>();
    private final TreeMap<OverlayId, RelayKeeper> keepers = new TreeMap<>();
    private boolean measured;
    private long measuredNanos;
    private final Counters.Counter unknownLabelDrops;
    private final Counters.Counter endpointDrops;

    /** Takes over the labelled frames of these sessions. */
    public Relays(
            NodeRuntime runtime,
            OverlayId self,
            SessionLayer sessions,
            LinkTable links,
            SessionCalls calls,
            RelayLimits limits,
            RelayChoice choice,
            IdentityCache identities) {
        this.runtime = runtime;
        this.self = self;
        this.sessions = sessions;
        this.links = links;
        this.calls = calls;
        this.choice = choice;
        this.identities = identities;
        this.labels = new RelayLabels(runtime);
        this.forwarder = new RelayForwarder(runtime, sessions, calls, limits, labels);
        this.ends = new RelayEnds(runtime, sessions, links, calls, labels);
        this.unknownLabelDrops = runtime.counters().counter("session.drop.unknown-label");
        this.endpointDrops = runtime.counters().counter("relay.drop.endpoint");
        calls.handle("relay.candidates", this::onCandidates);
        calls.handle("relay.meet", this::onMeet);
        calls.handle("relay.use", this::onUse);
        calls.handle("relay.release", this::onRelease);
        sessions.setLabelHandler(this);
    }

    /** How much we forward for others from now on. */
    public void limit(RelayLimits limits) {
        forwarder.limit(limits);
    }

    /** Pairs of other nodes that we forward for at the moment. */
    public int bindings() {
        return forwarder.size();
    }

    /** Relay routes of our own sessions at the moment. */
    public int routes() {
        return ends.size();
    }

    /** Stops forwarding and searching. */
    public void close() {
        searches.values().forEach(RelaySearch::stop);
        searches.clear();
        keepers.values().forEach(RelayKeeper::stop);
        keepers.clear();
        forwarder.close();
    }

    // ------------------------------------------------------------------ events in

    /** A session came up. */
    public void onUp(Session session) {
        if (session.isDirect()) {
            onDirect(session);
        } else {
            search(session, false);
        }
    }

    /** A session's traffic takes another path. */
    public void onPathChanged(Session session) {
        if (session.isDirect()) {
            onDirect(session);
            return;
        }
        forwarder.releaseAll(session);
        ends.dropAllVia(session);
        Path active = session.activePath();
        if (active != null && active.route().kind() == FrameRoute.Kind.RELAY) {
            endSearch(session);
            if (!keepers.containsKey(session.nodeId())) {
                keepers.put(session.nodeId(), new RelayKeeper(this, session));
            }
        } else {
            endKeeping(session);
            search(session, true);
        }
    }

    /** A session is over. */
    public void onDown(Session session) {
        endSearch(session);
        endKeeping(session);
        meetings.onDown(session);
        forwarder.onDown(session);
        ends.onDown(session);
    }

    private void onDirect(Session session) {
        endSearch(session);
        endKeeping(session);
        List.copyOf(keepers.values()).forEach(keeper -> keeper.onDirect(session));
        List.copyOf(searches.values()).forEach(search -> search.onDirect(session));
    }

    private void search(Session session, boolean lost) {
        if (!searches.containsKey(session.nodeId())) {
            RelaySearch search = new RelaySearch(this, session);
            searches.put(session.nodeId(), search);
            search.start(lost);
        }
    }

    private void endSearch(Session session) {
        RelaySearch search = searches.remove(session.nodeId());
        if (search != null) {
            search.stop();
        }
    }

    private void endKeeping(Session session) {
        RelayKeeper keeper = keepers.remove(session.nodeId());
        if (keeper != null) {
            keeper.stop();
        }
    }

    @Override
    public void onLabelled(
            int label, Endpoint from, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        RelayLabels.Target target = labels.get(label);
        if (target instanceof RelayBinding.Leg leg) {
            forwarder.forward(leg, from, buffer, offset, length, segmentBytes, trafficClass);
        } else if (target instanceof RelayRoute route && route.relay().isReachedAt(from)) {
            RelayRoute.putLabel(buffer, offset, length, segmentBytes, 0);
            for (int at = offset; at < offset + length; at += segmentBytes) {
                sessions.onFrame(route, buffer, at, Math.min(segmentBytes, offset + length - at), trafficClass);
            }
        } else {
            int frames = (length + segmentBytes - 1) / segmentBytes;
            (target == null ? unknownLabelDrops : endpointDrops).add(frames);
        }
    }

    // ------------------------------------------------------------------- candidates

    /** Asks the peer which of our direct peers are its own too. */
    CompletableFuture<Answer> askCandidates(Session peer) {
        List<Session> direct = new ArrayList<>();
        for (Session session : sessions.sessions()) {
            if (session != peer && session.isDirect()) {
                direct.add(session);
            }
        }
        // Its own peers are mostly those near it.
        direct.sort(Comparator.comparing(session -> peer.nodeId().ringDistanceTo(session.nodeId())));
        RelayCandidates.Builder request = RelayCandidates.newBuilder();
        List<Session> named = direct.subList(0, Math.min(CANDIDATES_MAX, direct.size()));
        named.forEach(session -> request.addNodes(bytes(session.nodeId())));
        Coordinate own = sessions.coordinates().own();
        if (own != null) {
            request.setCoordinate(own.toProto());
        }
        return calls.call(peer, "relay.candidates", request.build().toByteArray())
                .thenApply(body -> answer(body, named));
    }

    private Answer answer(byte[] body, List<Session> named) {
        List<RelayChoice.Candidate> common = new ArrayList<>();
        List<Other> others = new ArrayList<>();
        List<Session> notCommon = new ArrayList<>(named);
        Coordinate coordinate = null;
        try {
            RelayCandidatesReply reply = RelayCandidatesReply.parseFrom(body);
            coordinate = reply.hasCoordinate() ? Coordinate.fromProto(reply.getCoordinate()) : null;
            for (RelayCandidate each : reply.getCommonList()) {
                OverlayId nodeId = id(each.getNode());
                Session near = nodeId == null ? null : directSession(nodeId);
                if (near != null && common.size() < CANDIDATES_MAX) {
                    notCommon.remove(near);
                    common.add(new RelayChoice.Candidate(near.nodeId(), rttNanos(near), nanos(each.getRttMicros())));
                }
            }
            for (int i = 0; i < Math.min(OTHERS_MAX, reply.getOthersCount()); i++) {
                Contact contact = Contacts.fromProto(reply.getOthers(i), identities);
                if (contact != null) {
                    int micros = i < reply.getOthersRttMicrosCount() ? reply.getOthersRttMicros(i) : 0;
                    others.add(new Other(contact, nanos(micros)));
                }
            }
        } catch (InvalidProtocolBufferException e) {
            runtime.counters().counter("call.drop.malformed").increment();
        }
        return new Answer(common, others, notCommon, coordinate);
    }

    private CompletableFuture<byte[]> onCandidates(Session from, byte[] request) throws InvalidProtocolBufferException {
        RelayCandidates named = RelayCandidates.parseFrom(request);
        RelayKeeper keeper = keepers.get(from.nodeId());
        if (keeper != null) {
            keeper.onPeerLeads();
        }
        Coordinate theirs = named.hasCoordinate() ? Coordinate.fromProto(named.getCoordinate()) : null;
        RelayCandidatesReply.Builder reply = RelayCandidatesReply.newBuilder();
        List<Session> others = new ArrayList<>();
        for (Session session : sessions.sessions()) {
            if (session != from && session.isDirect()) {
                others.add(session);
            }
        }
        for (ByteString bytes : named.getNodesList().subList(0, Math.min(named.getNodesCount(), CANDIDATES_MAX))) {
            OverlayId nodeId = id(bytes);
            Session common = nodeId == null ? null : directSession(nodeId);
            if (common != null && common != from) {
                others.remove(common);
                reply.addCommon(RelayCandidate.newBuilder().setNode(bytes).setRttMicros(micros(rttNanos(common))));
            }
        }
        for (Session other : mostPromising(others, theirs)) {
            reply.addOthers(Contacts.toProto(Contacts.of(other.nodeId(), other)));
            reply.addOthersRttMicros(micros(reckonedNanos(other, theirs)));
        }
        Coordinate own = sessions.coordinates().own();
        if (own != null) {
            reply.setCoordinate(own.toProto());
        }
        // For the next time.
        measureNeighbours();
        return CompletableFuture.completedFuture(reply.build().toByteArray());
    }

    /** A few of these, drawn at random, those first by way of which the round trip seems to be least. */
    private List<Session> mostPromising(List<Session> drawnFrom, @Nullable Coordinate theirs) {
        List<Session> drawn = new ArrayList<>();
        while (!drawnFrom.isEmpty()) {
            drawn.add(drawnFrom.remove(runtime.random().nextInt(drawnFrom.size())));
        }
        drawn.sort(Comparator.comparingLong(session -> {
            long rtt = reckonedNanos(session, theirs);
            return rtt < 0 ? Long.MAX_VALUE : rtt;
        }));
        return drawn.subList(0, Math.min(OTHERS_MAX, drawn.size()));
    }

    /** The round trip to a node at {@code far} by way of this direct peer: measured, then reckoned; or -1. */
    long reckonedNanos(Session relay, @Nullable Coordinate far) {
        long near = rttNanos(relay);
        Coordinate place = relay.peerCoordinate();
        return near < 0 || place == null || far == null ? -1 : near + place.distanceNanos(far);
    }

    /** Has the round trips to some of the direct peers measured, where that is not under way; not too often. */
    void measureNeighbours() {
        long now = runtime.clock().nanoTime();
        if (measured && now - measuredNanos < MEASURE_GAP_NANOS) {
            return;
        }
        measured = true;
        measuredNanos = now;
        sessions.sessions().stream()
                .filter(Session::isDirect)
                .limit(CANDIDATES_MAX)
                .forEach(Session::doubt);
    }

    private static long nanos(int micros) {
        return micros == 0 ? -1 : Integer.toUnsignedLong(micros) * MICRO_NANOS;
    }

    private static int micros(long nanos) {
        long micros = nanos / MICRO_NANOS;
        return micros < 1 ? 0 : (int) Math.min(micros, Integer.MAX_VALUE);
    }

    private static long rttNanos(Session session) {
        Path active = session.activePath();
        return active == null ? -1 : active.lowRttNanos();
    }

    // -------------------------------------------------------------------- between ends

    /** Asks the peer to link to these for a moment. */
    void tellMeet(Session peer, List<Session> ours) {
        List<Contact> contacts = new ArrayList<>();
        ours.forEach(session -> contacts.add(Contacts.of(session.nodeId(), session)));
        var unused = calls.call(peer, "relay.meet", Contacts.encode(contacts));
    }

    private CompletableFuture<byte[]> onMeet(Session from, byte[] request) throws InvalidProtocolBufferException {
        List<Contact> named = Contacts.fromProto(ContactList.parseFrom(request), identities);
        if (!keepers.containsKey(from.nodeId()) || !meetings.meet(from, named)) {
            return CompletableFuture.failedFuture(new CallException("not now"));
        }
        return CompletableFuture.completedFuture(new byte[0]);
    }

    /** Tells the peer which relay's path we take. */
    void tellUse(Session peer, OverlayId via) {
        byte[] request = RelayUse.newBuilder().setNode(bytes(via)).build().toByteArray();
        var unused = calls.call(peer, "relay.use", request);
    }

    private CompletableFuture<byte[]> onUse(Session from, byte[] request) throws InvalidProtocolBufferException {
        OverlayId via = id(RelayUse.parseFrom(request).getNode());
        RelayKeeper keeper = keepers.get(from.nodeId());
        if (keeper != null) {
            keeper.onPeerLeads();
            for (Path path : keeper.paths()) {
                if (path.route().via() != null && path.route().via().equals(via)) {
                    from.prefer(path.route());
                }
            }
        }
        return CompletableFuture.completedFuture(new byte[0]);
    }

    /** Wishes for a session with this node, so that it may relay. */
    void link(Contact contact, Object owner) {
        List<FrameRoute> routes = new ArrayList<>();
        contact.endpoints().forEach(endpoint -> routes.add(sessions.routeTo(endpoint)));
        links.want(contact.identity(), routes, owner, Purpose.RELAY);
    }

    /** Takes such a wish back. */
    void unlink(OverlayId nodeId, Object owner) {
        links.release(nodeId, owner, Purpose.RELAY);
    }

    // ---------------------------------------------------------------------- release

    static void tellReleased(SessionCalls calls, Session session, int label) {
        if (session.isOpen() && label != 0) {
            var unused = calls.call(
                    session,
                    "relay.release",
                    RelayBound.newBuilder().setLabel(label).build().toByteArray());
        }
    }

    private CompletableFuture<byte[]> onRelease(Session from, byte[] request) throws InvalidProtocolBufferException {
        RelayLabels.Target target = labels.get(RelayBound.parseFrom(request).getLabel());
        if (target instanceof RelayBinding.Leg leg && leg.session() == from) {
            forwarder.onReleased(leg);
        } else if (target instanceof RelayRoute route && route.relay() == from) {
            ends.drop(route);
        }
        return CompletableFuture.completedFuture(new byte[0]);
    }

    // ----------------------------------------------------------------------- shared

    /** The session with this node if its traffic goes straight there, else null. */
    @Nullable
    Session directSession(OverlayId nodeId) {
        Session session = sessions.session(nodeId);
        return session != null && session.isDirect() ? session : null;
    }

    OverlayId self() {
        return self;
    }

    NodeRuntime runtime() {
        return runtime;
    }

    RelayEnds ends() {
        return ends;
    }

    RelayChoice choice() {
        return choice;
    }

    /** An ID from a message, or null. */
    static @Nullable OverlayId id(ByteString bytes) {
        return bytes.size() == OverlayId.BYTES ? OverlayId.of(bytes.toByteArray()) : null;
    }

    /** An ID for a message. */
    static ByteString bytes(OverlayId id) {
        return ByteString.copyFrom(id.toByteArray());
    }

    /** The label of an encoded {@link RelayBound}, 0 if it is damaged. */
    static int label(byte[] body) {
        try {
            return RelayBound.parseFrom(body).getLabel();
        } catch (InvalidProtocolBufferException e) {
            return 0;
        }
    }
}
