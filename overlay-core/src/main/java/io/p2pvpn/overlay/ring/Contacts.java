package io.p2pvpn.overlay.ring;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.Endpoints;
import io.p2pvpn.overlay.wire.proto.ContactInfo;
import io.p2pvpn.overlay.wire.proto.ContactList;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Contacts as messages carry them. */
public final class Contacts {
    /** The most contacts read from one message. */
    public static final int COUNT_MAX = 32;

    private Contacts() {}

    /** How others can reach the peer of this session, as far as we have seen or it has said. */
    public static Contact of(OverlayId ringId, Session session) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (Path path : session.paths()) {
            Endpoint endpoint = path.route().endpoint();
            // The far end of a stream that the peer opened takes no calls.
            if (path.isValidated()
                    && path.route().kind() == FrameRoute.Kind.UDP
                    && endpoint != null
                    && !endpoints.contains(endpoint)) {
                endpoints.add(endpoint);
            }
        }
        for (Endpoint endpoint : session.peerCandidates()) {
            if (!endpoints.contains(endpoint)) {
                endpoints.add(endpoint);
            }
        }
        return new Contact(ringId, session.peer(), endpoints, session.remoteBootId());
    }

    /** For a message. */
    public static ContactInfo toProto(Contact contact) {
        return ContactInfo.newBuilder()
                .setRingId(ByteString.copyFrom(contact.ringId().toByteArray()))
                .setIdentity(ByteString.copyFrom(contact.identity().encode()))
                .addAllEndpoints(Endpoints.toProto(contact.endpoints()))
                .setBootId(contact.bootId())
                .build();
    }

    /** From a message, or null if it is damaged. */
    public static @Nullable Contact fromProto(ContactInfo proto, IdentityCache identities) {
        OverlayId id = id(proto.getRingId());
        PublicIdentity identity = identities.parse(proto.getIdentity());
        return id == null || identity == null
                ? null
                : new Contact(id, identity, Endpoints.fromProto(proto.getEndpointsList()), proto.getBootId());
    }

    /** Encodes a list. */
    public static byte[] encode(List<Contact> contacts) {
        ContactList.Builder list = ContactList.newBuilder();
        contacts.forEach(contact -> list.addContacts(toProto(contact)));
        return list.build().toByteArray();
    }

    /** The sound contacts of an encoded list; empty if it is damaged. */
    public static List<Contact> decode(byte[] encoded, IdentityCache identities) {
        try {
            return fromProto(ContactList.parseFrom(encoded), identities);
        } catch (InvalidProtocolBufferException e) {
            return List.of();
        }
    }

    /** The sound contacts of a list, the first few. */
    public static List<Contact> fromProto(ContactList list, IdentityCache identities) {
        List<Contact> contacts = new ArrayList<>();
        for (ContactInfo proto : list.getContactsList()) {
            Contact contact = contacts.size() < COUNT_MAX ? fromProto(proto, identities) : null;
            if (contact != null) {
                contacts.add(contact);
            }
        }
        return contacts;
    }

    /** An ID from a message, or null. */
    public static @Nullable OverlayId id(ByteString bytes) {
        return bytes.size() == OverlayId.BYTES ? OverlayId.of(bytes.toByteArray()) : null;
    }

    /** An ID for a message. */
    public static ByteString bytes(OverlayId id) {
        return ByteString.copyFrom(id.toByteArray());
    }
}
