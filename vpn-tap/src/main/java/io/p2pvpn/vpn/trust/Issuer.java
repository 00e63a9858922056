package io.p2pvpn.vpn.trust;

import io.p2pvpn.overlay.identity.Identity;
import org.jspecify.annotations.Nullable;

/**
 * Who lets others in and puts them out: the namespace's authority itself, or an administrator by its own key and
 * credential.
 */
public final class Issuer {
    private final @Nullable NamespaceAuthority authority;
    private final @Nullable Identity identity;
    private final @Nullable MemberCredential credential;

    private Issuer(
            @Nullable NamespaceAuthority authority,
            @Nullable Identity identity,
            @Nullable MemberCredential credential) {
        this.authority = authority;
        this.identity = identity;
        this.credential = credential;
    }

    /** The authority. */
    public static Issuer of(NamespaceAuthority authority) {
        return new Issuer(authority, null, null);
    }

    /**
     * An administrator.
     *
     * @return null if the credential does not let it issue: no administrator's, or as far from the authority as may be
     */
    public static @Nullable Issuer of(Identity identity, MemberCredential credential) {
        boolean may = credential.member().mayIssue()
                && credential.isOf(identity.publicIdentity().signingKey());
        return may ? new Issuer(null, identity, credential) : null;
    }

    /** True if those whom it lets in can be verified: the chain to the authority does not become too long. */
    public boolean mayIssue() {
        return credential == null || credential.depth() < MemberCredential.CERTIFICATES_MAX;
    }

    /** The last moment to which it can vouch, milliseconds since 1970. */
    public long notAfterMillis() {
        return credential == null ? Long.MAX_VALUE : credential.notAfterMillis();
    }

    /** Certifies: the member's credential, encoded. */
    public byte[] issue(MemberTerms terms) {
        CertificateContent content = CertificateContent.of(terms);
        byte[] tbs = content.toBeSigned(key());
        return MemberCredential.encode(content.certificate(key(), signDer(tbs)), credential());
    }

    /** The key that signs. */
    byte[] key() {
        if (authority != null) {
            return authority.publicKey();
        }
        return own().publicIdentity().signingKey();
    }

    /** What shows that it may: empty for the authority. */
    byte[] credential() {
        return credential == null ? new byte[0] : credential.encode();
    }

    /** Signs the purpose || NUL || the message. */
    byte[] sign(String context, byte[] message) {
        return authority != null ? authority.sign(context, message) : own().sign(context, message);
    }

    private byte[] signDer(byte[] der) {
        return authority != null ? authority.sign(der) : own().signDer(der);
    }

    private Identity own() {
        if (identity == null) {
            throw new IllegalStateException("neither authority nor administrator");
        }
        return identity;
    }
}
