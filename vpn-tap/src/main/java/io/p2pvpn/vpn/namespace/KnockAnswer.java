package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import java.util.List;

/**
 * What a newcomer is told.
 *
 * @param descriptor what defines the namespace
 * @param waiting it must be approved first; then the rest is empty
 * @param members some of those that it will meet
 * @param secret what the members share
 */
public record KnockAnswer(NamespaceDescriptor descriptor, boolean waiting, List<Contact> members, ByteString secret) {}
