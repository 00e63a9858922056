package io.p2pvpn.crawler.task;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.crawler.wire.proto.NearAsk;
import io.p2pvpn.crawler.wire.proto.NearReply;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.ring.Contacts;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.overlay.session.Session;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Asks a linked neighbour whom it has beside it. Confined to the node's loop. */
final class NearCalls {
    /** Session call. */
    static final String METHOD = "crawl.near";

    private static final int TOLD = 2;

    private final OverlayNode node;
    private final NeighbourView view;

    /** Answers others from now on. */
    NearCalls(OverlayNode node, NeighbourView view) {
        this.node = node;
        this.view = view;
        node.calls().handle(METHOD, this::onCall);
    }

    private CompletableFuture<byte[]> onCall(Session from, byte[] request) throws InvalidProtocolBufferException {
        NearAsk ask = NearAsk.parseFrom(request);
        for (Ring ring : node.rings()) {
            if (ring.ringIdBytes().equals(ask.getRing()) && ring.peer(from) != null) {
                NodeReport report = view.look(ring);
                return CompletableFuture.completedFuture(NearReply.newBuilder()
                        .addAllSuccessors(report.successors().stream()
                                .limit(TOLD)
                                .map(Contacts::bytes)
                                .toList())
                        .addAllPredecessors(report.predecessors().stream()
                                .limit(TOLD)
                                .map(Contacts::bytes)
                                .toList())
                        .build()
                        .toByteArray());
            }
        }
        return CompletableFuture.failedFuture(new CallException("refused"));
    }

    /** The request to a neighbour in that ring. */
    static byte[] ask(Ring ring) {
        return NearAsk.newBuilder().setRing(ring.ringIdBytes()).build().toByteArray();
    }

    /** A neighbour's first two counter-clockwise; fails if it does not answer. */
    CompletableFuture<byte[]> call(RingPeer peer, Ring ring) {
        return node.calls().call(peer.session(), METHOD, ask(ring));
    }

    /** What an answer says, or null. */
    static @Nullable List<OverlayId> predecessors(byte @Nullable [] reply) {
        if (reply == null) {
            return null;
        }
        try {
            return NodeReport.ids(NearReply.parseFrom(reply).getPredecessorsList(), TOLD);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }
}
