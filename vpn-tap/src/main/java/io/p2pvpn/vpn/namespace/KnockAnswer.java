package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Contacts;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import io.p2pvpn.vpn.wire.proto.KnockRefusal;
import io.p2pvpn.vpn.wire.proto.KnockReply;
import java.util.List;

/**
 * What a newcomer is told.
 *
 * @param descriptor what defines the namespace
 * @param waiting it must be approved first; then the rest is empty
 * @param refusal why it is not let in, or {@link KnockRefusal#KNOCK_REFUSAL_NONE}
 * @param credential what it can show from now on; empty in an open namespace
 * @param members some of those that it will meet
 * @param secret what the members share
 * @param authorities decisions by which other keys speak for the namespace
 */
public record KnockAnswer(
        NamespaceDescriptor descriptor,
        boolean waiting,
        KnockRefusal refusal,
        ByteString credential,
        List<Contact> members,
        ByteString secret,
        List<ByteString> authorities) {
    static KnockAnswer waiting(NamespaceDescriptor descriptor) {
        return new KnockAnswer(
                descriptor,
                true,
                KnockRefusal.KNOCK_REFUSAL_NONE,
                ByteString.EMPTY,
                List.of(),
                ByteString.EMPTY,
                List.of());
    }

    static KnockAnswer refused(NamespaceDescriptor descriptor, KnockRefusal refusal) {
        return new KnockAnswer(descriptor, false, refusal, ByteString.EMPTY, List.of(), ByteString.EMPTY, List.of());
    }

    /** For the wire. */
    public byte[] encode() {
        return KnockReply.newBuilder()
                .setSignedDescriptor(ByteString.copyFrom(descriptor.encode()))
                .setWaiting(waiting)
                .setRefusal(refusal)
                .setCredential(credential)
                .setMembers(ByteString.copyFrom(Contacts.encode(members)))
                .setSecret(secret)
                .addAllAuthorities(authorities)
                .build()
                .toByteArray();
    }
}
