package io.p2pvpn.simulator;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.session.InitiationListener;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.session.SessionConfig;
import io.p2pvpn.overlay.session.SessionLayer;
import io.p2pvpn.overlay.session.SessionListener;
import io.p2pvpn.overlay.stream.ByteStream;
import io.p2pvpn.overlay.stream.StreamError;
import io.p2pvpn.overlay.stream.StreamLayer;
import io.p2pvpn.overlay.wire.Frame;
import io.p2pvpn.overlay.wire.proto.Control;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A host with sessions, and streams in them. It takes the streams of all services but "none", and serves them so. */
final class StreamPeer implements SessionListener, InitiationListener {
    private final SimHost host;
    private final Identity identity;
    private final SessionLayer layer;
    private final StreamLayer streams;
    private final List<StreamEnds> accepted = new ArrayList<>();
    private Consumer<StreamEnds> onAccept = StreamEnds::readAll;

    StreamPeer(SimHost host, SessionConfig config) {
        this.host = host;
        SimRuntime runtime = host.start();
        this.identity = Identity.generate(runtime.keys());
        this.layer = new SessionLayer(runtime, identity, config, this);
        this.streams = new StreamLayer(runtime, id(), Session::setWanted);
        streams.setAcceptor((from, channel, service, stream) -> {
            if (service.equals("none")) {
                return StreamError.of(StreamError.Kind.NO_SERVICE);
            }
            StreamEnds ends = new StreamEnds(host, service, stream);
            accepted.add(ends);
            onAccept.accept(ends);
            return null;
        });
    }

    SimHost host() {
        return host;
    }

    OverlayId id() {
        return identity.publicIdentity().nodeId();
    }

    /** What is done with each stream that a peer opens, at once. */
    void setOnAccept(Consumer<StreamEnds> action) {
        onAccept = action;
    }

    List<StreamEnds> accepted() {
        return accepted;
    }

    void call(StreamPeer other) {
        layer.initiate(
                other.identity.publicIdentity(),
                null,
                List.of(layer.routeTo(other.host.address())),
                10_000_000_000L,
                this);
    }

    Session with(StreamPeer other) {
        Session session = layer.session(other.id());
        if (session == null) {
            throw new AssertionError(host + " has no session with " + other.host);
        }
        return session;
    }

    boolean isConnected(StreamPeer other) {
        return layer.session(other.id()) != null;
    }

    /** Opens a stream, which is read to its end. */
    StreamEnds open(StreamPeer other, String service) {
        StreamEnds ends = new StreamEnds(host, service, null);
        ByteStream stream = streams.open(with(other), 1, service, ends);
        if (stream == null) {
            throw new AssertionError("no stream");
        }
        ends.set(stream);
        ends.readAll();
        return ends;
    }

    @Nullable
    ByteStream tryOpen(StreamPeer other, String service) {
        return streams.open(with(other), 1, service, new StreamEnds(host, service, null));
    }

    long count(String counter) {
        SimRuntime runtime = host.runtime();
        return runtime == null ? 0 : runtime.counters().snapshot().getOrDefault(counter, 0L);
    }

    @Override
    public void onUp(Session session) {
        // Tests ask.
    }

    @Override
    public void onDown(Session session, String reason) {
        streams.onDown(session, reason);
    }

    @Override
    public void onControl(Session session, Control message, FrameRoute via) {
        throw new AssertionError("unexpected " + message);
    }

    @Override
    public void onPacket(
            Session session, int kind, int channel, byte[] buffer, int offset, int length, int trafficClass) {
        if (kind != Frame.KIND_STREAM) {
            throw new AssertionError("kind " + kind);
        }
        streams.onPacket(session, buffer, offset, length);
    }

    @Override
    public void onBatchEnd() {
        streams.onBatchEnd();
    }

    @Override
    public void onPathChanged(Session session) {
        streams.onPathChanged(session);
    }

    @Override
    public void onObserved(Session session, FrameRoute via, Endpoint ours) {
        // Nothing here needs its own address.
    }

    @Override
    public void onWritable() {
        streams.onWritable();
    }

    @Override
    public void onSession(Session session) {
        // Tests ask.
    }

    @Override
    public void onFailed(String reason) {
        // Tests ask.
    }
}
