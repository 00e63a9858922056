package io.p2pvpn.simulator.converged;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.crawler.Crawler;
import io.p2pvpn.crawler.mapreduce.NodeFacts;
import io.p2pvpn.crawler.mapreduce.TaskLink;
import io.p2pvpn.crawler.mapreduce.TaskNode;
import io.p2pvpn.crawler.mapreduce.TaskRing;
import io.p2pvpn.crawler.task.Acquaintance;
import io.p2pvpn.crawler.task.NeighbourView;
import io.p2pvpn.crawler.task.NodeReport;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.overlay.rpc.Calls;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.wire.proto.CallReply;
import io.p2pvpn.overlay.wire.proto.CallRequest;
import io.p2pvpn.overlay.wire.proto.Control;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A member of a {@link LightNetwork}: the classes with which real nodes crawl and answer, and calls between them that
 * are repeated as those of sessions are. Confined to the world's thread.
 */
public final class LightMember implements TaskNode {
    private final LightNetwork network;
    private final int number;
    private final LightRuntime runtime;
    private final Calls calls;
    private final Map<String, TaskLink.Handler> handlers = new TreeMap<>();
    private final LightRing ring;
    private final Crawler crawler;

    LightMember(LightNetwork network, int number, SplittableRandom random) {
        this.network = network;
        this.number = number;
        this.runtime = new LightRuntime(network.world(), number, network.counters(), random);
        this.calls = new Calls(runtime);
        this.ring = new LightRing(network, number, runtime);
        this.crawler = new Crawler(this, NodeFacts.NONE, new View());
        crawler.serve(ring);
    }

    /** Says what is so; nobody looks into faults here. */
    private static final class View implements NeighbourView {
        @Override
        public NodeReport look(TaskRing ring) {
            return NeighbourView.report(NodeFacts.NONE, ring);
        }

        @Override
        public Acquaintance about(TaskRing ring, OverlayId member) {
            return Acquaintance.NONE;
        }
    }

    /** The way to another member. */
    record Link(LightNetwork network, int from, int to) implements TaskLink {
        @Override
        public OverlayId nodeId() {
            return network.id(to);
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public CompletableFuture<byte[]> call(String method, byte[] body) {
            return network.member(from).call(to, method, body);
        }
    }

    /** Its crawls, and its answers to others'. */
    public Crawler crawler() {
        return crawler;
    }

    /** The ring. */
    public TaskRing ring() {
        return ring;
    }

    /** Whom a message to a position goes to next, or -1 if nobody is nearer. */
    int next(OverlayId position) {
        return ring.next(position);
    }

    @Override
    public NodeRuntime runtime() {
        return runtime;
    }

    @Override
    public @Nullable TaskRing ring(ByteString ringIdBytes) {
        return ringIdBytes.equals(ring.ringIdBytes()) ? ring : null;
    }

    @Override
    public void handle(String method, TaskLink.Handler handler) {
        handlers.put(method, handler);
    }

    private CompletableFuture<byte[]> call(int to, String method, byte[] body) {
        return calls.call(
                        method,
                        body,
                        (request, before) -> network.send(
                                number,
                                to,
                                Control.newBuilder().setCall(request).build()))
                .thenApply(reply -> reply.getBody().toByteArray());
    }

    void onMessage(int from, Control message) {
        switch (message.getBodyCase()) {
            case CALL -> onRequest(from, message.getCall());
            case REPLY -> calls.onReply(message.getReply());
            case RING_MESSAGE -> ring.onMessage(message.getRingMessage());
            default -> throw new IllegalArgumentException("no message of a light network");
        }
    }

    private void onRequest(int from, CallRequest request) {
        TaskLink.Handler handler = handlers.get(request.getMethod());
        if (handler == null) {
            throw new IllegalArgumentException("nobody answers " + request.getMethod());
        }
        var unused = answer(handler, from, request).whenComplete((body, failure) -> {
            CallReply.Builder reply = CallReply.newBuilder().setId(request.getId());
            if (failure == null) {
                reply.setBody(ByteString.copyFrom(body));
            } else {
                reply.setFailed(true).setBody(ByteString.copyFromUtf8(String.valueOf(failure.getMessage())));
            }
            network.send(number, from, Control.newBuilder().setReply(reply).build());
        });
    }

    private CompletableFuture<byte[]> answer(TaskLink.Handler handler, int from, CallRequest request) {
        try {
            return handler.onCall(
                    new Link(network, number, from), request.getBody().toByteArray());
        } catch (InvalidProtocolBufferException e) {
            return CompletableFuture.failedFuture(new CallException("malformed"));
        }
    }
}
