package io.p2pvpn.nat.behaviour;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.SideSocket;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.overlay.session.MarkFrame;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.Endpoints;
import io.p2pvpn.overlay.wire.proto.NatMark;
import io.p2pvpn.overlay.wire.proto.NatStranger;
import io.p2pvpn.overlay.wire.proto.NatStrangerReply;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether the boxes let in who was never written to (endpoint-independent filtering, RFC 4787 section 5): a
 * fresh side socket writes to one peer, which has a third node write to where that came from. A fresh socket, since the
 * node's own may have written to anybody. And does the same for others. Confined to the node's loop.
 *
 * <p>A third node sends one mark, shorter than what asked for it; only to the address that the asking end's session has
 * proven at the peer in between; and each node only so many in a minute, for all who ask.
 */
final class StrangerCheck {
    /** Marks that a node sends, and has others send, in a minute. */
    static final int MARKS_PER_MINUTE_MAX = 30;

    private static final String ASK = "nat.stranger";
    private static final String MARK = "nat.mark";
    private static final long MINUTE_NANOS = 60_000_000_000L;
    /** So long a mark of a third node may take. */
    private static final long ANSWER_NANOS = 2_000_000_000L;

    private final OverlayNode node;
    private final NodeRuntime runtime;
    private final NatLearner learner;
    private long minuteNanos;
    private int marks;

    /** Serves others from now on. */
    StrangerCheck(OverlayNode node, NatLearner learner) {
        this.node = node;
        this.runtime = node.runtime();
        this.learner = learner;
        this.minuteNanos = runtime.clock().nanoTime();
        node.calls().handle(ASK, this::onAsk);
        node.calls().handle(MARK, this::onMark);
    }

    /** Checks once, with the help of this peer, which is reached over UDP at that endpoint. */
    void check(Session asked, Endpoint remote) {
        byte[] nonce = new byte[MarkFrame.NONCE_BYTES];
        runtime.keys().fill(nonce);
        SideSocket side = runtime.transport()
                .openSide((socket, from, buffer, offset, length, segmentBytes, trafficClass) -> {
                    boolean isMark = MarkFrame.holds(nonce, buffer, offset, Math.min(length, segmentBytes));
                    if (isMark && !from.address().equals(remote.address())) {
                        learner.onUnaskedReceived();
                    }
                });
        if (side == null) {
            return;
        }
        byte[] request = NatStranger.newBuilder()
                .setNonce(ByteString.copyFrom(nonce))
                .build()
                .toByteArray();
        Completions.whenDone(runtime.timers(), node.calls().call(asked, ASK, request), (body, failure) -> {
            int index = failure == null ? index(body) : 0;
            if (index == 0) {
                side.close();
                return;
            }
            byte[] mark = MarkFrame.of(index, nonce);
            side.send(remote, mark, 0, mark.length, mark.length, Transport.CLASS_DEFAULT);
            runtime.timers().schedule(ANSWER_NANOS, side::close);
        });
    }

    private static int index(byte[] body) {
        try {
            return NatStrangerReply.parseFrom(body).getIndex();
        } catch (InvalidProtocolBufferException e) {
            return 0;
        }
    }

    // -------------------------------------------------------------------- for others

    private CompletableFuture<byte[]> onAsk(Session from, byte[] body) throws InvalidProtocolBufferException {
        byte[] nonce = NatStranger.parseFrom(body).getNonce().toByteArray();
        Endpoint known = NatCheck.udpEndpoint(from);
        if (known == null || nonce.length != MarkFrame.NONCE_BYTES) {
            return refuse("not now");
        }
        Session third = stranger(from, known.address());
        if (third == null || !mayMark()) {
            return refuse("nobody else is at hand");
        }
        boolean[] passedOn = new boolean[1];
        int index = node.sessions().expectMark(nonce, source -> {
            // The address is proven by the session; the port is for the box in front of it to choose.
            if (!passedOn[0] && source.address().equals(known.address()) && third.isOpen()) {
                passedOn[0] = true;
                NatMark.Builder mark = NatMark.newBuilder()
                        .setNonce(ByteString.copyFrom(nonce))
                        .setTarget(Endpoints.toProto(source));
                var unused = node.calls().call(third, MARK, mark.build().toByteArray());
            }
        });
        if (index == 0) {
            return refuse("not now");
        }
        runtime.timers().schedule(ANSWER_NANOS, () -> node.sessions().forgetMark(index));
        return answer(NatStrangerReply.newBuilder().setIndex(index).build());
    }

    /** Somebody who is reached straight, elsewhere than the asking end. */
    private @Nullable Session stranger(Session asking, InetAddress address) {
        for (Session session : node.sessions().sessions()) {
            Endpoint remote = NatCheck.udpEndpoint(session);
            boolean elsewhere = remote != null
                    && !remote.isIpv6()
                    && remote.isGlobal()
                    && !remote.address().equals(address);
            if (elsewhere && session != asking) {
                return session;
            }
        }
        return null;
    }

    private CompletableFuture<byte[]> onMark(Session from, byte[] body) throws InvalidProtocolBufferException {
        NatMark asked = NatMark.parseFrom(body);
        byte[] nonce = asked.getNonce().toByteArray();
        Endpoint target = Endpoints.fromProto(asked.getTarget());
        if (target == null || !isMarkable(target) || nonce.length != MarkFrame.NONCE_BYTES) {
            return refuse("malformed");
        }
        if (!mayMark()) {
            return refuse("not now");
        }
        runtime.counters().counter("nat.marks.sent").increment();
        byte[] mark = MarkFrame.of(0, nonce);
        runtime.transport().send(target, mark, 0, mark.length, mark.length, Transport.CLASS_DEFAULT);
        return answer(NatMark.getDefaultInstance());
    }

    /** Nothing goes to hosts in the networks behind us. */
    private static boolean isMarkable(Endpoint target) {
        return target.kind() == Endpoint.Kind.UDP && !target.isIpv6() && target.isGlobal();
    }

    private boolean mayMark() {
        long now = runtime.clock().nanoTime();
        if (now - minuteNanos >= MINUTE_NANOS) {
            minuteNanos = now;
            marks = 0;
        }
        return marks < MARKS_PER_MINUTE_MAX && ++marks > 0;
    }

    private static CompletableFuture<byte[]> answer(MessageLite reply) {
        return CompletableFuture.completedFuture(reply.toByteArray());
    }

    private static CompletableFuture<byte[]> refuse(String why) {
        return CompletableFuture.failedFuture(new CallException(why));
    }
}
