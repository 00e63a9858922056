package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.trust.Issuer;
import io.p2pvpn.vpn.trust.MemberTerms;
import io.p2pvpn.vpn.trust.NamespaceAuthority;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import io.p2pvpn.vpn.trust.Role;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.tun.TunException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Makes a new namespace: its CA, its descriptor, its secret and the founder's certificate. */
final class Founding {
    private static final int PREFIX_TRIES = 256;
    private static final int SALT_BYTES = 16;

    private Founding() {}

    /** @param taken prefixes that the new one must not meet */
    static NamespaceStore.Kept found(
            NodeRuntime runtime, Identity identity, MembershipOptions options, List<Cidr> taken)
            throws ControlException {
        NamespaceAuthority authority = NamespaceAuthority.generate(runtime.keys());
        byte[] salt = new byte[SALT_BYTES];
        runtime.keys().fill(salt);
        byte[] ula = new byte[8];
        runtime.keys().fill(ula);
        // RFC 4193: fd, 40 random bits, 16 bits of subnet.
        ula[0] = (byte) 0xfd;
        Cidr asked = options.prefix();
        Cidr prefix = asked != null ? checked(asked, taken) : random(runtime, taken);
        long now = runtime.clock().epochMillis();
        NamespaceDescriptor descriptor = authority.describe(new NamespaceDescriptor.Terms(
                options.name(), options.open(), prefix, ByteBuffer.wrap(ula).getLong(), salt, now));
        ByteString credential =
                options.open() ? ByteString.EMPTY : certify(runtime, identity, authority, options.hostName());
        return new NamespaceStore.Kept(descriptor, authority, credential, NamespaceSecret.generate(runtime.keys()), 0);
    }

    /** What makes the node that has the authority a member. */
    static ByteString certify(NodeRuntime runtime, Identity identity, NamespaceAuthority authority, String hostName) {
        byte[] serial = new byte[MemberTerms.SERIAL_BYTES];
        runtime.keys().fill(serial);
        byte[] salt = new byte[MemberTerms.SALT_BYTES];
        runtime.keys().fill(salt);
        long now = runtime.clock().epochMillis();
        return ByteString.copyFrom(Issuer.of(authority)
                .issue(new MemberTerms(
                        identity.publicIdentity().signingKey(),
                        hostName,
                        Role.ADMIN,
                        serial,
                        salt,
                        now,
                        now + Registrar.VALID_MILLIS)));
    }

    private static Cidr checked(Cidr asked, List<Cidr> taken) throws ControlException {
        for (Cidr other : taken) {
            if (other.overlaps(asked)) {
                throw new ControlException(
                        ControlException.Kind.FAILED,
                        "--cidr " + asked + " collides with " + other + ", which this host reaches: choose another");
            }
        }
        return asked;
    }

    /** A random /16 of 10.0.0.0/8. */
    private static Cidr random(NodeRuntime runtime, List<Cidr> taken) throws ControlException {
        for (int i = 0; i < PREFIX_TRIES; i++) {
            Cidr candidate = Cidr.of4(10 << 24 | runtime.random().nextInt(256) << 16, 16);
            if (taken.stream().noneMatch(other -> other.overlaps(candidate))) {
                return candidate;
            }
        }
        throw new ControlException(
                ControlException.Kind.FAILED, "no free /16 in 10.0.0.0/8 on this host: choose a prefix with --cidr");
    }

    /** Prefixes that a namespace of ours must not meet: those of this host, and those that our peers are in. */
    static List<Cidr> taken(MembershipHost parts) throws ControlException {
        try {
            return taken(
                    parts.devices().localPrefixes(null), parts.node().sessions().sessions());
        } catch (TunException e) {
            throw new ControlException(ControlException.Kind.FAILED, String.valueOf(e.getMessage()), e);
        }
    }

    /** Local prefixes, and the addresses at which our peers are seen. */
    private static List<Cidr> taken(List<Cidr> local, Collection<Session> sessions) {
        List<Cidr> taken = new ArrayList<>(local);
        for (Session session : sessions) {
            for (Path path : session.paths()) {
                Endpoint endpoint = path.route().endpoint();
                Cidr seen = endpoint == null || endpoint.isIpv6() ? null : Cidr.of(endpoint.addressBytes(), 32);
                if (seen != null) {
                    taken.add(seen);
                }
            }
        }
        return taken;
    }
}
