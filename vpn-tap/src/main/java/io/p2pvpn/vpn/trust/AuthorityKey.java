package io.p2pvpn.vpn.trust;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.runtime.KeySource;
import io.p2pvpn.vpn.wire.proto.AuthorityFile;
import io.p2pvpn.vpn.wire.proto.RenewRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The key that speaks for a namespace, outside of any node: what {@code p2pvpn namespace export-ca} writes, and what
 * {@code namespace sign} certifies with where there is no network.
 *
 * @param descriptor what defines the namespace
 * @param authority the secret
 */
public record AuthorityKey(NamespaceDescriptor descriptor, NamespaceAuthority authority) {
    private static final String PREFIX = "p2pca1-";
    private static final String REQUEST_PREFIX = "p2prq1-";
    private static final String CREDENTIAL_PREFIX = "p2pcr1-";
    private static final int CHARS_MAX = 4096;

    /** As a word; a secret. */
    public String encode() {
        return Armor.wrap(
                PREFIX,
                AuthorityFile.newBuilder()
                        .setSignedDescriptor(ByteString.copyFrom(descriptor.encode()))
                        .setAuthority(ByteString.copyFrom(authority.encode()))
                        .build()
                        .toByteArray());
    }

    /** The key in a word; null if it is none, or was altered. */
    public static @Nullable AuthorityKey parse(String text) {
        byte[] content = Armor.unwrap(PREFIX, text, CHARS_MAX);
        try {
            AuthorityFile file = AuthorityFile.parseFrom(content == null ? new byte[0] : content);
            NamespaceDescriptor descriptor =
                    NamespaceDescriptor.parse(file.getSignedDescriptor().toByteArray());
            NamespaceAuthority authority =
                    NamespaceAuthority.parse(file.getAuthority().toByteArray());
            return descriptor == null || authority == null ? null : new AuthorityKey(descriptor, authority);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    /** A member's request for a new certificate as a word. */
    public static String wrapRequest(byte[] request) {
        return Armor.wrap(REQUEST_PREFIX, request);
    }

    /** A credential as a word. */
    public static String wrapCredential(byte[] credential) {
        return Armor.wrap(CREDENTIAL_PREFIX, credential);
    }

    /** The credential in a word; null if it is none, or was altered. */
    public static byte @Nullable [] unwrapCredential(String text) {
        return Armor.unwrap(CREDENTIAL_PREFIX, text, CHARS_MAX);
    }

    /**
     * Certifies what a member asks for, directly below the authority.
     *
     * @param request the word that the member's node made
     * @param authorities the keys that have spoken for the namespace; its present certificate is by one of them
     * @param nowMillis the time, milliseconds since 1970
     * @return the credential as a word; null if the request is none, was altered, or is another namespace's
     */
    public @Nullable String sign(
            String request, List<byte[]> authorities, Role role, long validMillis, KeySource keys, long nowMillis) {
        byte[] content = Armor.unwrap(REQUEST_PREFIX, request, CHARS_MAX);
        RenewRequest asked;
        try {
            asked = RenewRequest.parseFrom(content == null ? new byte[0] : content);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
        MemberCredential old = MemberCredential.parse(asked.getCredential().toByteArray(), authorities);
        if (old == null || !Renewal.isSigned(asked, old)) {
            return null;
        }
        byte[] serial = new byte[MemberTerms.SERIAL_BYTES];
        keys.fill(serial);
        MemberTerms terms = old.member().terms();
        return wrapCredential(Issuer.of(authority)
                .issue(new MemberTerms(
                        terms.memberKey(),
                        terms.name(),
                        role,
                        serial,
                        terms.salt(),
                        nowMillis,
                        nowMillis + validMillis)));
    }

    /** Says nothing of the secret. */
    @Override
    public String toString() {
        return "key of " + descriptor;
    }
}
