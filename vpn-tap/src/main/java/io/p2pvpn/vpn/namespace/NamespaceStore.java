package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.runtime.KeySource;
import io.p2pvpn.overlay.runtime.Store;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.trust.NamespaceAuthority;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import io.p2pvpn.vpn.wire.proto.NamespaceState;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What a node keeps of one namespace over restarts. */
final class NamespaceStore {
    private static final int VERSION = 3;
    /** Certificates of an earlier form; the rest is the same. */
    private static final int VERSION_WITHOUT_CREDENTIAL = 2;
    /** Without a secret; the rest is the same. */
    private static final int VERSION_WITHOUT_SECRET = 1;

    /**
     * The kept state.
     *
     * @param authority the CA secret, if we founded it
     * @param credential what we show, empty in an open namespace
     * @param secret shared by the members; null if the one who let us in knew none (an earlier version)
     * @param ipv4 the address of last time, or 0
     */
    record Kept(
            NamespaceDescriptor descriptor,
            @Nullable NamespaceAuthority authority,
            ByteString credential,
            @Nullable NamespaceSecret secret,
            int ipv4) {
        /** The founder of a namespace that has no secret yet makes one. */
        Kept withSecret(KeySource keys) {
            return secret != null || authority == null
                    ? this
                    : new Kept(descriptor, authority, credential, NamespaceSecret.generate(keys), ipv4);
        }

        Kept withAddress(int address) {
            return new Kept(descriptor, authority, credential, secret, address);
        }

        Kept withAuthority(@Nullable NamespaceAuthority newAuthority) {
            return new Kept(descriptor, newAuthority, credential, secret, ipv4);
        }

        Kept withCredential(ByteString shown) {
            return new Kept(descriptor, authority, shown, secret, ipv4);
        }

        /** True if it cannot be entered before somebody certifies us (again). */
        boolean lacksCredential() {
            return !descriptor.open() && credential.isEmpty();
        }
    }

    private final Store store;
    private final String name;

    NamespaceStore(Store store, String name) {
        this.store = store;
        this.name = "namespaces/" + fileName(name);
    }

    /** What files of that namespace are called. */
    static String fileName(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Nullable
    Kept read() throws ControlException {
        byte[] bytes = store.read(name);
        if (bytes == null) {
            return null;
        }
        try {
            NamespaceState state = NamespaceState.parseFrom(bytes);
            NamespaceDescriptor descriptor =
                    NamespaceDescriptor.parse(state.getSignedDescriptor().toByteArray());
            boolean readable = state.getVersion() >= VERSION_WITHOUT_SECRET && state.getVersion() <= VERSION;
            if (descriptor != null && readable) {
                NamespaceAuthority authority = state.getAuthority().isEmpty()
                        ? null
                        : NamespaceAuthority.parse(state.getAuthority().toByteArray());
                return new Kept(
                        descriptor,
                        authority,
                        state.getVersion() <= VERSION_WITHOUT_CREDENTIAL ? ByteString.EMPTY : state.getCredential(),
                        NamespaceSecret.of(state.getSecret()),
                        state.getIpv4());
            }
        } catch (InvalidProtocolBufferException e) {
            throw damaged(e);
        }
        throw damaged(null);
    }

    private ControlException damaged(@Nullable Exception cause) {
        String message = "the state file " + name + " is damaged or of another version: restore it from a backup, or"
                + " remove it to join anew";
        return cause == null
                ? new ControlException(ControlException.Kind.FAILED, message)
                : new ControlException(ControlException.Kind.FAILED, message, cause);
    }

    CompletableFuture<Void> write(Kept kept) {
        NamespaceState.Builder state = NamespaceState.newBuilder()
                .setVersion(VERSION)
                .setName(kept.descriptor().name())
                .setSignedDescriptor(ByteString.copyFrom(kept.descriptor().encode()))
                .setCredential(kept.credential())
                .setIpv4(kept.ipv4());
        NamespaceAuthority authority = kept.authority();
        if (authority != null) {
            state.setAuthority(ByteString.copyFrom(authority.encode()));
        }
        NamespaceSecret secret = kept.secret();
        if (secret != null) {
            state.setSecret(secret.encode());
        }
        return store.write(name, state.build().toByteArray());
    }

    /** Removes it, and what goes with it. */
    CompletableFuture<Void> remove() {
        return CompletableFuture.allOf(
                store.remove(name),
                store.remove(NamespaceTrust.fileOf(shortName())),
                store.remove(IssuerBook.fileOf(shortName())),
                store.remove(TapSide.fileOf(shortName())));
    }

    private String shortName() {
        return name.substring(name.indexOf('/') + 1);
    }
}
