package io.p2pvpn.vpn.node;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.node.BootstrapTarget;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.JoinRequest;
import io.p2pvpn.vpn.namespace.Addresses;
import io.p2pvpn.vpn.namespace.MembershipOptions;
import io.p2pvpn.vpn.option.BootstrapAddress;
import io.p2pvpn.vpn.option.NamespaceName;
import io.p2pvpn.vpn.trust.InviteToken;
import io.p2pvpn.vpn.tun.Cidr;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** From the texts of a join to what the node works with. */
final class JoinRequests {
    private static final int ID_HEX = 40;
    private static final int NAME_CHARS_MAX = 63;

    private JoinRequests() {}

    static MembershipOptions options(JoinRequest request) throws ControlException {
        try {
            NamespaceName name = NamespaceName.parse(request.namespace());
            return new MembershipOptions(
                    name.name(),
                    pinned(name.hash()),
                    request.open(),
                    invite(request.invite(), name.name()),
                    hostName(request.hostname()),
                    request.ip() == null ? null : Addresses.parse(request.ip()),
                    prefix(request.cidr()),
                    request.device(),
                    request.tun(),
                    request.mtuBytes(),
                    request.offload(),
                    request.tap());
        } catch (IllegalArgumentException wrong) {
            throw new ControlException(ControlException.Kind.WRONG_USAGE, String.valueOf(wrong.getMessage()), wrong);
        }
    }

    private static @Nullable OverlayId pinned(@Nullable String hash) {
        return hash == null ? null : OverlayId.parseOrNull(hash.substring(0, ID_HEX));
    }

    private static @Nullable InviteToken invite(@Nullable String text, String name) throws ControlException {
        InviteToken invite = text == null ? null : InviteToken.parse(text);
        if (text != null && invite == null) {
            throw new ControlException(
                    ControlException.Kind.NOT_PERMITTED,
                    "that is no invite, or it was altered or cut short: copy all of it, or ask for a new one");
        }
        if (invite != null && !invite.name().equalsIgnoreCase(name)) {
            throw new ControlException(
                    ControlException.Kind.NOT_PERMITTED,
                    "the invite is to " + invite.name() + ", not to " + name + ": ask for one to " + name);
        }
        return invite;
    }

    private static @Nullable Cidr prefix(@Nullable String text) throws ControlException {
        Cidr prefix = text == null ? null : Cidr.parse(text);
        if (text != null && (prefix == null || prefix.version() != 4 || prefix.prefixLength() > 29)) {
            throw new ControlException(
                    ControlException.Kind.WRONG_USAGE,
                    "--cidr takes an IPv4 prefix of 8 to 29 bits, for example 10.128.0.0/16");
        }
        return prefix;
    }

    private static String hostName(@Nullable String asked) {
        if (asked != null) {
            return asked;
        }
        String own;
        try {
            own = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            own = "node";
        }
        String plain = own.toLowerCase(Locale.ROOT).replaceAll("\\..*", "").replaceAll("[^a-z0-9-]", "-");
        String trimmed =
                plain.substring(0, Math.min(plain.length(), NAME_CHARS_MAX)).replaceAll("^-+|-+$", "");
        return trimmed.isEmpty() ? "node" : trimmed;
    }

    static List<BootstrapTarget> targets(List<BootstrapAddress> addresses) {
        List<BootstrapTarget> targets = new ArrayList<>();
        for (BootstrapAddress each : addresses) {
            String id = each.overlayId();
            String scheme = each.scheme();
            targets.add(new BootstrapTarget(
                    each.address().host(),
                    each.address().port(),
                    scheme == null ? null : Endpoint.Kind.valueOf(scheme.toUpperCase(Locale.ROOT)),
                    id == null ? null : OverlayId.parseOrNull(id)));
        }
        return targets;
    }
}
