package io.p2pvpn.overlay.session;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.coordinate.CoordinateSpace;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.path.EndpointRoute;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.path.SideRoute;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.SideSocket;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.overlay.wire.Frame;
import io.p2pvpn.overlay.wire.proto.Control;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All sessions of a node: takes frames from the transport (and from rings), finds the keys by receiver index, opens
 * them and hands the content on. Confined to the node's loop.
 */
public final class SessionLayer implements Transport.Receiver {
    /** Sessions of a node. */
    public static final int SESSIONS_MAX = 4096;

    private static final int FINISH_TRIES = 8;
    private static final long FINISH_GAP_NANOS = 300_000_000L;
    private static final long REKEY_TIMEOUT_NANOS = 10_000_000_000L;

    private final NodeRuntime runtime;
    private final SessionConfig config;
    private final SessionListener listener;
    private final OverlayId self;
    private final Handshakes handshakes;
    private final SessionQueues queues;
    private final ReceiverIndices indices;
    private final Rivals rivals = new Rivals(this);
    private final TreeMap<OverlayId, Session> sessions = new TreeMap<>();
    private final TreeMap<OverlayId, Initiation> rekeys = new TreeMap<>();
    private final Scratch opened = new Scratch();
    private final byte[] controlPlain = new byte[Fragments.PIECE_BYTES + 64];
    private final byte[] controlSealed = new byte[Fragments.PIECE_BYTES + 64 + Frame.OVERHEAD_BYTES];
    private final Counters.Counter framesReceived;
    private LabelHandler labelHandler = this::dropLabelled;
    private CoordinateSpace coordinates = CoordinateSpace.NONE;
    private @Nullable SideRoute lastSideRoute;
    private long nowNanos;

    /** A layer that takes over the runtime's transport. */
    public SessionLayer(NodeRuntime runtime, Identity identity, SessionConfig config, SessionListener listener) {
        this(runtime, identity, config, new IdentityCache(), listener);
    }

    /** Like the other, with a memory of identities that it shares. */
    public SessionLayer(
            NodeRuntime runtime,
            Identity identity,
            SessionConfig config,
            IdentityCache identities,
            SessionListener listener) {
        this.runtime = runtime;
        this.config = config;
        this.listener = listener;
        this.self = identity.publicIdentity().nodeId();
        this.handshakes = new Handshakes(runtime, identity, identities, this);
        this.framesReceived = runtime.counters().counter("session.received.frames");
        this.queues = new SessionQueues(this);
        this.indices = new ReceiverIndices(runtime.keys(), queues);
        runtime.transport().setReceiver(this);
    }

    // --------------------------------------------------------------------- public

    /** Which run of this node's process this is: drawn at its start. */
    public long bootId() {
        return handshakes.bootId();
    }

    /** The session with this node, or null. */
    public @Nullable Session session(OverlayId nodeId) {
        return sessions.get(nodeId);
    }

    /** The data-plane queues beside the loop, queue 1 first. */
    public List<SessionQueue> dataQueues() {
        return queues.all();
    }

    SessionQueues queues() {
        return queues;
    }

    Rivals rivals() {
        return rivals;
    }

    /** All sessions, by node ID. */
    public Collection<Session> sessions() {
        return List.copyOf(sessions.values());
    }

    /** Where this node stands in the space of round trips; learns from those that are measured. */
    public CoordinateSpace coordinates() {
        return coordinates;
    }

    /** Who makes a place of the round trips that are measured. */
    public void setCoordinates(CoordinateSpace space) {
        coordinates = space;
    }

    /** A way straight to an endpoint. */
    public FrameRoute routeTo(Endpoint endpoint) {
        return new EndpointRoute(runtime.transport(), endpoint);
    }

    /**
     * Starts a handshake.
     *
     * @param target the peer's keys, or null if only an address is known (then XX instead of IK)
     * @param pinned the node ID that must answer, or null
     * @param routes ways to try, all at once; more may be added
     */
    public Initiation initiate(
            @Nullable PublicIdentity target,
            @Nullable OverlayId pinned,
            List<FrameRoute> routes,
            long timeoutNanos,
            InitiationListener result) {
        Initiation initiation = new Initiation(this, target, pinned, routes, timeoutNanos, result);
        runtime.timers().execute(initiation::attemptIfPending);
        return initiation;
    }

    /** Closes all sessions, telling the peers. */
    public void close() {
        for (Session session : sessions()) {
            session.close("leaving");
        }
        runtime.transport().flush();
    }

    // ------------------------------------------------------------------ receiving

    @Override
    public void onFrames(Endpoint from, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        onFrames(from, null, buffer, offset, length, segmentBytes, trafficClass);
    }

    /** Frames came from {@code from} to the node's own socket, or to a side socket: then {@code route} leads back. */
    private void onFrames(
            Endpoint from,
            @Nullable SideRoute route,
            byte[] buffer,
            int offset,
            int length,
            int segmentBytes,
            int trafficClass) {
        nowNanos = runtime.clock().nanoTime();
        if (segmentBytes <= 0) {
            drop("malformed");
            return;
        }
        Endpoint sender = route == null ? from : null;
        int end = offset + length;
        for (int at = offset; at < end; ) {
            int frame = Math.min(segmentBytes, end - at);
            int label = label(buffer, at, frame);
            if (label == 0) {
                onFrame(sender, route, buffer, at, frame, trafficClass);
                at += frame;
            } else {
                int run = frame;
                while (at + run < end && label(buffer, at + run, Math.min(segmentBytes, end - at - run)) == label) {
                    run += Math.min(segmentBytes, end - at - run);
                }
                labelHandler.onLabelled(label, from, buffer, at, run, segmentBytes, trafficClass);
                at += run;
            }
        }
    }

    /** Opens a side socket whose frames reach the sessions; null where none is to be had. */
    public @Nullable SideSocket openSide() {
        return runtime.transport().openSide(this::onSideFrames);
    }

    private void onSideFrames(
            SideSocket socket,
            Endpoint from,
            byte[] buffer,
            int offset,
            int length,
            int segmentBytes,
            int trafficClass) {
        SideRoute route = lastSideRoute;
        if (route == null || route.socket() != socket || !route.endpoint().equals(from)) {
            route = new SideRoute(socket, from);
            lastSideRoute = route;
        }
        onFrames(from, route, buffer, offset, length, segmentBytes, trafficClass);
    }

    /** The label of a plausible frame, else 0. */
    private static int label(byte[] in, int offset, int length) {
        return Frame.type(in, offset, length) == 0 ? 0 : Frame.label(in, offset);
    }

    /** A frame that a ring or a relay carried came over {@code route}; its label is 0. */
    public void onFrame(FrameRoute route, byte[] buffer, int offset, int length, int trafficClass) {
        nowNanos = runtime.clock().nanoTime();
        onFrame(null, route, buffer, offset, length, trafficClass);
    }

    /** Takes over the frames that carry a relay label; without a handler they are dropped. */
    public void setLabelHandler(LabelHandler handler) {
        labelHandler = handler;
    }

    private void onFrame(
            @Nullable Endpoint from, @Nullable FrameRoute route, byte[] in, int offset, int length, int trafficClass) {
        int type = Frame.type(in, offset, length);
        if (type == 0 || Frame.label(in, offset) != 0) {
            drop(type == 0 ? "malformed" : "unknown-label");
            return;
        }
        if (type == Frame.TYPE_DATA) {
            onData(from, route, in, offset, length, trafficClass);
            return;
        }
        FrameRoute via = route != null || from == null ? route : routeTo(from);
        if (via == null) {
            return;
        }
        if (type == Frame.TYPE_INIT) {
            handshakes.onInit(via, in, offset, length);
            return;
        }
        Object state = indices.get(Frame.receiver(in, offset));
        if (type == Frame.TYPE_RESPONSE && state instanceof Initiation.Try aTry) {
            handshakes.onResponse(aTry, via, in, offset, length);
        } else if (type == Frame.TYPE_COOKIE && state instanceof Initiation.Try aTry) {
            handshakes.onCookie(aTry, in, offset, length);
        } else if (type == Frame.TYPE_FINISH && state instanceof Handshakes.AwaitingFinish awaited) {
            handshakes.onFinish(awaited, in, offset, length);
        } else {
            drop("unknown-index");
        }
    }

    private void onData(
            @Nullable Endpoint from, @Nullable FrameRoute route, byte[] in, int offset, int length, int trafficClass) {
        int index = Frame.receiver(in, offset);
        Epoch epoch = indices.epoch(index);
        if (epoch == null) {
            Object state = indices.get(index);
            if (!(state instanceof ReceiverIndices.ExpectedMark mark)) {
                drop("unknown-index");
            } else if (!mark.onFrame(from, in, offset, length)) {
                drop("mark");
            }
            return;
        }
        if (queues.handIn(from, route, in, offset, length, trafficClass)) {
            return;
        }
        EpochShare share = epoch.share(0);
        EpochShare.Opened result = share.open(in, offset, length, opened.atLeast(length));
        if (result == EpochShare.Opened.OK) {
            framesReceived.increment();
            epoch.onOpened(share.isNewestFrame());
            onOpened(epoch, from, route, length, trafficClass);
        } else {
            drop(result == EpochShare.Opened.REPLAYED ? "replayed" : "forged");
        }
    }

    /** A queue opened a frame of {@code length} bytes that is none of its business. */
    void onOpenedElsewhere(
            Epoch epoch,
            @Nullable Endpoint from,
            @Nullable FrameRoute route,
            int length,
            boolean newest,
            byte[] plain,
            int offset,
            int trafficClass) {
        if (indices.epoch(epoch.terms().localIndex()) == epoch) {
            nowNanos = runtime.clock().nanoTime();
            epoch.onOpened(newest);
            System.arraycopy(plain, offset, opened.atLeast(length), 0, length - Frame.OVERHEAD_BYTES);
            onOpened(epoch, from, route, length, trafficClass);
        }
    }

    /** The array {@link #opened} holds the content of a frame of {@code length} bytes. */
    private void onOpened(
            Epoch epoch, @Nullable Endpoint from, @Nullable FrameRoute route, int length, int trafficClass) {
        Session session = sessionOf(epoch);
        int plainBytes = length - Frame.OVERHEAD_BYTES;
        if (session == null) {
            return;
        }
        if (plainBytes < Frame.PREFIX_BYTES) {
            drop("empty");
            return;
        }
        session.onFrame(epoch, from, route, length, nowNanos);
        byte[] plain = opened.bytes();
        int kind = plain[0];
        if (kind == Frame.KIND_PACKET || kind == Frame.KIND_PACKET_PARTIAL_CHECKSUM || kind == Frame.KIND_STREAM) {
            session.onTraffic(epoch, Epoch.Use.PACKETS);
            int bytes = plainBytes - Frame.PREFIX_BYTES;
            listener.onPacket(session, kind, plain[1] & 0xff, plain, Frame.PREFIX_BYTES, bytes, trafficClass);
        } else if (kind == Frame.KIND_CONTROL || kind == Frame.KIND_FRAGMENT) {
            session.onPlain(epoch, plain, plainBytes, session.routeOf(from, route));
        } else {
            drop("unknown-kind");
        }
    }

    /** The session that a frame under these keys is of: made by it, if it is the first. Null if it is not admitted. */
    private @Nullable Session sessionOf(Epoch epoch) {
        if (indices.get(epoch.terms().localIndex()) instanceof ReceiverIndices.HalfOpen half) {
            if (!rivals.admits(half.peer().nodeId(), epoch.terms().remoteBootId())) {
                return null;
            }
            epoch.confirm();
            establish(epoch, half.peer(), half.route());
        }
        return epoch.session();
    }

    /** What a queue did for a session. */
    void onReport(LaneReport report) {
        Epoch heard = report.heardEpoch();
        if (heard == null || sessionOf(heard) != null) {
            report.lane().session().onReport(report);
        }
    }

    /**
     * Expects one {@link MarkFrame}.
     *
     * @return the index to write into it, or 0 if too much is expected already
     */
    public int expectMark(byte[] nonce, MarkFrame.Listener listener) {
        return indices.expectMark(nonce, listener);
    }

    /** Expects it no more. */
    public void forgetMark(int index) {
        indices.forgetMark(index);
    }

    private void dropLabelled(
            int label, Endpoint from, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        for (int at = offset; at < offset + length; at += segmentBytes) {
            drop("unknown-label");
        }
    }

    @Override
    public void onBatchEnd() {
        listener.onBatchEnd();
        runtime.transport().flush();
    }

    @Override
    public void onClosed(Endpoint remote) {
        sessions().forEach(session -> session.onClosed(remote));
    }

    @Override
    public void onWritable() {
        listener.onWritable();
        queues.scheduleDrainIfAny();
    }

    @Override
    public void onNetworkChanged() {
        runtime.counters().counter("network.changed").increment();
        sessions().forEach(Session::onNetworkChanged);
        listener.onNetworkChanged();
    }

    // ------------------------------------------------------------- session's side

    OverlayId self() {
        return self;
    }

    NodeRuntime runtime() {
        return runtime;
    }

    Transport transport() {
        return runtime.transport();
    }

    SessionConfig config() {
        return config;
    }

    SessionListener listener() {
        return listener;
    }

    long now() {
        return runtime.clock().nanoTime();
    }

    byte[] controlPlain() {
        return controlPlain;
    }

    byte[] controlSealed() {
        return controlSealed;
    }

    void count(String event) {
        runtime.counters().counter("session." + event).increment();
    }

    /** Counts a drop; the reasons are those of docs/protocol.md section 8. */
    void drop(String reason) {
        runtime.counters().counter("session.drop." + reason).increment();
    }

    @Nullable
    Control parse(byte[] in, int offset, int length) {
        try {
            return Control.parseFrom(ByteString.copyFrom(in, offset, length));
        } catch (InvalidProtocolBufferException e) {
            drop("control-malformed");
            return null;
        }
    }

    void forget(Epoch epoch) {
        indices.remove(epoch);
    }

    void down(Session session, String reason) {
        if (session.isOpen()) {
            session.onDown();
            sessions.remove(session.nodeId(), session);
            Initiation rekey = rekeys.remove(session.nodeId());
            if (rekey != null) {
                rekey.cancel();
            }
            listener.onDown(session, reason);
        }
    }

    // ----------------------------------------------------------- handshakes' side

    Initiation.Try prepare(Initiation initiation, int epochNumber) {
        int index = newIndex();
        Initiation.Try next = handshakes.prepare(initiation, index, epochNumber);
        indices.put(index, next);
        return next;
    }

    int nextEpochNumber(OverlayId nodeId) {
        Session session = sessions.get(nodeId);
        return session == null ? 1 : session.epochs().nextNumber();
    }

    /** Number of an IK handshake that the peer starts: both ends take the responder's word. */
    int answerEpochNumber(OverlayId nodeId, long bootId, int proposed) {
        Session session = sessions.get(nodeId);
        return session != null && session.remoteBootId() == bootId
                ? Math.max(proposed, session.epochs().nextNumber())
                : proposed;
    }

    int newIndex() {
        return indices.fresh();
    }

    void release(int index) {
        indices.release(index);
    }

    void await(Handshakes.AwaitingFinish awaited) {
        indices.await(awaited);
    }

    void await(Epoch epoch, PublicIdentity peer, FrameRoute route) {
        Session session = sessions.get(peer.nodeId());
        boolean same =
                session != null && session.remoteBootId() == epoch.terms().remoteBootId();
        indices.await(new ReceiverIndices.HalfOpen(epoch, peer, route), same ? session : null);
    }

    boolean isFresh(OverlayId nodeId, long bootId, long timestampMillis) {
        Session session = sessions.get(nodeId);
        return session == null || session.isFresh(bootId, timestampMillis);
    }

    /** Confirmed keys with {@code peer}, proven over {@code route}: a new session, or new keys of an old one. */
    Session establish(Epoch epoch, PublicIdentity peer, FrameRoute route) {
        long now = now();
        Session session = sessions.get(peer.nodeId());
        if (session != null && session.remoteBootId() != epoch.terms().remoteBootId()) {
            down(session, "the peer restarted");
            session = null;
        }
        if (session != null) {
            indices.put(epoch, session);
            session.adopt(epoch, route, now);
            return session;
        }
        if (sessions.size() >= SESSIONS_MAX) {
            evict();
        }
        session = new Session(this, peer, epoch, route, now);
        sessions.put(peer.nodeId(), session);
        indices.put(epoch, session);
        session.reschedule();
        listener.onUp(session);
        return session;
    }

    private void evict() {
        for (Session session : sessions()) {
            if (!session.isWanted()) {
                session.close("too many sessions");
                return;
            }
        }
    }

    /** The initiator's first frame confirms the keys to the responder; a third message is repeated until it did. */
    void confirmTo(Session session, Epoch epoch, byte @Nullable [] finish) {
        session.probe();
        if (finish != null) {
            repeatFinish(session, epoch, finish, FINISH_TRIES);
        }
    }

    private void repeatFinish(Session session, Epoch epoch, byte[] finish, int triesLeft) {
        runtime.timers().schedule(FINISH_GAP_NANOS, () -> {
            if (session.isOpen() && !epoch.isConfirmed() && triesLeft > 0) {
                session.paths()
                        .forEach(path ->
                                path.route().send(finish, 0, finish.length, finish.length, Transport.CLASS_DEFAULT));
                repeatFinish(session, epoch, finish, triesLeft - 1);
            }
        });
    }

    void onFinished(Initiation initiation) {
        if (rekeys.remove(initiation.expected(), initiation)) {
            Session session = sessions.get(initiation.expected());
            if (session != null) {
                session.reschedule();
            }
        }
    }

    // -------------------------------------------------------------------- rekeying

    long rekeyAtNanos(Session session) {
        return rekeys.containsKey(session.nodeId())
                ? Long.MAX_VALUE
                : session.epochs().rekeyAtNanos(config);
    }

    /** Starts a handshake for new keys, unless one is under way. */
    void rekey(Session session) {
        Path active = session.activePath();
        if (active == null || rekeys.containsKey(session.nodeId())) {
            return;
        }
        InitiationListener ignore = new InitiationListener() {
            @Override
            public void onSession(Session same) {
                runtime.counters().counter("session.rekeyed").increment();
            }

            @Override
            public void onFailed(String reason) {
                runtime.counters().counter("session.rekey-failed").increment();
            }
        };
        rekeys.put(
                session.nodeId(), initiate(session.peer(), null, List.of(active.route()), REKEY_TIMEOUT_NANOS, ignore));
    }
}
