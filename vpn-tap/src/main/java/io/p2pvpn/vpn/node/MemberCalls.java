package io.p2pvpn.vpn.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.namespace.Membership;
import io.p2pvpn.vpn.namespace.Presence;
import io.p2pvpn.vpn.wire.proto.MemberCall;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Requests of applications to other members, inside sessions: who asks is proven, and a member. Confined to the node's
 * loop.
 */
final class MemberCalls {
    /** The session call that carries them. */
    static final String METHOD = "member.call";
    /** Of a request or a reply. */
    static final int BODY_BYTES_MAX = 16 * 1024;

    private static final int METHOD_CHARS_MAX = 64;
    private static final int HANDLERS_MAX = 1024;
    /** A session is up before both ends have shown that they are members. */
    private static final int TRIES_MAX = 20;

    private static final long PAUSE_NANOS = 150_000_000L;
    private static final String NOT_YET = "not a member (yet)";

    /** Answers one method in one namespace. */
    interface Handler {
        CompletableFuture<byte[]> onCall(RingPeer from, String name, byte[] request);
    }

    private final NodeDaemon daemon;
    private final NodeRuntime runtime;
    /** By namespace and method. */
    private final TreeMap<String, Handler> handlers = new TreeMap<>();

    MemberCalls(NodeDaemon daemon) {
        this.daemon = daemon;
        this.runtime = daemon.runtime();
        daemon.node().calls().handle(METHOD, this::onCall);
    }

    private static String key(String namespace, String method) {
        return namespace + "/" + method;
    }

    /** Sets, or with null takes away, who answers a method. */
    void handle(String namespace, String method, @Nullable Handler handler) throws ControlException {
        if (handler == null) {
            handlers.remove(key(namespace, method));
        } else if (handlers.size() >= HANDLERS_MAX) {
            throw new ControlException(
                    ControlException.Kind.FAILED, "there are " + HANDLERS_MAX + " handlers of calls already");
        } else {
            handlers.put(key(namespace, method), handler);
        }
    }

    static void check(String method, byte[] request) {
        if (method.isEmpty() || method.length() > METHOD_CHARS_MAX) {
            throw new IllegalArgumentException("a method has 1 to " + METHOD_CHARS_MAX + " characters");
        }
        if (request.length > BODY_BYTES_MAX) {
            throw new IllegalArgumentException("a request has at most " + BODY_BYTES_MAX + " bytes");
        }
    }

    /** Asks the member with that address; fails with a {@link ControlException} if it gives no answer. */
    CompletableFuture<byte[]> call(Membership membership, int address, String method, byte[] request) {
        var descriptor = membership.descriptor();
        if (descriptor == null || membership.ipv4() == address) {
            return CompletableFuture.failedFuture(new ControlException(
                    ControlException.Kind.FAILED,
                    descriptor == null ? "not a member yet" : "that is this member itself"));
        }
        byte[] body = MemberCall.newBuilder()
                .setNamespaceId(ByteString.copyFrom(descriptor.id().toByteArray()))
                .setMethod(method)
                .setBody(ByteString.copyFrom(request))
                .build()
                .toByteArray();
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        attempt(membership, address, body, 1, answer);
        return answer;
    }

    private void attempt(Membership membership, int address, byte[] body, int tries, CompletableFuture<byte[]> answer) {
        Completions.whenDone(
                runtime.timers(),
                membership
                        .connect(address)
                        .thenCompose(session -> daemon.node().calls().call(session, METHOD, body)),
                (reply, failure) -> {
                    if (failure == null) {
                        answer.complete(reply);
                        return;
                    }
                    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
                    if (tries < TRIES_MAX && String.valueOf(cause.getMessage()).contains(NOT_YET)) {
                        runtime.timers()
                                .schedule(PAUSE_NANOS, () -> attempt(membership, address, body, tries + 1, answer));
                    } else {
                        answer.completeExceptionally(
                                cause instanceof ControlException
                                        ? cause
                                        : new ControlException(
                                                ControlException.Kind.TIMED_OUT,
                                                "no answer: " + cause.getMessage(),
                                                cause));
                    }
                });
    }

    private CompletableFuture<byte[]> onCall(Session from, byte[] request) throws InvalidProtocolBufferException {
        MemberCall call = MemberCall.parseFrom(request);
        Membership membership = daemon.byId(call.getNamespaceId());
        Ring ring = membership == null ? null : membership.ring();
        RingPeer peer = ring == null ? null : ring.peer(from);
        if (membership == null || peer == null) {
            return CompletableFuture.failedFuture(new CallException(NOT_YET));
        }
        Handler handler = handlers.get(key(membership.options().name(), call.getMethod()));
        if (handler == null) {
            return CompletableFuture.failedFuture(new CallException("nobody answers " + call.getMethod() + " here"));
        }
        Presence presence = membership.presence();
        String name = presence == null ? "" : presence.nameOf(peer);
        return handler.onCall(peer, name, call.getBody().toByteArray()).thenApply(reply -> {
            if (reply.length > BODY_BYTES_MAX) {
                throw new IllegalStateException("a reply of " + reply.length + " bytes");
            }
            return reply;
        });
    }
}
