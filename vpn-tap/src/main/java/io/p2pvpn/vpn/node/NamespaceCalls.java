package io.p2pvpn.vpn.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.vpn.namespace.KnockAnswer;
import io.p2pvpn.vpn.namespace.Membership;
import io.p2pvpn.vpn.namespace.SessionCalls;
import io.p2pvpn.vpn.wire.proto.KnockRequest;
import io.p2pvpn.vpn.wire.proto.LeaseNotice;
import io.p2pvpn.vpn.wire.proto.TrustPut;
import io.p2pvpn.vpn.wire.proto.TrustSync;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** What peers ask inside sessions of one of this node's namespaces, handed to that one. Confined to the node's loop. */
final class NamespaceCalls {
    private final NodeDaemon daemon;

    NamespaceCalls(NodeDaemon daemon) {
        this.daemon = daemon;
    }

    /** Answers these calls from now on. */
    void serve(io.p2pvpn.overlay.rpc.SessionCalls calls) {
        calls.handle("namespace.knock", this::onKnock);
        calls.handle(SessionCalls.UNMAPPED, this::onUnmapped);
        calls.handle(SessionCalls.TRUST_SYNC, this::onTrustSync);
        calls.handle(SessionCalls.TRUST_PUT, this::onTrustPut);
    }

    private CompletableFuture<byte[]> onKnock(Session from, byte[] request) throws InvalidProtocolBufferException {
        KnockRequest knock = KnockRequest.parseFrom(request);
        return in(
                knock.getNamespaceId(),
                membership -> membership.onKnock(from, knock).thenApply(KnockAnswer::encode));
    }

    private CompletableFuture<byte[]> onUnmapped(Session from, byte[] request) throws InvalidProtocolBufferException {
        LeaseNotice notice = LeaseNotice.parseFrom(request);
        return in(notice.getNamespaceId(), membership -> {
            membership.onUnmapped(from, notice.getIpv4());
            return CompletableFuture.completedFuture(new byte[0]);
        });
    }

    private CompletableFuture<byte[]> onTrustSync(Session from, byte[] request) throws InvalidProtocolBufferException {
        TrustSync asked = TrustSync.parseFrom(request);
        return in(asked.getNamespaceId(), membership -> membership.onTrustSync(from, asked));
    }

    private CompletableFuture<byte[]> onTrustPut(Session from, byte[] request) throws InvalidProtocolBufferException {
        TrustPut told = TrustPut.parseFrom(request);
        return in(told.getNamespaceId(), membership -> membership.onTrustPut(from, told));
    }

    private CompletableFuture<byte[]> in(
            ByteString namespaceId, Function<Membership, CompletableFuture<byte[]>> answer) {
        Membership membership = daemon.byId(namespaceId);
        return membership == null
                ? CompletableFuture.failedFuture(new CallException("no such namespace here"))
                : answer.apply(membership);
    }
}
