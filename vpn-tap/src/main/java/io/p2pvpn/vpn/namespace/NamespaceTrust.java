package io.p2pvpn.vpn.namespace;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.trust.Issuer;
import io.p2pvpn.vpn.trust.MemberCredential;
import io.p2pvpn.vpn.trust.NamespaceAuthority;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import io.p2pvpn.vpn.trust.Places;
import io.p2pvpn.vpn.trust.TrustEntry;
import io.p2pvpn.vpn.trust.TrustState;
import io.p2pvpn.vpn.wire.proto.TrustStateFile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What this node knows of who is a member of a namespace, and how it stands itself. What it knows outlives it: a member
 * that was put out is not let in after a restart either. Confined to the node's loop.
 */
final class NamespaceTrust {
    /** How this node stands. */
    enum Standing {
        /** A member, so far as certificates go. */
        MEMBER,
        /** It was put out, or one of those to whom it owes its membership. */
        REVOKED,
        /** Its certificate has run out. */
        EXPIRED
    }

    private static final int VERSION = 1;
    private static final int CREDENTIALS_MAX = 4096;

    private final NodeRuntime runtime;
    private final Identity identity;
    private final NamespaceDescriptor descriptor;
    private @Nullable NamespaceAuthority authority;
    private final String file;
    private final Places places;
    private final TrustState state;
    /** What the nodes have shown that were found members, by node ID. */
    private final Cache<OverlayId, MemberCredential> shown;

    private ByteString credential;

    /** Knows what an earlier run knew. */
    NamespaceTrust(NodeRuntime runtime, Identity identity, String name, NamespaceStore.Kept kept)
            throws ControlException {
        this.runtime = runtime;
        this.identity = identity;
        this.descriptor = kept.descriptor();
        this.authority = kept.authority();
        this.credential = kept.credential();
        this.file = fileOf(name);
        this.places = new Places(descriptor);
        this.state = new TrustState(descriptor);
        this.shown = Caffeine.newBuilder()
                .maximumSize(CREDENTIALS_MAX)
                .executor(Runnable::run)
                .build();
        read();
    }

    static String fileOf(String name) {
        return "trust/" + NamespaceStore.fileName(name);
    }

    private void read() throws ControlException {
        byte[] bytes = runtime.store().read(file);
        if (bytes == null) {
            return;
        }
        List<TrustEntry> entries = new ArrayList<>();
        boolean right;
        try {
            TrustStateFile kept = TrustStateFile.parseFrom(bytes);
            for (ByteString each : kept.getEntriesList()) {
                TrustEntry entry = TrustEntry.parse(each.toByteArray(), descriptor.id());
                if (entry != null) {
                    entries.add(entry);
                }
            }
            right = kept.getVersion() == VERSION && entries.size() == kept.getEntriesCount();
        } catch (InvalidProtocolBufferException e) {
            right = false;
        }
        if (!right) {
            // Whoever was put out could come in again if it were passed over.
            throw new ControlException(
                    ControlException.Kind.FAILED,
                    "the state file " + file + " is damaged or of another version: restore it from a backup, or remove"
                            + " it; the other members know what was in it");
        }
        var unused = state.add(entries, now());
    }

    private long now() {
        return runtime.clock().epochMillis();
    }

    // ------------------------------------------------------------------- learning

    /**
     * Takes what it does not know yet, and keeps it.
     *
     * @return what was news; nothing of what is not right
     */
    List<TrustEntry> learn(Collection<ByteString> offered) {
        List<TrustEntry> entries = new ArrayList<>();
        for (ByteString each : offered) {
            TrustEntry entry = TrustEntry.parse(each.toByteArray(), descriptor.id());
            if (entry == null) {
                runtime.counters().counter("trust.drop.entry").increment();
            } else {
                entries.add(entry);
            }
        }
        List<TrustEntry> news = state.add(entries, now());
        if (!news.isEmpty()) {
            var unused = write().exceptionally(failure -> {
                runtime.counters().counter("trust.unwritten").increment();
                return null;
            });
        }
        return news;
    }

    /** Takes a decision of our own: done when it is kept. */
    CompletableFuture<Void> decide(TrustEntry entry) {
        var unused = state.add(List.of(entry), now());
        return write();
    }

    private CompletableFuture<Void> write() {
        TrustStateFile.Builder kept = TrustStateFile.newBuilder().setVersion(VERSION);
        state.entries().forEach(entry -> kept.addEntries(ByteString.copyFrom(entry.encode())));
        return runtime.store().write(file, kept.build().toByteArray());
    }

    /** Forgets what has run out. */
    void prune() {
        if (state.prune(now())) {
            var unused = write().exceptionally(failure -> null);
        }
    }

    /** All decisions that are known. */
    TrustState state() {
        return state;
    }

    // -------------------------------------------------------------------- judging

    /** What somebody shows, if its signatures are right; null if it shows nothing right. */
    @Nullable
    MemberCredential parse(byte[] bytes) {
        return state.credential(bytes);
    }

    /** True if that credential (or the namespace's openness) makes {@code holder} a member now. */
    boolean entitles(byte[] bytes, PublicIdentity holder) {
        MemberCredential known = descriptor.open() ? null : parse(bytes);
        return (descriptor.open() || known != null) && state.isMember(holder.signingKey(), known, now());
    }

    /** The place in the ring of somebody who shows that; null if it does not say. */
    @Nullable
    OverlayId placeOf(PublicIdentity holder, byte[] bytes) {
        return places.of(holder, descriptor.open() ? null : parse(bytes));
    }

    /** Finds a peer a member, and remembers what it has shown: its place, or null if it is none. */
    @Nullable
    OverlayId admit(PublicIdentity peer, byte[] bytes) {
        if (!entitles(bytes, peer)) {
            return null;
        }
        MemberCredential known = parse(bytes);
        if (known != null) {
            shown.put(peer.nodeId(), known);
        }
        return placeOf(peer, bytes);
    }

    /** Whether a peer that was found a member still is one. */
    boolean isStillMember(PublicIdentity peer) {
        MemberCredential known = shown.getIfPresent(peer.nodeId());
        return (descriptor.open() || known != null) && state.isMember(peer.signingKey(), known, now());
    }

    /** What the node with that ID has shown; null if nothing, as in open namespaces. */
    @Nullable
    MemberCredential shownBy(OverlayId nodeId) {
        return shown.getIfPresent(nodeId);
    }

    /** Where members stand. */
    Places places() {
        return places;
    }

    /** What defines the namespace. */
    NamespaceDescriptor descriptor() {
        return descriptor;
    }

    // ------------------------------------------------------------------- ourselves

    /** How this node stands now. */
    Standing standing() {
        byte[] key = identity.publicIdentity().signingKey();
        MemberCredential own = own();
        if (state.isBanned(key) || (own != null && state.isBanned(own))) {
            return Standing.REVOKED;
        }
        return state.isMember(key, own, now()) ? Standing.MEMBER : Standing.EXPIRED;
    }

    /** What we show. */
    byte[] credential() {
        return credential.toByteArray();
    }

    /** The same, read; null in an open namespace. */
    @Nullable
    MemberCredential own() {
        return descriptor.open() ? null : parse(credential());
    }

    void setCredential(byte[] renewed) {
        credential = ByteString.copyFrom(renewed);
    }

    /** The key that speaks for the namespace is here from now on, or no more. */
    void setAuthority(@Nullable NamespaceAuthority newAuthority) {
        authority = newAuthority;
    }

    /** The key that speaks for the namespace, if it is here. */
    @Nullable
    NamespaceAuthority authority() {
        return authority;
    }

    /** Our place in the ring. */
    OverlayId ownPlace() {
        OverlayId place = placeOf(identity.publicIdentity(), credential());
        if (place == null) {
            throw new IllegalStateException("our credential was never right");
        }
        return place;
    }

    /** Who decides in our name: the authority, if it is here, or we as an administrator; null if we may not. */
    @Nullable
    Issuer issuer() {
        if (authority != null) {
            return Issuer.of(authority);
        }
        MemberCredential own = own();
        return own == null || standing() != Standing.MEMBER ? null : Issuer.of(identity, own);
    }
}
