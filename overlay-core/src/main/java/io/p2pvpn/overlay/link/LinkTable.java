package io.p2pvpn.overlay.link;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.session.Initiation;
import io.p2pvpn.overlay.session.InitiationListener;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.session.SessionLayer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Wished-for sessions, by node ID. Confined to the node's loop. */
public final class LinkTable {
    /** Wishes at a time; more are refused and reported as failed. */
    public static final int LINKS_MAX = 4096;
    /** How long a dial goes on. */
    public static final long DIAL_NANOS = 8_000_000_000L;

    private record Wish(Object owner, Purpose purpose) {}

    private static final class Link {
        /** Each once; mostly there is one. */
        private final List<Wish> wishes = new ArrayList<>(1);

        private @Nullable Initiation dialing;
    }

    private final SessionLayer sessions;
    private final TreeMap<OverlayId, Link> links = new TreeMap<>();
    private final List<LinkListener> listeners = new ArrayList<>();

    /** An empty table over these sessions. */
    public LinkTable(SessionLayer sessions) {
        this.sessions = sessions;
    }

    /** Adds someone who hears of failures. */
    public void addListener(LinkListener listener) {
        listeners.add(listener);
    }

    /**
     * Wishes for a session with {@code peer}; dials over all {@code routes} unless there is one or a dial is under way
     * (which then gains the routes).
     *
     * @param owner who wishes; the same owner and purpose count once
     */
    public void want(PublicIdentity peer, List<FrameRoute> routes, Object owner, Purpose purpose) {
        OverlayId nodeId = peer.nodeId();
        Link link = links.get(nodeId);
        if (link == null) {
            if (links.size() >= LINKS_MAX) {
                listeners.forEach(listener -> listener.onLinkFailed(nodeId, "too many links"));
                return;
            }
            link = new Link();
            links.put(nodeId, link);
        }
        Wish wish = new Wish(owner, purpose);
        if (!link.wishes.contains(wish)) {
            link.wishes.add(wish);
        }
        Session session = sessions.session(nodeId);
        if (session != null) {
            apply(session, link);
        } else if (link.dialing == null) {
            link.dialing = sessions.initiate(peer, null, routes, DIAL_NANOS, result(nodeId, link));
        } else {
            routes.forEach(link.dialing::addRoute);
        }
    }

    /** Who forwards messages or frames of others has to know at once that the peer is gone. */
    private static void apply(Session session, Link link) {
        boolean relaxed = link.wishes.stream()
                .allMatch(wish -> wish.purpose() == Purpose.CHOTA || wish.purpose() == Purpose.BOOTSTRAP);
        session.setRelaxed(relaxed);
        session.setWanted(!link.wishes.isEmpty());
    }

    private InitiationListener result(OverlayId nodeId, Link link) {
        return new InitiationListener() {
            @Override
            public void onSession(Session session) {
                link.dialing = null;
                apply(session, link);
            }

            @Override
            public void onFailed(String reason) {
                link.dialing = null;
                if (sessions.session(nodeId) == null && links.remove(nodeId, link)) {
                    List.copyOf(listeners).forEach(listener -> listener.onLinkFailed(nodeId, reason));
                }
            }
        };
    }

    /** Takes a wish back; the session closes by itself when neither end wants it. */
    public void release(OverlayId nodeId, Object owner, Purpose purpose) {
        Link link = links.get(nodeId);
        if (link == null || !link.wishes.remove(new Wish(owner, purpose))) {
            return;
        }
        if (!link.wishes.isEmpty()) {
            Session kept = sessions.session(nodeId);
            if (kept != null) {
                apply(kept, link);
            }
            return;
        }
        links.remove(nodeId);
        if (link.dialing != null) {
            link.dialing.cancel();
        }
        Session session = sessions.session(nodeId);
        if (session != null) {
            session.setWanted(false);
        }
    }

    /** A session came up: dials for it are over, and wishes apply to it. */
    public void onUp(Session session) {
        Link link = links.get(session.nodeId());
        if (link != null) {
            if (link.dialing != null) {
                link.dialing.cancel();
                link.dialing = null;
            }
            apply(session, link);
        }
    }

    /** A session is over: its wishes are forgotten; owners who still want it say so again. */
    public void onDown(Session session) {
        Link link = links.remove(session.nodeId());
        if (link != null && link.dialing != null) {
            link.dialing.cancel();
        }
    }

    /** Why we want a session with this node; empty if we do not. */
    public Set<Purpose> purposes(OverlayId nodeId) {
        Link link = links.get(nodeId);
        EnumSet<Purpose> purposes = EnumSet.noneOf(Purpose.class);
        if (link != null) {
            link.wishes.forEach(wish -> purposes.add(wish.purpose()));
        }
        return purposes;
    }

    /** True while a handshake that we started is under way. */
    public boolean isDialing(OverlayId nodeId) {
        Link link = links.get(nodeId);
        return link != null && link.dialing != null;
    }
}
