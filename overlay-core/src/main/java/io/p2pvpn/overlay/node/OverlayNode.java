package io.p2pvpn.overlay.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.link.LinkTable;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.nat.NatFacts;
import io.p2pvpn.overlay.path.EndpointRoute;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.relay.RelayChoice;
import io.p2pvpn.overlay.relay.RelayLimits;
import io.p2pvpn.overlay.relay.Relays;
import io.p2pvpn.overlay.ring.Broadcasts;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingConfig;
import io.p2pvpn.overlay.ring.RingFactory;
import io.p2pvpn.overlay.ring.RingHost;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.overlay.rpc.SessionCalls;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.session.SessionConfig;
import io.p2pvpn.overlay.session.SessionLayer;
import io.p2pvpn.overlay.session.SessionListener;
import io.p2pvpn.overlay.stream.StreamLayer;
import io.p2pvpn.overlay.wire.Frame;
import io.p2pvpn.overlay.wire.proto.Control;
import io.p2pvpn.overlay.wire.proto.IdList;
import io.p2pvpn.overlay.wire.proto.RingBroadcast;
import io.p2pvpn.overlay.wire.proto.RingMerge;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A node of the overlay: member of the public ring and of any number of private ones. Confined to the node's loop; it
 * opens nothing by itself but what its runtime gives it.
 */
public final class OverlayNode implements RingHost {
    /** Rings that a node can be in. */
    public static final int RINGS_MAX = 64;

    private static final long CANDIDATES_AGAIN_NANOS = 700_000_000L;
    private static final int AWAITED_MAX = 1024;
    private static final int CANDIDATES_DOUBLINGS_MAX = 5;

    private final NodeRuntime runtime;
    private final Identity identity;
    private final CandidateSource candidateSource;
    private final RingFactory ringFactory;
    private final IdentityCache identities;
    private final SessionLayer sessions;
    private final LinkTable links;
    private final SessionCalls calls;
    private final Relays relays;
    private final StreamLayer streams;
    private final Roaming roaming;
    private final Ring publicRing;
    private final Map<ByteString, Ring> rings = new LinkedHashMap<>();
    private final ObservedEndpoints observed = new ObservedEndpoints();
    private final List<SessionObserver> observers = new ArrayList<>();
    private final TreeMap<OverlayId, List<CompletableFuture<Session>>> awaited = new TreeMap<>();
    /** Sessions whose candidates go out again and again. */
    private final TreeMap<OverlayId, Session> seekingDirect = new TreeMap<>();

    private @Nullable PacketReceiver packets;
    private @Nullable Bootstrapper bootstrapper;

    /** Hears of sessions that come and go. */
    public interface SessionObserver {
        /** The peer has proven its keys. */
        void onUp(Session session);

        /** The session is over. */
        void onDown(Session session, String reason);

        /** Another path carries its traffic, or none is left but a worse one. */
        default void onPathChanged(Session session) {}

        /** What the peer's wall clock said a moment ago, in ms since 1970. */
        default void onPeerClock(Session session, long epochMillis) {}

        /** The peer says that another process runs with our identity, and stays with that one. */
        default void onIdentityInUse(Session session) {}

        /** The peer says that another process with our identity called it, from there, and was refused. */
        default void onRival(Session session, @Nullable Endpoint seenAt) {}
    }

    /** A node that has not called anybody yet, and relays within {@link RelayLimits#DEFAULT}. */
    public OverlayNode(NodeRuntime runtime, Identity identity, SessionConfig config, CandidateSource candidateSource) {
        this(runtime, identity, config, candidateSource, NodeParts.of(RelayLimits.DEFAULT));
    }

    /** Like the other, composed of these parts. */
    public OverlayNode(
            NodeRuntime runtime,
            Identity identity,
            SessionConfig config,
            CandidateSource candidateSource,
            NodeParts parts) {
        this.runtime = runtime;
        this.identity = identity;
        this.candidateSource = candidateSource;
        this.ringFactory = parts.rings();
        this.identities = parts.identities();
        this.sessions = new SessionLayer(runtime, identity, config, identities, new Events());
        this.sessions.setCoordinates(parts.coordinates().apply(runtime));
        this.links = new LinkTable(sessions);
        this.calls = new SessionCalls(runtime);
        PublicIdentity ours = identity.publicIdentity();
        this.streams = new StreamLayer(runtime, ours.nodeId(), this::useForStreams);
        this.relays = new Relays(
                runtime,
                ours.nodeId(),
                sessions,
                links,
                calls,
                parts.relayLimits(),
                RelayChoice.LEAST_ROUND_TRIP,
                identities);
        this.publicRing = ringFactory.create(this, new RingConfig(new byte[0], ours.nodeId(), null, 0));
        rings.put(ByteString.EMPTY, publicRing);
        roaming = new Roaming(this, runtime, sessions);
        links.addListener((nodeId, reason) -> {
            rings().forEach(ring -> ring.onLinkFailed(nodeId));
            settle(nodeId, null, reason);
        });
        calls.handle("ring.contacts", this::onContactsCall);
        calls.handle(Ring.MERGE_METHOD, this::onMergeCall);
        calls.handle(Broadcasts.METHOD, this::onBroadcastCall);
    }

    /** Founds the public ring: for the first bootstrap node. */
    public void foundPublicRing() {
        publicRing.found();
    }

    /** Founds it unless somebody has answered: for a bootstrap node whose companions are all away. */
    public void foundPublicRingIfAlone() {
        if (!publicRing.isJoined() && !hasMembers()) {
            publicRing.found();
        }
    }

    /** True if there is nobody else in the public ring, as far as we can reach. */
    public boolean isAlone() {
        return publicRing.peers().isEmpty();
    }

    /** Finds the way into the public ring by these nodes, now and whenever it is lost; by others if said again. */
    public void bootstrap(List<BootstrapTarget> targets) {
        if (bootstrapper != null) {
            bootstrapper.retarget(targets);
            return;
        }
        bootstrapper = new Bootstrapper(this, targets);
        publicRing.onJoined(() -> {
            if (bootstrapper != null) {
                bootstrapper.release();
            }
        });
        bootstrapper.callAll();
    }

    /**
     * Calls a node that was heard on one of our links, once, as {@link #bootstrap} calls those that are named.
     *
     * @param udp where it takes datagrams, or null
     * @param tcp where it takes streams, or null
     */
    public void callOnLan(@Nullable Endpoint udp, @Nullable Endpoint tcp) {
        if (bootstrapper == null) {
            bootstrap(List.of());
        }
        if (bootstrapper != null) {
            bootstrapper.callHeard(udp, tcp);
        }
    }

    /** Leaves all rings and closes all sessions, telling the peers. */
    public void close() {
        if (bootstrapper != null) {
            bootstrapper.stop();
        }
        relays.close();
        roaming.stop();
        rings().forEach(ring -> ring.leave(() -> true));
        sessions.close();
    }

    // ---------------------------------------------------------------------- rings

    /** The ring of all nodes. */
    public Ring publicRing() {
        return publicRing;
    }

    /** All rings, the public one first. */
    public Collection<Ring> rings() {
        return List.copyOf(rings.values());
    }

    /** Adds a private ring. */
    public Ring addRing(RingConfig config) {
        if (rings.size() >= RINGS_MAX) {
            throw new IllegalStateException("more than " + RINGS_MAX + " rings");
        }
        Ring ring = ringFactory.create(this, config);
        rings.put(ByteString.copyFrom(config.ringId()), ring);
        return ring;
    }

    /** Leaves a private ring. */
    public void removeRing(byte[] ringId) {
        Ring ring = rings.remove(ByteString.copyFrom(ringId));
        if (ring != null) {
            ring.leave(() -> rings.containsKey(ByteString.copyFrom(ringId)));
        }
    }

    /** Who takes the packets that peers send. */
    public void setPacketReceiver(PacketReceiver receiver) {
        packets = receiver;
    }

    /** Adds someone who hears of sessions. */
    public void addObserver(SessionObserver observer) {
        observers.add(observer);
    }

    /** A session with this contact of {@code ring}: the one there is, or a new one; fails if nobody answers. */
    public CompletableFuture<Session> connect(Ring ring, Contact contact, Purpose purpose) {
        OverlayId nodeId = contact.identity().nodeId();
        CompletableFuture<Session> connected = new CompletableFuture<>();
        ring.meet(contact, purpose);
        Session session = sessions.session(nodeId);
        if (session != null) {
            connected.complete(session);
        } else if (awaited.size() >= AWAITED_MAX) {
            connected.completeExceptionally(new CallException("too many connections under way"));
        } else {
            awaited.computeIfAbsent(nodeId, unused -> new ArrayList<>()).add(connected);
        }
        return connected;
    }

    private void settle(OverlayId nodeId, @Nullable Session session, String reason) {
        List<CompletableFuture<Session>> waiting = awaited.remove(nodeId);
        if (waiting != null) {
            for (CompletableFuture<Session> each : waiting) {
                if (session != null) {
                    each.complete(session);
                } else {
                    each.completeExceptionally(new CallException(reason));
                }
            }
        }
    }

    /** What is known of the NAT boxes in front of this node. */
    public NatFacts nat() {
        return candidateSource.nat();
    }

    /** How peers see us, most often reported first. */
    public List<Endpoint> observedEndpoints() {
        return observed.ranked();
    }

    /** What is relayed, for others and for us. */
    public Relays relays() {
        return relays;
    }

    /** Streams to and from peers. */
    public StreamLayer streams() {
        return streams;
    }

    /** A session with streams in it is kept. */
    private void useForStreams(Session session, boolean used) {
        if (used) {
            links.want(session.peer(), List.of(), streams, Purpose.CHOTA);
        } else {
            links.release(session.nodeId(), streams, Purpose.CHOTA);
        }
    }

    /** True if we are in contact with another member of the public ring. */
    public boolean hasMembers() {
        return (publicRing.isJoined() && publicRing.sizeEstimate() > 1)
                || publicRing.peers().stream().anyMatch(peer -> peer.isJoined());
    }

    void onBootstrapped() {
        runtime.counters().counter("bootstrap.sessions").increment();
    }

    // ------------------------------------------------------------------- RingHost

    @Override
    public NodeRuntime runtime() {
        return runtime;
    }

    @Override
    public PublicIdentity identity() {
        return identity.publicIdentity();
    }

    @Override
    public IdentityCache identities() {
        return identities;
    }

    @Override
    public SessionLayer sessions() {
        return sessions;
    }

    @Override
    public LinkTable links() {
        return links;
    }

    @Override
    public SessionCalls calls() {
        return calls;
    }

    @Override
    public List<Endpoint> candidates() {
        return candidateSource.candidates(observed.ranked());
    }

    /** Tells the peers that traffic does not reach over UDP where else to try us: a router maps a port, or no more. */
    public void onCandidatesChanged() {
        seekingDirect.values().forEach(session -> session.sendCandidates(candidates(), candidateSource.nat()));
    }

    private CompletableFuture<byte[]> onContactsCall(Session from, byte[] request)
            throws InvalidProtocolBufferException {
        IdList wanted = IdList.parseFrom(request);
        Ring ring = rings.get(wanted.getRing());
        if (ring != null) {
            return CompletableFuture.completedFuture(ring.onContactsCall(from, wanted));
        }
        return CompletableFuture.failedFuture(new CallException("no such ring here"));
    }

    private CompletableFuture<byte[]> onMergeCall(Session from, byte[] request) throws InvalidProtocolBufferException {
        RingMerge told = RingMerge.parseFrom(request);
        Ring ring = rings.get(told.getRing());
        if (ring != null) {
            ring.onMergeCall(from, told);
            return CompletableFuture.completedFuture(new byte[0]);
        }
        return CompletableFuture.failedFuture(new CallException("no such ring here"));
    }

    private CompletableFuture<byte[]> onBroadcastCall(Session from, byte[] request)
            throws InvalidProtocolBufferException {
        RingBroadcast message = RingBroadcast.parseFrom(request);
        Ring ring = rings.get(message.getRing());
        if (ring != null) {
            return ring.broadcasts().onMessage(from, message);
        }
        runtime.counters().counter("ring.drop.unknown-ring").increment();
        return CompletableFuture.failedFuture(new CallException("refused"));
    }

    /** Candidates go out, and are tried, again and again while traffic does not go over UDP, ever more slowly. */
    private void seekDirect(Session session) {
        if (seekingDirect.put(session.nodeId(), session) != session) {
            sendCandidates(session, 0);
        }
    }

    private void sendCandidates(Session session, int tries) {
        session.sendCandidates(candidates(), candidateSource.nat());
        candidateSource.onIndirect(session);
        long gap = CANDIDATES_AGAIN_NANOS << Math.min(tries, CANDIDATES_DOUBLINGS_MAX);
        runtime.timers().schedule(gap, () -> {
            if (session.isOpen() && !session.isOverUdp()) {
                session.tryCandidates();
                sendCandidates(session, tries + 1);
            } else {
                seekingDirect.remove(session.nodeId(), session);
            }
        });
    }

    /** Tells the peer by this way where we can be tried. */
    void sendCandidatesOver(Session session, FrameRoute route) {
        session.sendCandidatesOver(route, candidates(), candidateSource.nat());
    }

    private final class Events implements SessionListener {
        @Override
        public @Nullable Control earlyWord(PublicIdentity peer) {
            return publicRing.earlyStatus(peer.nodeId());
        }

        @Override
        public void onUp(Session session) {
            links.onUp(session);
            seekDirect(session);
            relays.onUp(session);
            rings().forEach(ring -> ring.onUp(session));
            List.copyOf(observers).forEach(observer -> observer.onUp(session));
            settle(session.nodeId(), session, "");
        }

        @Override
        public void onDown(Session session, String reason) {
            streams.onDown(session, reason);
            links.onDown(session);
            relays.onDown(session);
            rings().forEach(ring -> ring.onDown(session));
            List.copyOf(observers).forEach(observer -> observer.onDown(session, reason));
            if (bootstrapper != null) {
                bootstrapper.callAll();
            }
        }

        @Override
        public void onControl(Session session, Control message, FrameRoute via) {
            switch (message.getBodyCase()) {
                case CALL -> calls.onRequest(session, message.getCall());
                case REPLY -> calls.onReply(message.getReply());
                case ADMISSION -> {
                    Ring ring = ringOf(message.getAdmission().getRing());
                    if (ring != null) {
                        ring.onAdmission(session, message.getAdmission());
                    }
                }
                case RING_STATUS -> {
                    Ring ring = ringOf(message.getRingStatus().getRing());
                    if (ring != null) {
                        ring.onStatus(session, message.getRingStatus());
                    }
                }
                case RING_LEAVE -> {
                    Ring ring = ringOf(message.getRingLeave().getRing());
                    if (ring != null) {
                        ring.onLeave(session, message.getRingLeave());
                    }
                }
                case RING_MESSAGE -> {
                    Ring ring = ringOf(message.getRingMessage().getRing());
                    if (ring != null) {
                        ring.onMessage(session, message.getRingMessage());
                    }
                }
                default ->
                    runtime.counters()
                            .counter("session.ignored.unknown-message")
                            .increment();
            }
        }

        private @Nullable Ring ringOf(ByteString ringId) {
            Ring ring = ringId.isEmpty() ? publicRing : rings.get(ringId);
            if (ring == null) {
                runtime.counters().counter("ring.drop.unknown-ring").increment();
            }
            return ring;
        }

        @Override
        public void onPacket(
                Session session, int kind, int channel, byte[] buffer, int offset, int length, int trafficClass) {
            if (kind == Frame.KIND_STREAM) {
                streams.onPacket(session, buffer, offset, length);
            } else if (packets != null) {
                packets.onPacket(session, kind, channel, buffer, offset, length, trafficClass);
            }
        }

        @Override
        public void onBatchEnd() {
            streams.onBatchEnd();
            if (packets != null) {
                packets.onBatchEnd();
            }
        }

        @Override
        public void onPathChanged(Session session) {
            if (!session.isOverUdp()) {
                seekDirect(session);
            }
            streams.onPathChanged(session);
            relays.onPathChanged(session);
            rings().forEach(ring -> ring.onPathChanged(session));
            observers.forEach(observer -> observer.onPathChanged(session));
        }

        @Override
        public void onObserved(Session session, FrameRoute via, Endpoint ours) {
            // A side socket's address is no address of the node.
            if (via instanceof EndpointRoute direct) {
                candidateSource.onObserved(session, direct.endpoint(), ours);
                if (observed.onReport(session.nodeId(), ours)) {
                    roaming.onNewObserved();
                }
            }
        }

        @Override
        public void onPeerClock(Session session, long epochMillis) {
            List.copyOf(observers).forEach(observer -> observer.onPeerClock(session, epochMillis));
        }

        @Override
        public void onIdentityInUse(Session session) {
            List.copyOf(observers).forEach(observer -> observer.onIdentityInUse(session));
        }

        @Override
        public void onRival(Session session, @Nullable Endpoint seenAt) {
            List.copyOf(observers).forEach(observer -> observer.onRival(session, seenAt));
        }

        @Override
        public int keepaliveSeconds() {
            return candidateSource.keepaliveSeconds();
        }

        @Override
        public void onDoubt(Session session) {
            roaming.onDoubt(session);
        }

        @Override
        public void onNetworkChanged() {
            candidateSource.onNetworkChanged();
            rings().forEach(Ring::onNetworkChanged);
            if (bootstrapper != null) {
                bootstrapper.onNetworkChanged();
            }
        }

        @Override
        public void onWritable() {
            streams.onWritable();
            if (packets != null) {
                packets.onWritable();
            }
        }
    }
}
