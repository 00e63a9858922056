package io.p2pvpn.vpn.node;

import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.vpn.control.PeersReport;
import io.p2pvpn.vpn.control.PeersReport.PathStatus;
import io.p2pvpn.vpn.control.PeersReport.Peer;
import io.p2pvpn.vpn.control.ProgramVersion;
import io.p2pvpn.vpn.control.StatusReport;
import io.p2pvpn.vpn.control.StatusReport.EthernetStatus;
import io.p2pvpn.vpn.control.StatusReport.GuestStatus;
import io.p2pvpn.vpn.control.StatusReport.NamespaceState;
import io.p2pvpn.vpn.control.StatusReport.NamespaceStatus;
import io.p2pvpn.vpn.control.StatusReport.RingStatus;
import io.p2pvpn.vpn.ethernet.EthernetPort;
import io.p2pvpn.vpn.names.NameZone;
import io.p2pvpn.vpn.namespace.Addresses;
import io.p2pvpn.vpn.namespace.MemberNotes;
import io.p2pvpn.vpn.namespace.Membership;
import io.p2pvpn.vpn.trust.MemberCredential;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import io.p2pvpn.vpn.wire.proto.MemberValue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The documents of the control API, read off a node. Confined to the node's loop. */
final class Reports {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long MILLIS_PER_SECOND = 1000;

    private Reports() {}

    static StatusReport status(NodeDaemon daemon) {
        OverlayNode node = daemon.node();
        List<NamespaceStatus> namespaces = new ArrayList<>();
        daemon.memberships().forEach(membership -> namespaces.add(namespace(membership)));
        return new StatusReport(
                ProgramVersion.text(),
                node.identity().nodeId().toString(),
                daemon.state(),
                daemon.uptimeNanos() / NANOS_PER_SECOND,
                NetReports.endpoints(daemon),
                NetReports.nat(daemon),
                ring(node.publicRing()),
                namespaces,
                daemon.health());
    }

    static NamespaceStatus namespace(Membership membership) {
        NamespaceDescriptor descriptor = membership.descriptor();
        Ring ring = membership.ring();
        MemberCredential credential = membership.credential();
        int ipv4 = membership.ipv4();
        List<String> addresses = new ArrayList<>();
        if (descriptor != null && ipv4 != 0) {
            addresses.add(Addresses.text4(ipv4) + "/" + descriptor.prefix().prefixLength());
            addresses.add(Addresses.text6(descriptor.ulaHigh(), ipv4) + "/64");
        }
        return new NamespaceStatus(
                membership.options().name(),
                descriptor == null ? null : descriptor.id().toString(),
                membership.overlayId() == null ? null : String.valueOf(membership.overlayId()),
                NamespaceState.valueOf(membership.state().name()),
                membership.role().word(),
                ipv4 == 0 ? null : Addresses.text4(ipv4),
                addresses,
                membership.deviceName(),
                membership.mtuBytes(),
                ring == null ? RingStatus.EMPTY : ring(ring),
                NameZone.domain(membership.options().name()),
                membership.presence() == null ? null : membership.presence().namesHow(),
                membership.approvalCode(),
                credential == null
                        ? null
                        : Instant.ofEpochSecond(credential.notAfterMillis() / MILLIS_PER_SECOND)
                                .toString(),
                ethernet(membership));
    }

    private static @Nullable EthernetStatus ethernet(Membership membership) {
        EthernetPort port = EthernetWatch.port(membership);
        if (port == null) {
            return null;
        }
        List<GuestStatus> guests = new ArrayList<>();
        port.guests()
                .forEach(guest ->
                        guests.add(new GuestStatus(guest.mac(), Addresses.text4(guest.ipv4()), guest.hostName())));
        return new EthernetStatus(port.mac(), port.bridge(), port.isQuiet(), guests);
    }

    private static RingStatus ring(Ring ring) {
        return new RingStatus(ring.sizeEstimate(), ids(ring.successors()), ids(ring.predecessors()));
    }

    private static List<String> ids(List<Contact> contacts) {
        List<String> ids = new ArrayList<>();
        contacts.forEach(contact -> ids.add(contact.ringId().toString()));
        return ids;
    }

    static PeersReport peers(NodeDaemon daemon) {
        List<Peer> peers = new ArrayList<>();
        OverlayNode node = daemon.node();
        for (RingPeer peer : node.publicRing().peers()) {
            peers.add(peer(daemon, peer, null));
        }
        for (Membership membership : daemon.memberships()) {
            Ring ring = membership.ring();
            if (ring != null) {
                for (RingPeer peer : ring.peers()) {
                    peers.add(peer(daemon, peer, membership));
                }
            }
        }
        return new PeersReport(peers);
    }

    private static Peer peer(NodeDaemon daemon, RingPeer peer, @Nullable Membership membership) {
        Session session = peer.session();
        String name = null;
        Integer address = null;
        if (membership != null) {
            MemberValue known = membership.directory() == null
                    ? null
                    : membership.directory().knownMember(peer.id());
            address = membership.addressOf(session.nodeId());
            if (address == null) {
                address = known != null ? Integer.valueOf(known.getIpv4()) : MemberNotes.ipv4(peer.note());
            }
            name = known != null ? known.getHostName() : MemberNotes.hostName(peer.note());
        }
        List<String> purposes = new ArrayList<>();
        for (Purpose purpose : daemon.node().links().purposes(session.nodeId())) {
            purposes.add(purpose.toString());
        }
        long age = daemon.runtime().clock().nanoTime() - session.handshakeNanos();
        return new Peer(
                peer.id().toString(),
                name,
                membership == null ? null : membership.options().name(),
                address == null ? null : Addresses.text4(address),
                purposes,
                age / NANOS_PER_SECOND,
                session.sentBytes(),
                session.receivedBytes(),
                daemon.pathReason(session),
                paths(session));
    }

    private static List<PathStatus> paths(Session session) {
        List<PathStatus> paths = new ArrayList<>();
        for (Path path : session.paths()) {
            Endpoint remote = path.route().endpoint();
            boolean active = path == session.activePath();
            PathStatus status = new PathStatus(
                    path.route().kind().name().toLowerCase(Locale.ROOT),
                    remote == null ? null : remote.toString(),
                    path.route().via() == null
                            ? null
                            : String.valueOf(path.route().via()),
                    active,
                    path.rttNanos() < 0 ? null : path.rttNanos() / NANOS_PER_MILLI,
                    path.rttNanos() < 0 ? null : path.lossRatio(),
                    path.frameBytes() - Session.PACKET_OVERHEAD_BYTES);
            paths.add(active ? 0 : paths.size(), status);
        }
        return paths;
    }
}
