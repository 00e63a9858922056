package io.p2pvpn.nat.punch;

import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.path.SideRoute;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.SideSocket;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.session.SessionLayer;
import java.util.ArrayList;
import java.util.List;

/**
 * The side whose boxes give each destination a port of its own: many sockets that each write to the peer, so that many
 * outside ports let it in (the birthday method). The socket that it finds stays as that path's own; the others are
 * closed.
 */
final class PortFan implements KnockPacer.Search {
    private final SessionLayer sessions;
    private final Session session;
    private final Endpoint target;
    private final int socketsMax;
    private final Permits permits;
    private final List<SideSocket> sockets = new ArrayList<>();

    PortFan(SessionLayer sessions, Session session, Endpoint target, int socketsMax, Permits permits) {
        this.sessions = sessions;
        this.session = session;
        this.target = target;
        this.socketsMax = socketsMax;
        this.permits = permits;
    }

    @Override
    public boolean knock() {
        if (sockets.size() >= socketsMax || !session.isOpen()) {
            return false;
        }
        if (!permits.take()) {
            return true;
        }
        SideSocket socket = sessions.openSide();
        if (socket == null) {
            return false;
        }
        sockets.add(socket);
        session.knock(new SideRoute(socket, target));
        return true;
    }

    /** Closes all but those that paths of the session use. */
    void end() {
        List<SideSocket> used = new ArrayList<>();
        if (session.isOpen()) {
            for (Path path : session.paths()) {
                if (path.isValidated() && path.route() instanceof SideRoute side) {
                    used.add(side.socket());
                }
            }
        }
        sockets.removeAll(used);
        sockets.forEach(SideSocket::close);
        sockets.clear();
    }
}
