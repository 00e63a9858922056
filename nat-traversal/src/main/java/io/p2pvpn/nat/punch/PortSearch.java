package io.p2pvpn.nat.punch;

import io.p2pvpn.overlay.path.EndpointRoute;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.overlay.session.Session;
import java.net.InetAddress;
import java.util.function.BooleanSupplier;

/** The side that looks for the peer's unknown ports, from the node's own socket. */
final class PortSearch implements KnockPacer.Search {
    private final Session session;
    private final Transport transport;
    private final InetAddress address;
    private final PortOrder ports;
    private final Permits permits;
    private final BooleanSupplier isDone;
    private int left;

    PortSearch(
            Session session,
            Transport transport,
            InetAddress address,
            PortOrder ports,
            Permits permits,
            int probes,
            BooleanSupplier isDone) {
        this.session = session;
        this.transport = transport;
        this.address = address;
        this.ports = ports;
        this.permits = permits;
        this.left = probes;
        this.isDone = isDone;
    }

    @Override
    public boolean knock() {
        if (left == 0 || !session.isOpen() || isDone.getAsBoolean()) {
            return false;
        }
        if (!permits.take()) {
            return true;
        }
        left--;
        Endpoint target = Endpoint.of(Endpoint.Kind.UDP, address, ports.next());
        session.knock(new EndpointRoute(transport, target));
        return left > 0;
    }
}
