package io.p2pvpn.vpn.trust;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.wire.Endpoints;
import io.p2pvpn.vpn.option.BootstrapAddress;
import io.p2pvpn.vpn.wire.proto.Invite;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What lets its bearer into a namespace: the way there, and a secret that its maker accepts so many times. Whoever has
 * it can use it: it is to be handed over as a password is.
 *
 * @param name of the namespace
 * @param namespaceId of the namespace
 * @param issuer who made it, by its ID in the public ring: only that node redeems it
 * @param endpoints where that node can be tried
 * @param bootstraps nodes that know the way into the public ring, as {@code HOST:PORT}
 * @param secret what its maker knows it by; never logged
 * @param expiresEpochMillis after that it is worth nothing, milliseconds since 1970
 */
public record InviteToken(
        String name,
        OverlayId namespaceId,
        OverlayId issuer,
        List<Endpoint> endpoints,
        List<String> bootstraps,
        ByteString secret,
        long expiresEpochMillis) {
    /** Length of the secret, in bytes. */
    public static final int SECRET_BYTES = 16;

    /** The longest text that is looked at, in characters. */
    public static final int CHARS_MAX = 1024;

    private static final String PREFIX = "p2pi1-";
    private static final int VERSION = 1;
    private static final int BOOTSTRAPS_MAX = 8;

    /** Keeps its own copies of the lists. */
    public InviteToken {
        endpoints = List.copyOf(endpoints);
        bootstraps = List.copyOf(bootstraps);
    }

    /** The text that is handed over: letters, digits, '-' and '_' only. */
    public String encode() {
        byte[] content = Invite.newBuilder()
                .setVersion(VERSION)
                .setName(name)
                .setNamespaceId(ByteString.copyFrom(namespaceId.toByteArray()))
                .setIssuer(ByteString.copyFrom(issuer.toByteArray()))
                .setEndpoints(Endpoints.encode(endpoints))
                .addAllBootstraps(bootstraps)
                .setSecret(secret)
                .setExpiresEpochMillis(expiresEpochMillis)
                .build()
                .toByteArray();
        return Armor.wrap(PREFIX, content);
    }

    /** The invite in a text; null if it is none, or was altered or cut short on its way. */
    public static @Nullable InviteToken parse(String text) {
        byte[] content = Armor.unwrap(PREFIX, text, CHARS_MAX);
        if (content == null) {
            return null;
        }
        try {
            Invite invite = Invite.parseFrom(content);
            return isRight(invite) ? of(invite) : null;
        } catch (IllegalArgumentException | InvalidProtocolBufferException e) {
            return null;
        }
    }

    private static boolean isRight(Invite invite) {
        return invite.getVersion() == VERSION
                && Names.isName(invite.getName())
                && invite.getNamespaceId().size() == OverlayId.BYTES
                && invite.getIssuer().size() == OverlayId.BYTES
                && invite.getSecret().size() == SECRET_BYTES
                && invite.getBootstrapsCount() <= BOOTSTRAPS_MAX;
    }

    private static InviteToken of(Invite invite) {
        // What cannot be a node's address is an alteration too.
        invite.getBootstrapsList().forEach(BootstrapAddress::parse);
        return new InviteToken(
                invite.getName(),
                OverlayId.of(invite.getNamespaceId().toByteArray()),
                OverlayId.of(invite.getIssuer().toByteArray()),
                Endpoints.decode(invite.getEndpoints()),
                invite.getBootstrapsList(),
                invite.getSecret(),
                invite.getExpiresEpochMillis());
    }

    /** Says nothing of the secret. */
    @Override
    public String toString() {
        return "invite to " + name + "@" + namespaceId.toShortString();
    }
}
