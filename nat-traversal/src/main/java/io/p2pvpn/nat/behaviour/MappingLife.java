package io.p2pvpn.nat.behaviour;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.SideSocket;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.overlay.session.MarkFrame;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.proto.NatCheckReply;
import io.p2pvpn.overlay.wire.proto.NatLife;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Finds out how long the boxes in front of this node let a peer answer when nothing is sent meanwhile (RFC 4787 section
 * 4.3; RFC 5780 section 4.6, with a peer instead of a server): a port that nothing else uses writes to one of a peer's,
 * which writes back later and later. Does the same for others. Confined to the node's loop.
 *
 * <p>What the asked one sends is one datagram for one received, to the address that it came from and that the session
 * has proven.
 */
public final class MappingLife {
    /** Trials served at a time. */
    static final int SERVED_MAX = 16;

    /** The silences that are tried, in this order, until one is too long. */
    private static final int[] DELAYS_SECONDS = {10, 20, 40, 80};

    private static final int KEEPALIVE_SECONDS_MIN = 5;
    private static final int KEEPALIVE_SECONDS_MAX = 25;
    /** The keepalive is so much of the silence that was survived. */
    private static final double SHARE = 0.6;

    private static final int MARKS = 2;
    /** A failure counts when it happens again: one datagram may be lost. */
    private static final int TRIES = 2;

    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long FIRST_NANOS = 5 * SECOND_NANOS;
    private static final long RETRY_NANOS = 30 * SECOND_NANOS;
    private static final long AGAIN_NANOS = 3600 * SECOND_NANOS;
    private static final long MARGIN_NANOS = 2 * SECOND_NANOS;

    private final OverlayNode node;
    private final NodeRuntime runtime;
    /** Whom we serve. */
    private final TreeMap<OverlayId, SideSocket> served = new TreeMap<>();

    private int keepaliveSeconds;
    /** Trials of an earlier network say nothing. */
    private int network;

    private boolean closed;

    /** Serves others from now on; {@link #start} begins our own trials. */
    public MappingLife(OverlayNode node) {
        this.node = node;
        this.runtime = node.runtime();
        node.calls().handle("nat.life", this::onLife);
    }

    /** Tries soon, and again every hour. */
    public void start() {
        begin(FIRST_NANOS);
    }

    /** Tries no more. */
    public void close() {
        closed = true;
    }

    /** Seconds between packets that keep a way open, or 0 while that is not known. */
    public int keepaliveSeconds() {
        return keepaliveSeconds;
    }

    /** The node is in another network: nothing is known any more. */
    public void onNetworkChanged() {
        network++;
        keepaliveSeconds = 0;
        begin(FIRST_NANOS);
    }

    private void begin(long delayNanos) {
        int current = network;
        runtime.timers().schedule(delayNanos, () -> {
            if (!closed && current == network) {
                step(current, 0, 1);
            }
        });
    }

    private void step(int current, int index, int tries) {
        Session asked = NatCheck.chooseAsked(node);
        Endpoint remote = asked == null ? null : NatCheck.udpEndpoint(asked);
        byte[] nonce = new byte[MarkFrame.NONCE_BYTES];
        runtime.keys().fill(nonce);
        boolean[] came = new boolean[1];
        SideSocket side = remote == null
                ? null
                : runtime.transport()
                        .openSide((socket, from, buffer, offset, length, segmentBytes, trafficClass) ->
                                came[0] |= MarkFrame.holds(nonce, buffer, offset, Math.min(length, segmentBytes)));
        if (asked == null || remote == null || side == null) {
            begin(RETRY_NANOS);
            return;
        }
        byte[] request = NatLife.newBuilder()
                .setNonce(ByteString.copyFrom(nonce))
                .setDelaySeconds(DELAYS_SECONDS[index])
                .build()
                .toByteArray();
        Completions.whenDone(runtime.timers(), node.calls().call(asked, "nat.life", request), (body, failure) -> {
            int port = failure == null ? NatCheck.port(body) : 0;
            Endpoint other = Endpoint.of(Endpoint.Kind.UDP, remote.addressBytes(), port);
            if (other == null || closed || current != network) {
                side.close();
                if (current == network) {
                    begin(RETRY_NANOS);
                }
                return;
            }
            write(side, other, nonce);
            runtime.timers().schedule(DELAYS_SECONDS[index] * SECOND_NANOS + MARGIN_NANOS, () -> {
                side.close();
                if (!closed && current == network) {
                    onTried(current, index, tries, came[0]);
                }
            });
        });
    }

    private void onTried(int current, int index, int tries, boolean survived) {
        if (survived && index + 1 < DELAYS_SECONDS.length) {
            step(current, index + 1, 1);
        } else if (!survived && tries < TRIES) {
            step(current, index, tries + 1);
        } else {
            int life = survived ? DELAYS_SECONDS[index] : index == 0 ? 0 : DELAYS_SECONDS[index - 1];
            keepaliveSeconds = Math.max(KEEPALIVE_SECONDS_MIN, Math.min(KEEPALIVE_SECONDS_MAX, (int) (SHARE * life)));
            runtime.counters().counter("nat.life.tried").increment();
            begin(AGAIN_NANOS);
        }
    }

    private static void write(SideSocket side, Endpoint to, byte[] nonce) {
        byte[] mark = MarkFrame.of(0, nonce);
        for (int i = 0; i < MARKS; i++) {
            side.send(to, mark, 0, mark.length, mark.length, Transport.CLASS_DEFAULT);
        }
    }

    // -------------------------------------------------------------------- for others

    private CompletableFuture<byte[]> onLife(Session from, byte[] body) throws InvalidProtocolBufferException {
        NatLife asked = NatLife.parseFrom(body);
        byte[] nonce = asked.getNonce().toByteArray();
        int delay = asked.getDelaySeconds();
        Endpoint proven = NatCheck.udpEndpoint(from);
        boolean sound = nonce.length == MarkFrame.NONCE_BYTES
                && delay > 0
                && delay <= DELAYS_SECONDS[DELAYS_SECONDS.length - 1];
        if (!sound || proven == null || served.size() >= SERVED_MAX || served.containsKey(from.nodeId())) {
            return CompletableFuture.failedFuture(new CallException("not now"));
        }
        SideSocket side = open(proven, nonce, delay * SECOND_NANOS);
        if (side == null) {
            return CompletableFuture.failedFuture(new CallException("not now"));
        }
        served.put(from.nodeId(), side);
        runtime.timers().schedule(delay * SECOND_NANOS + MARGIN_NANOS, () -> {
            served.remove(from.nodeId());
            side.close();
        });
        return CompletableFuture.completedFuture(
                NatCheckReply.newBuilder().setPort(side.port()).build().toByteArray());
    }

    private @Nullable SideSocket open(Endpoint proven, byte[] nonce, long delayNanos) {
        boolean[] heard = new boolean[1];
        return runtime.transport().openSide((socket, sender, buffer, offset, length, segmentBytes, trafficClass) -> {
            boolean ours = MarkFrame.holds(nonce, buffer, offset, Math.min(length, segmentBytes));
            if (ours && !heard[0] && sender.address().equals(proven.address())) {
                heard[0] = true;
                runtime.timers().schedule(delayNanos, () -> write(socket, sender, nonce));
            }
        });
    }
}
