package io.p2pvpn.overlay.relay;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.link.LinkTable;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.rpc.SessionCalls;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.TestNet;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.session.SessionConfig;
import io.p2pvpn.overlay.session.SessionLayer;
import io.p2pvpn.overlay.session.SessionListener;
import io.p2pvpn.overlay.wire.Frame;
import io.p2pvpn.overlay.wire.proto.Control;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A node with sessions, links, calls and relays, but without a ring. */
final class RelayPeer implements SessionListener {
    private final TestNet net;
    private final TestNet.Node runtime;
    private final Identity identity;
    private final SessionLayer layer;
    private final LinkTable links;
    private final SessionCalls calls;
    private final List<byte[]> packets = new ArrayList<>();
    private final List<Integer> classes = new ArrayList<>();
    private final @Nullable Relays relays;

    /** A node that relays within {@code limits}, or takes no part in relaying if they are null. */
    RelayPeer(TestNet net, int last, @Nullable RelayLimits limits) {
        this.net = net;
        this.runtime = net.add(last);
        this.identity = Identity.generate(runtime);
        this.layer = new SessionLayer(runtime, identity, SessionConfig.DEFAULT, this);
        this.links = new LinkTable(layer);
        this.calls = new SessionCalls(runtime);
        this.relays = limits == null
                ? null
                : new Relays(
                        runtime, id(), layer, links, calls, limits, RelayChoice.LEAST_ROUND_TRIP, new IdentityCache());
    }

    /** A way between two nodes that stands for the ring: it carries whatever is sent. */
    private record RingLine(RelayPeer from, RelayPeer to) implements FrameRoute {
        @Override
        public Kind kind() {
            return Kind.RING;
        }

        @Override
        public @Nullable Endpoint endpoint() {
            return null;
        }

        @Override
        public boolean send(byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
            for (int at = offset; at < offset + length; at += segmentBytes) {
                byte[] frame = Arrays.copyOfRange(buffer, at, Math.min(at + segmentBytes, offset + length));
                from.net.deliverLater(() ->
                        to.layer.onFrame(new RingLine(to, from), frame, 0, frame.length, Transport.CLASS_DEFAULT));
            }
            return true;
        }
    }

    OverlayId id() {
        return identity.publicIdentity().nodeId();
    }

    TestNet.Node runtime() {
        return runtime;
    }

    SessionLayer layer() {
        return layer;
    }

    SessionCalls calls() {
        return calls;
    }

    Relays relays() {
        return Objects.requireNonNull(relays);
    }

    List<byte[]> packets() {
        return packets;
    }

    /** Of the packets, one for each. */
    List<Integer> classes() {
        return classes;
    }

    /** Wishes for a session straight to {@code other}. */
    void linkTo(RelayPeer other) {
        links.want(
                other.identity.publicIdentity(),
                List.of(layer.routeTo(other.runtime.address())),
                this,
                Purpose.BOOTSTRAP);
    }

    /** Wishes for a session over the ring. */
    void meetOverRing(RelayPeer other) {
        links.want(other.identity.publicIdentity(), List.of(new RingLine(this, other)), this, Purpose.NEAR);
    }

    /** The session with a peer, which there must be. */
    Session with(RelayPeer other) {
        return Objects.requireNonNull(layer.session(other.id()));
    }

    /** Kind of the active path to a peer. */
    FrameRoute.@Nullable Kind kindTo(RelayPeer other) {
        Session session = layer.session(other.id());
        return session == null || session.activePath() == null
                ? null
                : session.activePath().route().kind();
    }

    /** Sends a batch of packets of that many bytes. */
    boolean sendPackets(RelayPeer other, int count, int bytes) {
        return sendPackets(other, count, bytes, Transport.CLASS_DEFAULT);
    }

    boolean sendPackets(RelayPeer other, int count, int bytes, int trafficClass) {
        byte[] plain = new byte[Frame.PREFIX_BYTES + bytes];
        plain[0] = Frame.KIND_PACKET;
        int frame = plain.length + Frame.OVERHEAD_BYTES;
        byte[] batch = new byte[count * frame];
        for (int i = 0; i < count; i++) {
            with(other).seal(plain, 0, plain.length, batch, i * frame);
        }
        return with(other).sendFrames(batch, 0, batch.length, frame, trafficClass);
    }

    long count(String counter) {
        return runtime.counters().counter(counter).value();
    }

    @Override
    public void onUp(Session session) {
        links.onUp(session);
        if (relays != null) {
            relays.onUp(session);
        }
    }

    @Override
    public void onDown(Session session, String reason) {
        links.onDown(session);
        if (relays != null) {
            relays.onDown(session);
        }
    }

    @Override
    public void onControl(Session session, Control message, FrameRoute via) {
        if (message.hasCall()) {
            calls.onRequest(session, message.getCall());
        } else if (message.hasReply()) {
            calls.onReply(message.getReply());
        }
    }

    @Override
    public void onPacket(
            Session session, int kind, int channel, byte[] buffer, int offset, int length, int trafficClass) {
        packets.add(Arrays.copyOfRange(buffer, offset, offset + length));
        classes.add(trafficClass);
    }

    @Override
    public void onBatchEnd() {
        // Nothing is gathered.
    }

    @Override
    public void onPathChanged(Session session) {
        if (relays != null) {
            relays.onPathChanged(session);
        }
    }

    @Override
    public void onObserved(Session session, FrameRoute via, Endpoint ours) {
        // Not looked at.
    }

    @Override
    public void onWritable() {
        // Always writable.
    }
}
