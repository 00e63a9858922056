package io.p2pvpn.overlay.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.proto.CallReply;
import io.p2pvpn.overlay.wire.proto.CallRequest;
import io.p2pvpn.overlay.wire.proto.Control;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Requests between the two ends of a session. */
public final class SessionCalls {
    private final NodeRuntime runtime;
    private final Calls calls;
    private final Map<String, SessionHandler> handlers = new TreeMap<>();

    /** No handler yet. */
    public SessionCalls(NodeRuntime runtime) {
        this.runtime = runtime;
        this.calls = new Calls(runtime);
    }

    /** Registers the one handler of {@code method}. */
    public void handle(String method, SessionHandler handler) {
        handlers.put(method, handler);
    }

    /** Asks the peer; completes with the reply's body, or exceptionally with {@link CallException}. */
    public CompletableFuture<byte[]> call(Session session, String method, byte[] body) {
        return calls.call(
                        method,
                        body,
                        (request, before) -> session.send(
                                Control.newBuilder().setCall(request).build()))
                .thenApply(reply -> reply.getBody().toByteArray());
    }

    /** A request came. */
    public void onRequest(Session session, CallRequest request) {
        SessionHandler handler = handlers.get(request.getMethod());
        if (handler == null) {
            runtime.counters().counter("call.drop.unknown-method").increment();
            return;
        }
        var unused = answer(handler, session, request).whenComplete((body, failure) -> {
            CallReply.Builder reply = CallReply.newBuilder().setId(request.getId());
            if (failure == null) {
                reply.setBody(ByteString.copyFrom(body));
            } else {
                reply.setFailed(true).setBody(ByteString.copyFromUtf8(String.valueOf(failure.getMessage())));
            }
            session.send(Control.newBuilder().setReply(reply).build());
        });
    }

    private CompletableFuture<byte[]> answer(SessionHandler handler, Session session, CallRequest request) {
        try {
            return handler.onCall(session, request.getBody().toByteArray());
        } catch (InvalidProtocolBufferException e) {
            runtime.counters().counter("call.drop.malformed").increment();
            return CompletableFuture.failedFuture(new CallException("malformed"));
        }
    }

    /** A reply came. */
    public void onReply(CallReply reply) {
        if (!calls.onReply(reply)) {
            runtime.counters().counter("call.drop.late-reply").increment();
        }
    }
}
