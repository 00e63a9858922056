package io.p2pvpn.overlay.identity;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Identities that were verified before: the same few hundred members are named again and again, and each verification
 * costs two decodings of points and a signature check. Only sound identities are kept; the one that was asked for
 * longest ago gives way. Belongs to one thread.
 */
public final class IdentityCache {
    /** Identities that a node keeps; about 600 bytes each. */
    public static final int ENTRIES_MAX = 2048;

    private static final float LOAD_FACTOR = 0.75f;

    private final int entriesMax;
    /** By encoding, in the order of the last use. */
    private final Map<ByteString, PublicIdentity> verified = new LinkedHashMap<>(16, LOAD_FACTOR, true);

    /** A cache of at most {@link #ENTRIES_MAX} entries. */
    public IdentityCache() {
        this(ENTRIES_MAX);
    }

    /**
     * A cache of at most that many entries.
     *
     * @throws IllegalArgumentException if that is less than one
     */
    public IdentityCache(int entriesMax) {
        if (entriesMax < 1) {
            throw new IllegalArgumentException("no room for any identity");
        }
        this.entriesMax = entriesMax;
    }

    /** Like {@link PublicIdentity#parse}, from memory if it can be. */
    public @Nullable PublicIdentity parse(ByteString encoded) {
        PublicIdentity known = verified.get(encoded);
        if (known != null) {
            return known;
        }
        PublicIdentity parsed = PublicIdentity.parse(encoded.toByteArray());
        if (parsed != null) {
            if (verified.size() >= entriesMax) {
                verified.remove(verified.keySet().iterator().next());
            }
            verified.put(encoded, parsed);
        }
        return parsed;
    }

    /** Like {@link PublicIdentity#of}, from memory if it can be. */
    public @Nullable PublicIdentity of(ByteString ed25519, byte[] x25519, ByteString signature) {
        // Each length by itself: the parts of a wrong whole must not slide into each other.
        boolean sound = ed25519.size() == PublicIdentity.KEY_BYTES
                && x25519.length == PublicIdentity.KEY_BYTES
                && signature.size() == PublicIdentity.SIGNATURE_BYTES;
        if (!sound) {
            return null;
        }
        byte[] encoded = ByteBuffer.allocate(PublicIdentity.ENCODED_BYTES)
                .put(ed25519.asReadOnlyByteBuffer())
                .put(x25519)
                .put(signature.asReadOnlyByteBuffer())
                .array();
        return parse(ByteString.copyFrom(encoded));
    }

    /** Identities kept at the moment. */
    public int size() {
        return verified.size();
    }
}
