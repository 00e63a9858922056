package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.noise.CipherSuite;
import io.p2pvpn.overlay.noise.SessionCrypto;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.overlay.wire.Frame;
import io.p2pvpn.overlay.wire.proto.Control;
import io.p2pvpn.simulator.SimRuntime;
import io.p2pvpn.simulator.SimWorld;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What receiving costs a member with that many peers, when each frame is another one's. */
@State(Scope.Thread)
public class PeersBenchmark {
    private static final int PACKET_BYTES = 64;
    private static final int PLAIN_BYTES = Frame.PREFIX_BYTES + PACKET_BYTES;
    private static final int FRAME_BYTES = PLAIN_BYTES + Frame.OVERHEAD_BYTES;
    private static final int PORT = 4000;

    @Param({"1", "50", "200"})
    int peers;

    private final SimRuntime runtime =
            new SimWorld(1).network().addHost("member").start();
    private final Listener listener = new Listener();
    private final SessionLayer layer =
            new SessionLayer(runtime, Identity.generate(runtime.keys()), SessionConfig.DEFAULT, listener);
    private final ReceiverIndices indices = new ReceiverIndices(runtime.keys(), layer.queues());
    /** As the data plane finds what a session's packets may hold. */
    private final Map<OverlayId, Object> members = new LinkedHashMap<>();

    private final byte[] plain = new byte[PLAIN_BYTES];
    private final byte[] frame = new byte[FRAME_BYTES];
    private Peer[] all = new Peer[0];
    private int next;

    /** A session, and what its other end seals with. */
    private record Peer(Session session, int index, EpochShare sealer, Endpoint from) {}

    private static final class Listener implements SessionListener {
        private int received;

        @Override
        public void onPacket(
                Session session, int kind, int channel, byte[] buffer, int offset, int length, int trafficClass) {
            received++;
        }

        @Override
        public void onUp(Session session) {}

        @Override
        public void onDown(Session session, String reason) {}

        @Override
        public void onControl(Session session, Control message, FrameRoute via) {}

        @Override
        public void onBatchEnd() {}

        @Override
        public void onPathChanged(Session session) {}

        @Override
        public void onObserved(Session session, FrameRoute via, Endpoint ours) {}

        @Override
        public void onWritable() {}
    }

    /** Makes the sessions. */
    @Setup
    public void prepare() {
        plain[0] = Frame.KIND_PACKET;
        all = new Peer[peers];
        for (int i = 0; i < peers; i++) {
            all[i] = peer(i);
            members.put(all[i].session().nodeId(), all[i]);
        }
        if (frame() != 1) {
            throw new IllegalStateException("not received");
        }
    }

    private Peer peer(int number) {
        PublicIdentity identity = Identity.generate(runtime.keys()).publicIdentity();
        byte[] address = {10, 0, (byte) (number >> 8), (byte) number};
        Endpoint from = Objects.requireNonNull(Endpoint.of(Endpoint.Kind.UDP, address, PORT));
        byte[] there = new byte[CipherSuite.KEY_BYTES];
        byte[] back = new byte[CipherSuite.KEY_BYTES];
        runtime.keys().fill(there);
        runtime.keys().fill(back);
        int index = layer.newIndex();
        Epoch ours = epoch(identity, index, 0, there, back);
        Session session = layer.establish(ours, identity, layer.routeTo(from));
        indices.put(ours, session);
        return new Peer(session, index, epoch(identity, 0, index, back, there).share(0), from);
    }

    private static Epoch epoch(PublicIdentity initiator, int local, int remote, byte[] sealKey, byte[] openKey) {
        Epoch.Terms terms = new Epoch.Terms(initiator.nodeId(), false, 1, 1, local, remote, CipherSuite.AES_256_GCM);
        Epoch epoch = new Epoch(terms, new byte[CipherSuite.KEY_BYTES], sealKey, openKey, SessionCrypto.PLATFORM, 1, 0);
        epoch.confirm();
        return epoch;
    }

    private Peer turn() {
        next = next + 1 >= peers ? 0 : next + 1;
        return all[next];
    }

    /** From a frame's receiver index to the session. */
    @Benchmark
    public @Nullable Session index() {
        Epoch epoch = indices.epoch(turn().index());
        return epoch == null ? null : epoch.session();
    }

    /** From the session to what the data plane knows of the member. */
    @Benchmark
    public @Nullable Object member() {
        return members.get(turn().session().nodeId());
    }

    /** All of it, from the datagram to the packet; the other end's sealing included. */
    @Benchmark
    public int frame() {
        Peer peer = turn();
        peer.sealer().seal(0, plain, 0, PLAIN_BYTES, frame, 0);
        layer.onFrames(peer.from(), frame, 0, FRAME_BYTES, FRAME_BYTES, Transport.CLASS_DEFAULT);
        return listener.received;
    }
}
