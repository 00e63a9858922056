package io.p2pvpn.overlay.relay;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.link.LinkTable;
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
import io.p2pvpn.overlay.wire.proto.RelayBound;
import io.p2pvpn.overlay.wire.proto.RelayCandidate;
import io.p2pvpn.overlay.wire.proto.RelayCandidates;
import io.p2pvpn.overlay.wire.proto.RelayCandidatesReply;
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

    private static final long MICRO_NANOS = 1_000L;

    /** What the peer says about possible relays. */
    record Answer(List<RelayChoice.Candidate> common, List<Contact> others) {}

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
    private final TreeMap<OverlayId, RelaySearch> searches = new TreeMap<>();
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
        calls.handle("relay.release", this::onRelease);
        sessions.setLabelHandler(this);
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
        if (session.isLinked()) {
            endSearch(session);
        } else {
            search(session, true);
        }
    }

    /** A session is over. */
    public void onDown(Session session) {
        endSearch(session);
        forwarder.onDown(session);
        ends.onDown(session);
    }

    private void onDirect(Session session) {
        endSearch(session);
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

    @Override
    public void onLabelled(int label, Endpoint from, byte[] buffer, int offset, int length, int segmentBytes) {
        RelayLabels.Target target = labels.get(label);
        if (target instanceof RelayBinding.Leg leg) {
            forwarder.forward(leg, from, buffer, offset, length, segmentBytes);
        } else if (target instanceof RelayRoute route && route.relay().isReachedAt(from)) {
            RelayRoute.putLabel(buffer, offset, length, segmentBytes, 0);
            for (int at = offset; at < offset + length; at += segmentBytes) {
                sessions.onFrame(route, buffer, at, Math.min(segmentBytes, offset + length - at));
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
        direct.stream().limit(CANDIDATES_MAX).forEach(session -> request.addNodes(bytes(session.nodeId())));
        return calls.call(peer, "relay.candidates", request.build().toByteArray())
                .thenApply(this::answer);
    }

    private Answer answer(byte[] body) {
        List<RelayChoice.Candidate> common = new ArrayList<>();
        List<Contact> others = new ArrayList<>();
        try {
            RelayCandidatesReply reply = RelayCandidatesReply.parseFrom(body);
            for (RelayCandidate each : reply.getCommonList()) {
                OverlayId nodeId = id(each.getNode());
                Session near = nodeId == null ? null : directSession(nodeId);
                if (near != null && common.size() < CANDIDATES_MAX) {
                    long far = each.getRttMicros() == 0 ? -1 : (each.getRttMicros() & 0xffff_ffffL) * MICRO_NANOS;
                    common.add(new RelayChoice.Candidate(near.nodeId(), rttNanos(near), far));
                }
            }
            reply.getOthersList().stream().limit(OTHERS_MAX).forEach(each -> {
                Contact contact = Contacts.fromProto(each, identities);
                if (contact != null) {
                    others.add(contact);
                }
            });
        } catch (InvalidProtocolBufferException e) {
            runtime.counters().counter("call.drop.malformed").increment();
        }
        return new Answer(common, others);
    }

    private CompletableFuture<byte[]> onCandidates(Session from, byte[] request) {
        RelayCandidates named;
        try {
            named = RelayCandidates.parseFrom(request);
        } catch (InvalidProtocolBufferException e) {
            return CompletableFuture.failedFuture(new CallException("malformed"));
        }
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
                long micros = rttNanos(common) / MICRO_NANOS;
                reply.addCommon(RelayCandidate.newBuilder()
                        .setNode(bytes)
                        .setRttMicros(micros < 1 ? 0 : (int) Math.min(micros, Integer.MAX_VALUE)));
            }
        }
        for (int count = 0; count < OTHERS_MAX && !others.isEmpty(); count++) {
            Session other = others.remove(runtime.random().nextInt(others.size()));
            reply.addOthers(Contacts.toProto(Contacts.of(other.nodeId(), other)));
        }
        return CompletableFuture.completedFuture(reply.build().toByteArray());
    }

    private static long rttNanos(Session session) {
        Path active = session.activePath();
        return active == null ? -1 : active.rttNanos();
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

    private CompletableFuture<byte[]> onRelease(Session from, byte[] request) {
        RelayLabels.Target target = labels.get(label(request));
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

    SessionLayer sessions() {
        return sessions;
    }

    LinkTable links() {
        return links;
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
