package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import io.p2pvpn.vpn.wire.proto.KnockRefusal;
import io.p2pvpn.vpn.wire.proto.KnockRequest;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What a member answers who knocks at its door. Confined to the node's loop. */
final class OwnDoor {
    private OwnDoor() {}

    static CompletableFuture<KnockAnswer> onKnock(
            EnteredNamespace joined, NamespaceStore.Kept ours, Session from, KnockRequest asked) {
        NamespaceDescriptor descriptor = ours.descriptor();
        if (descriptor.open()) {
            return CompletableFuture.completedFuture(let(joined, ours, ByteString.EMPTY));
        }
        if (asked.getHostName().isEmpty()) {
            // A member that comes back asks who is there.
            return CompletableFuture.completedFuture(KnockAnswer.waiting(descriptor));
        }
        return joined.registrar()
                .onKnock(from.peer(), hostOf(from), asked.getHostName(), asked.getInvite())
                .thenApply(decided -> decided.isWaiting()
                        ? KnockAnswer.waiting(descriptor)
                        : decided.credential().isEmpty()
                                ? KnockAnswer.refused(descriptor, decided.refusal())
                                : let(joined, ours, decided.credential()));
    }

    private static KnockAnswer let(EnteredNamespace joined, NamespaceStore.Kept ours, ByteString credential) {
        NamespaceSecret secret = ours.secret();
        return new KnockAnswer(
                ours.descriptor(),
                false,
                KnockRefusal.KNOCK_REFUSAL_NONE,
                credential,
                joined.introductions(),
                secret == null ? ByteString.EMPTY : secret.encode(),
                joined.trust().state().authorityEntries().stream()
                        .map(each -> ByteString.copyFrom(each.encode()))
                        .toList());
    }

    private static @Nullable String hostOf(Session session) {
        Path active = session.activePath();
        Endpoint remote = active == null ? null : active.route().endpoint();
        return remote == null ? null : HexFormat.of().formatHex(remote.addressBytes());
    }
}
