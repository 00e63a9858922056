package io.p2pvpn.simulator;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.overlay.session.InitiationListener;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.session.SessionConfig;
import io.p2pvpn.overlay.session.SessionLayer;
import io.p2pvpn.overlay.session.SessionListener;
import io.p2pvpn.overlay.wire.Frame;
import io.p2pvpn.overlay.wire.proto.Control;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A host with sessions and nothing above them; it records what happens to them, and numbers the packets it sends. */
final class Peer implements SessionListener, InitiationListener {
    private static final int PACKET_BYTES = Frame.PREFIX_BYTES + Long.BYTES;

    private final SimHost host;
    private final Identity identity;
    private final SessionLayer layer;
    private final List<String> downs = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private final TreeMap<Long, Integer> packets = new TreeMap<>();
    private final TreeSet<Integer> classes = new TreeSet<>();
    private final List<Control> statuses = new ArrayList<>();
    private @Nullable Control earlyWord;
    private int ups;
    private int succeeded;
    private long nextPacket;

    Peer(SimHost host, SessionConfig config) {
        this.host = host;
        SimRuntime runtime = host.start();
        this.identity = Identity.generate(runtime.keys());
        this.layer = new SessionLayer(runtime, identity, config, this);
    }

    SimHost host() {
        return host;
    }

    PublicIdentity identity() {
        return identity.publicIdentity();
    }

    OverlayId id() {
        return identity().nodeId();
    }

    SessionLayer layer() {
        return layer;
    }

    /** Calls a peer whose keys are known. */
    void callIk(Peer other, long timeoutNanos) {
        layer.initiate(other.identity(), null, routes(other), timeoutNanos, this);
    }

    /** Calls whoever is at the peer's address. */
    void callXx(Peer other, @Nullable OverlayId pinned, long timeoutNanos) {
        layer.initiate(null, pinned, routes(other), timeoutNanos, this);
    }

    List<FrameRoute> routes(Peer other) {
        return List.of(layer.routeTo(other.host.address()));
    }

    @Nullable
    Session with(Peer other) {
        return layer.session(other.id());
    }

    Session openWith(Peer other) {
        Session session = with(other);
        if (session == null) {
            throw new AssertionError(host + " has no session with " + other.host);
        }
        return session;
    }

    /** Sends the next numbered packet; false if it was dropped at once. */
    boolean sendPacket(Peer other) {
        return sendPacket(other, PACKET_BYTES);
    }

    boolean sendPacket(Peer other, int plainBytes) {
        Session session = with(other);
        if (session == null) {
            return false;
        }
        byte[] plain = new byte[plainBytes];
        plain[0] = Frame.KIND_PACKET;
        plain[1] = 7;
        ByteBuffer.wrap(plain).putLong(Frame.PREFIX_BYTES, nextPacket++);
        byte[] frame = new byte[plainBytes + Frame.OVERHEAD_BYTES];
        int bytes = session.seal(plain, 0, plainBytes, frame, 0);
        return bytes == frame.length && session.sendFrames(frame, 0, bytes, bytes, Transport.CLASS_DEFAULT);
    }

    /** Sends a packet every {@code gapNanos}, {@code count} in all. */
    void stream(Peer other, long gapNanos, int count) {
        if (count > 0) {
            sendPacket(other);
            host.world().after(gapNanos, () -> stream(other, gapNanos, count - 1));
        }
    }

    long packetsSent() {
        return nextPacket;
    }

    /** How often each packet arrived, by its number. */
    Map<Long, Integer> packets() {
        return packets;
    }

    /** All traffic classes that packets came with. */
    Set<Integer> classes() {
        return classes;
    }

    int ups() {
        return ups;
    }

    /** The ring statuses that came. */
    List<Control> statuses() {
        return statuses;
    }

    void setEarlyWord(Control word) {
        earlyWord = word;
    }

    @Override
    public @Nullable Control earlyWord(PublicIdentity peer) {
        return earlyWord;
    }

    int succeeded() {
        return succeeded;
    }

    List<String> downs() {
        return downs;
    }

    List<String> failures() {
        return failures;
    }

    long count(String counter) {
        return counters().getOrDefault(counter, 0L);
    }

    Map<String, Long> counters() {
        SimRuntime runtime = host.runtime();
        return runtime == null ? Map.of() : runtime.counters().snapshot();
    }

    @Override
    public void onUp(Session session) {
        ups++;
    }

    @Override
    public void onDown(Session session, String reason) {
        downs.add(reason);
    }

    @Override
    public void onControl(Session session, Control message, FrameRoute via) {
        if (!message.hasRingStatus()) {
            throw new AssertionError("unexpected " + message);
        }
        statuses.add(message);
    }

    @Override
    public void onPacket(
            Session session, int kind, int channel, byte[] buffer, int offset, int length, int trafficClass) {
        if (kind != Frame.KIND_PACKET || channel != 7) {
            throw new AssertionError("kind " + kind + " channel " + channel);
        }
        packets.merge(ByteBuffer.wrap(buffer).getLong(offset), 1, Integer::sum);
        classes.add(trafficClass);
    }

    @Override
    public void onBatchEnd() {
        // Packets are counted one by one.
    }

    @Override
    public void onPathChanged(Session session) {
        // Tests look at the active path itself.
    }

    @Override
    public void onObserved(Session session, FrameRoute via, Endpoint ours) {
        // Nothing here needs its own address.
    }

    @Override
    public void onWritable() {
        // The simulated transport is always writable.
    }

    @Override
    public void onSession(Session session) {
        succeeded++;
    }

    @Override
    public void onFailed(String reason) {
        failures.add(reason);
    }
}
