package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.trust.InviteToken;
import io.p2pvpn.vpn.trust.MemberCredential;
import io.p2pvpn.vpn.trust.Role;
import io.p2pvpn.vpn.wire.proto.IssuedInvite;
import io.p2pvpn.vpn.wire.proto.IssuerState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What this node has given out as one that lets others in: invites and their uses, and credentials. It is written
 * before anybody is told, so that no use of an invite is given twice. Confined to the node's loop.
 */
final class IssuerBook {
    /** Invites at a time that are not used up or over. */
    static final int INVITES_MAX = 256;
    /** Uses of one invite. */
    static final int USES_MAX = 1000;
    /** Members that are remembered; the eldest entries go first. */
    static final int ISSUED_MAX = 1024;

    private static final int VERSION = 1;
    /** People are told for so long why an invite is not worth anything any more. */
    private static final long REMEMBERED_MILLIS = 7L * 24 * 3600 * 1000;

    /** An invite that was given out. */
    static final class Entry {
        private final ByteString secretHash;
        private final int uses;
        private final long expiresEpochMillis;
        private final Role role;
        private final long validMillis;
        private final List<ByteString> usedBy = new ArrayList<>();

        Entry(ByteString secretHash, int uses, long expiresEpochMillis, Role role, long validMillis) {
            this.secretHash = secretHash;
            this.uses = uses;
            this.expiresEpochMillis = expiresEpochMillis;
            this.role = role;
            this.validMillis = validMillis;
        }

        Role role() {
            return role;
        }

        long validMillis() {
            return validMillis;
        }

        boolean isExpired(long nowMillis) {
            return nowMillis > expiresEpochMillis;
        }

        boolean wasUsedBy(ByteString key) {
            return usedBy.contains(key);
        }

        /** Takes one use for that key; false if there is none left. */
        boolean take(ByteString key) {
            return usedBy.size() < uses && usedBy.add(key);
        }

        void giveBack(ByteString key) {
            usedBy.remove(key);
        }
    }

    private final NodeRuntime runtime;
    private final NamespaceTrust trust;
    private final String file;
    private final List<Entry> invites = new ArrayList<>();
    /** By the member's Ed25519 key, the last one for each. */
    private final Map<ByteString, ByteString> issued = new LinkedHashMap<>();

    IssuerBook(NodeRuntime runtime, NamespaceTrust trust, String name) throws ControlException {
        this.runtime = runtime;
        this.trust = trust;
        this.file = fileOf(name);
        read();
    }

    static String fileOf(String name) {
        return "issuer/" + NamespaceStore.fileName(name);
    }

    private void read() throws ControlException {
        byte[] bytes = runtime.store().read(file);
        if (bytes == null) {
            return;
        }
        try {
            IssuerState state = IssuerState.parseFrom(bytes);
            if (state.getVersion() == VERSION) {
                state.getInvitesList().forEach(this::readInvite);
                state.getIssuedList().forEach(this::keep);
                return;
            }
        } catch (InvalidProtocolBufferException e) {
            throw damaged(e);
        }
        throw damaged(null);
    }

    private void readInvite(IssuedInvite kept) {
        Role role = Role.ofWord(kept.getRole());
        Entry entry = new Entry(
                kept.getSecretHash(),
                kept.getUses(),
                kept.getExpiresEpochMillis(),
                role == null ? Role.MEMBER : role,
                kept.getValidMillis());
        entry.usedBy.addAll(kept.getUsedByList());
        invites.add(entry);
    }

    private ControlException damaged(@Nullable Exception cause) {
        String message = "the state file " + file + " is damaged or of another version: restore it from a backup, or"
                + " remove it; invites that were given out are worth nothing then";
        return cause == null
                ? new ControlException(ControlException.Kind.FAILED, message)
                : new ControlException(ControlException.Kind.FAILED, message, cause);
    }

    /** Keeps what has changed. */
    CompletableFuture<Void> write() {
        long now = runtime.clock().epochMillis();
        invites.removeIf(each -> now - each.expiresEpochMillis > REMEMBERED_MILLIS);
        IssuerState.Builder state = IssuerState.newBuilder().setVersion(VERSION).addAllIssued(issued.values());
        for (Entry each : invites) {
            state.addInvites(IssuedInvite.newBuilder()
                    .setSecretHash(each.secretHash)
                    .setUses(each.uses)
                    .setExpiresEpochMillis(each.expiresEpochMillis)
                    .setRole(each.role.word())
                    .setValidMillis(each.validMillis)
                    .addAllUsedBy(each.usedBy));
        }
        return runtime.store().write(file, state.build().toByteArray());
    }

    /** Notes an invite; false if there are too many. */
    boolean add(ByteString secret, int uses, long expiresEpochMillis, Role role, long validMillis) {
        long now = runtime.clock().epochMillis();
        if (invites.stream().filter(each -> !each.isExpired(now)).count() >= INVITES_MAX) {
            return false;
        }
        invites.add(new Entry(hash(secret), uses, expiresEpochMillis, role, validMillis));
        return true;
    }

    /** The invite with that secret; null if none was given out. */
    @Nullable
    Entry invite(ByteString secret) {
        byte[] hash = hash(secret).toByteArray();
        Entry found = null;
        for (Entry each : invites) {
            boolean same = Digests.constantTimeEquals(each.secretHash.toByteArray(), hash);
            found = same && secret.size() == InviteToken.SECRET_BYTES ? each : found;
        }
        return found;
    }

    private static ByteString hash(ByteString secret) {
        return ByteString.copyFrom(Digests.sha256(secret.toByteArray()));
    }

    /** Remembers what a member was given. */
    void keep(ByteString credential) {
        MemberCredential known = trust.parse(credential.toByteArray());
        if (known == null) {
            return;
        }
        ByteString key = ByteString.copyFrom(known.member().memberKey());
        issued.remove(key);
        issued.put(key, credential);
        if (issued.size() > ISSUED_MAX) {
            issued.remove(issued.keySet().iterator().next());
        }
    }

    /** What that key was given last; null if nothing. */
    @Nullable
    MemberCredential issuedTo(ByteString key) {
        ByteString credential = issued.get(key);
        return credential == null ? null : trust.parse(credential.toByteArray());
    }

    /** All members that this node has let in. */
    List<MemberCredential> issued() {
        List<MemberCredential> all = new ArrayList<>();
        for (ByteString each : issued.values()) {
            MemberCredential known = trust.parse(each.toByteArray());
            if (known != null) {
                all.add(known);
            }
        }
        return all;
    }
}
