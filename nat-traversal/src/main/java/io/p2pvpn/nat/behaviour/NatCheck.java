package io.p2pvpn.nat.behaviour;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.path.EndpointRoute;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.SideSocket;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.overlay.session.MarkFrame;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.Endpoints;
import io.p2pvpn.overlay.wire.proto.NatSeen;
import java.util.HexFormat;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Asks a peer to write to us from another of its ports, and writes to that port: the tests of RFC 5780 section 4, with
 * one peer instead of a server; and does the same for others. Confined to the node's loop.
 *
 * <p>What a check makes the asked one send goes only to where the asking one is known to be.
 */
public final class NatCheck {
    /** Checks served at a time. */
    static final int SERVED_MAX = 16;

    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long FIRST_NANOS = SECOND_NANOS;
    private static final long AGAIN_NANOS = 600 * SECOND_NANOS;
    private static final long RETRY_NANOS = 15 * SECOND_NANOS;
    /** So long a mark may take in. */
    private static final long FILTER_NANOS = 500_000_000L;
    /** So long another port is kept open. */
    private static final long SERVED_NANOS = 4 * SECOND_NANOS;

    private static final int MARKS = 2;

    private final OverlayNode node;
    private final NodeRuntime runtime;
    private final NatLearner learner;
    private final HairpinCheck hairpin;
    private final StrangerCheck stranger;
    /** What we wait to be told that it came, by nonce. */
    private final TreeMap<String, Endpoint> awaited = new TreeMap<>();

    private Timers.@Nullable Timer timer;
    private int served;
    private boolean closed;

    /** Serves others from now on; {@link #start} begins our own checks. */
    public NatCheck(OverlayNode node, NatLearner learner) {
        this.node = node;
        this.runtime = node.runtime();
        this.learner = learner;
        this.hairpin = new HairpinCheck(node, learner);
        this.stranger = new StrangerCheck(node, learner);
        node.calls().handle("nat.check", this::onCheck);
        node.calls().handle("nat.seen", this::onSeen);
    }

    /** Checks soon, and then every now and then. */
    public void start() {
        later(FIRST_NANOS);
    }

    private void later(long nanos) {
        if (timer != null) {
            timer.cancel();
        }
        timer = runtime.timers().schedule(nanos, this::round);
    }

    /** Checks no more. */
    public void close() {
        closed = true;
    }

    private void round() {
        if (closed) {
            return;
        }
        Session asked = chooseAsked(node);
        boolean begun = asked != null && check(asked);
        later(begun ? AGAIN_NANOS : RETRY_NANOS);
    }

    /** A session over UDP and IPv4, best one with a public address, or null. */
    static @Nullable Session chooseAsked(OverlayNode node) {
        Session chosen = null;
        for (Session session : node.sessions().sessions()) {
            Endpoint remote = udpEndpoint(session);
            if (remote != null && !remote.isIpv6() && (chosen == null || remote.isGlobal())) {
                chosen = session;
            }
        }
        return chosen;
    }

    /** Where the peer is written to from the node's own socket, or null if it is not. */
    static @Nullable Endpoint udpEndpoint(Session session) {
        Path active = session.activePath();
        return active != null && active.route() instanceof EndpointRoute direct && direct.kind() == FrameRoute.Kind.UDP
                ? direct.endpoint()
                : null;
    }

    private boolean check(Session asked) {
        Endpoint remote = udpEndpoint(asked);
        byte[] nonce = new byte[MarkFrame.NONCE_BYTES];
        runtime.keys().fill(nonce);
        boolean[] came = new boolean[1];
        int index = node.sessions().expectMark(nonce, from -> came[0] |= isFrom(remote, from));
        if (index == 0 || remote == null) {
            return false;
        }
        byte[] request = io.p2pvpn.overlay.wire.proto.NatCheck.newBuilder()
                .setIndex(index)
                .setNonce(ByteString.copyFrom(nonce))
                .build()
                .toByteArray();
        Completions.whenDone(runtime.timers(), node.calls().call(asked, "nat.check", request), (body, failure) -> {
            int port = failure == null ? port(body) : 0;
            Endpoint other = port == 0 ? null : Endpoint.of(Endpoint.Kind.UDP, remote.addressBytes(), port);
            if (other == null) {
                node.sessions().forgetMark(index);
                return;
            }
            runtime.timers().schedule(FILTER_NANOS, () -> {
                node.sessions().forgetMark(index);
                learner.onFilterChecked(came[0]);
                writeTo(other, index, nonce);
                hairpin.check();
                if (came[0]) {
                    stranger.check(asked, remote);
                }
            });
        });
        return true;
    }

    private static boolean isFrom(@Nullable Endpoint asked, Endpoint from) {
        return asked != null && from.address().equals(asked.address()) && from.port() != asked.port();
    }

    /** The port of a NatCheckReply, or 0. */
    static int port(byte[] body) {
        try {
            return io.p2pvpn.overlay.wire.proto.NatCheckReply.parseFrom(body).getPort();
        } catch (InvalidProtocolBufferException e) {
            return 0;
        }
    }

    private void writeTo(Endpoint other, int index, byte[] nonce) {
        String key = key(nonce);
        awaited.put(key, other);
        runtime.timers().schedule(SERVED_NANOS, () -> awaited.remove(key));
        byte[] mark = MarkFrame.of(index, nonce);
        for (int i = 0; i < MARKS; i++) {
            runtime.transport().send(other, mark, 0, mark.length, mark.length, Transport.CLASS_DEFAULT);
        }
    }

    private static String key(byte[] nonce) {
        return HexFormat.of().formatHex(nonce);
    }

    private CompletableFuture<byte[]> onSeen(Session from, byte[] body) throws InvalidProtocolBufferException {
        NatSeen seen = NatSeen.parseFrom(body);
        Endpoint other = awaited.remove(key(seen.getNonce().toByteArray()));
        Endpoint ours = Endpoints.fromProto(seen.getObserved());
        if (other != null && ours != null) {
            learner.onObserved(other, ours);
        }
        return CompletableFuture.completedFuture(new byte[0]);
    }

    // -------------------------------------------------------------------- for others

    private CompletableFuture<byte[]> onCheck(Session from, byte[] body) throws InvalidProtocolBufferException {
        io.p2pvpn.overlay.wire.proto.NatCheck asked = io.p2pvpn.overlay.wire.proto.NatCheck.parseFrom(body);
        byte[] nonce = asked.getNonce().toByteArray();
        Endpoint target = udpEndpoint(from);
        if (target == null || nonce.length != MarkFrame.NONCE_BYTES || served >= SERVED_MAX) {
            return CompletableFuture.failedFuture(new CallException("not now"));
        }
        boolean[] told = new boolean[1];
        SideSocket other = runtime.transport()
                .openSide((socket, sender, buffer, offset, length, segmentBytes, trafficClass) -> {
                    if (!told[0] && MarkFrame.holds(nonce, buffer, offset, Math.min(length, segmentBytes))) {
                        told[0] = true;
                        tell(from, nonce, sender);
                    }
                });
        if (other == null) {
            return CompletableFuture.failedFuture(new CallException("not now"));
        }
        served++;
        runtime.timers().schedule(SERVED_NANOS, () -> {
            served--;
            other.close();
        });
        byte[] mark = MarkFrame.of(asked.getIndex(), nonce);
        for (int i = 0; i < MARKS; i++) {
            other.send(target, mark, 0, mark.length, mark.length, Transport.CLASS_DEFAULT);
        }
        return CompletableFuture.completedFuture(io.p2pvpn.overlay.wire.proto.NatCheckReply.newBuilder()
                .setPort(other.port())
                .build()
                .toByteArray());
    }

    private void tell(Session asking, byte[] nonce, Endpoint observed) {
        if (asking.isOpen()) {
            NatSeen seen = NatSeen.newBuilder()
                    .setNonce(ByteString.copyFrom(nonce))
                    .setObserved(Endpoints.toProto(observed))
                    .build();
            var unused = node.calls().call(asking, "nat.seen", seen.toByteArray());
        }
    }
}
