package io.p2pvpn.crawler.task;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.crawler.mapreduce.TaskLink;
import io.p2pvpn.crawler.mapreduce.TaskNode;
import io.p2pvpn.crawler.mapreduce.TaskPeer;
import io.p2pvpn.crawler.mapreduce.TaskRing;
import io.p2pvpn.crawler.wire.proto.NearAsk;
import io.p2pvpn.crawler.wire.proto.NearReply;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Contacts;
import io.p2pvpn.overlay.rpc.CallException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Asks a linked neighbour whom it has beside it. Confined to the node's loop. */
final class NearCalls {
    /** Session call. */
    static final String METHOD = "crawl.near";

    private static final int TOLD = 2;

    private final TaskNode node;
    private final NeighbourView view;

    /** Answers others from now on. */
    NearCalls(TaskNode node, NeighbourView view) {
        this.node = node;
        this.view = view;
        node.handle(METHOD, this::onCall);
    }

    private CompletableFuture<byte[]> onCall(TaskLink from, byte[] request) throws InvalidProtocolBufferException {
        NearAsk ask = NearAsk.parseFrom(request);
        TaskRing ring = node.ring(ask.getRing());
        if (ring == null || ring.peer(from) == null) {
            return CompletableFuture.failedFuture(new CallException("refused"));
        }
        NodeReport report = view.look(ring);
        return CompletableFuture.completedFuture(NearReply.newBuilder()
                .addAllSuccessors(first(report.successors()))
                .addAllPredecessors(first(report.predecessors()))
                .build()
                .toByteArray());
    }

    private static List<ByteString> first(List<OverlayId> ids) {
        return ids.stream().limit(TOLD).map(Contacts::bytes).toList();
    }

    /** The request to a neighbour in that ring. */
    static byte[] ask(TaskRing ring) {
        return NearAsk.newBuilder().setRing(ring.ringIdBytes()).build().toByteArray();
    }

    /** A neighbour's first two counter-clockwise; fails if it does not answer. */
    CompletableFuture<byte[]> call(TaskPeer peer, TaskRing ring) {
        return peer.link().call(METHOD, ask(ring));
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
