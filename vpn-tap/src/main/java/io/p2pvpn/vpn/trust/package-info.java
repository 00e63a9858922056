/**
 * Who may be in a namespace: the authority that founds it, the descriptor that defines it and the certificates that
 * admit its members.
 *
 * <p>A namespace <em>is</em> its authority's Ed25519 key; its id is a hash of that key and its name is a hint. The
 * authority signs a {@link io.p2pvpn.vpn.trust.NamespaceDescriptor} (address ranges, salt of the ring, whether anyone
 * may join) and, for each member, a {@link io.p2pvpn.vpn.trust.MemberCertificate}. A certificate proves nothing about
 * who shows it: the session does that.
 *
 * <p>Everything here is immutable and may be used by any thread. Nothing reads a clock or a file.
 */
@NullMarked
package io.p2pvpn.vpn.trust;

import org.jspecify.annotations.NullMarked;
