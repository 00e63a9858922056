package io.p2pvpn.vpn.trust;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import org.jspecify.annotations.Nullable;

/**
 * Where members stand in a namespace's ring. In an open one the place follows from the key and the namespace's salt, so
 * that anybody can try keys until one fits; in a closed one from the key and the salt that an administrator drew.
 */
public final class Places {
    private final NamespaceDescriptor descriptor;

    /** Those of that namespace. */
    public Places(NamespaceDescriptor descriptor) {
        this.descriptor = descriptor;
    }

    /**
     * The place of a key.
     *
     * @param credential what its holder shows; null where none is needed
     * @return null if that cannot be said without a credential
     */
    public @Nullable OverlayId of(PublicIdentity holder, @Nullable MemberCredential credential) {
        if (descriptor.open()) {
            return holder.privateId(descriptor.salt());
        }
        return credential == null ? null : holder.privateId(credential.member().salt());
    }

    /** The place in a closed namespace's ring of the holder of a credential. */
    public OverlayId of(MemberCredential credential) {
        return PublicIdentity.privateIdOf(
                credential.member().memberKey(), credential.member().salt());
    }

    /** False if that key cannot have that place, whatever its holder will show. */
    public boolean mayBe(OverlayId place, PublicIdentity holder) {
        return !descriptor.open() || place.equals(holder.privateId(descriptor.salt()));
    }
}
