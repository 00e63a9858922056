package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.TestNet;
import io.p2pvpn.overlay.wire.proto.Control;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A node with sessions only, which records what happens. */
public final class TestPeer implements SessionListener, InitiationListener {
    private final TestNet.Node runtime;
    private final Identity identity;
    private final SessionLayer layer;
    private final List<String> events = new ArrayList<>();
    private final List<Control> controls = new ArrayList<>();

    /** A node at this environment. */
    public TestPeer(TestNet.Node runtime) {
        this.runtime = runtime;
        this.identity = Identity.generate(runtime);
        this.layer = new SessionLayer(runtime, identity, SessionConfig.DEFAULT, this);
    }

    /** Its environment. */
    public TestNet.Node runtime() {
        return runtime;
    }

    /** Its keys. */
    public Identity identity() {
        return identity;
    }

    /** Its sessions. */
    public SessionLayer layer() {
        return layer;
    }

    /** "up", "down", "session" and "failed", in order. */
    public List<String> events() {
        return events;
    }

    /** Control messages received. */
    public List<Control> controls() {
        return controls;
    }

    /** Calls a peer. */
    public void call(TestPeer other) {
        layer.initiate(
                other.identity.publicIdentity(),
                null,
                List.of(layer.routeTo(other.runtime.address())),
                5_000_000_000L,
                this);
    }

    /** The session with a peer, which there must be. */
    public Session with(TestPeer other) {
        return Objects.requireNonNull(
                layer.session(other.identity.publicIdentity().nodeId()));
    }

    @Override
    public void onUp(Session session) {
        events.add("up");
    }

    @Override
    public void onDown(Session session, String reason) {
        events.add("down");
    }

    @Override
    public void onControl(Session session, Control message, FrameRoute via) {
        controls.add(message);
    }

    @Override
    public void onPacket(
            Session session, int kind, int channel, byte[] buffer, int offset, int length, int trafficClass) {
        events.add("packet");
    }

    @Override
    public void onBatchEnd() {
        // Nothing is gathered.
    }

    @Override
    public void onPathChanged(Session session) {
        // Not looked at.
    }

    @Override
    public void onObserved(Session session, FrameRoute via, Endpoint ours) {
        // Not looked at.
    }

    @Override
    public void onWritable() {
        // Always writable.
    }

    @Override
    public void onSession(Session session) {
        events.add("session");
    }

    @Override
    public void onFailed(String reason) {
        events.add("failed");
    }
}
