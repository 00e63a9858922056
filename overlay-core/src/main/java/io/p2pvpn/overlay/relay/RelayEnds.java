package io.p2pvpn.overlay.relay;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.link.LinkTable;
import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.overlay.rpc.SessionCalls;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.session.SessionLayer;
import io.p2pvpn.overlay.wire.proto.RelayBind;
import io.p2pvpn.overlay.wire.proto.RelayBound;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The ends' part: relay routes of this node's sessions, made by asking a relay or by agreeing to an offer. The session
 * with a relay is wished for as long as a route needs it. Confined to the node's loop.
 */
final class RelayEnds {
    /** Relay routes of a node. */
    static final int ROUTES_MAX = 1024;
    /** Relay routes to one peer. */
    static final int ROUTES_PER_PEER_MAX = 4;

    private final NodeRuntime runtime;
    private final SessionLayer sessions;
    private final LinkTable links;
    private final SessionCalls calls;
    private final RelayLabels labels;
    private final List<RelayRoute> routes = new ArrayList<>();

    RelayEnds(NodeRuntime runtime, SessionLayer sessions, LinkTable links, SessionCalls calls, RelayLabels labels) {
        this.runtime = runtime;
        this.sessions = sessions;
        this.links = links;
        this.calls = calls;
        this.labels = labels;
        calls.handle("relay.offer", this::onOffer);
    }

    /** Routes that exist now. */
    int size() {
        return routes.size();
    }

    /** Asks {@code relay} to forward between us and {@code peer}; completes once both ends and the relay agree. */
    CompletableFuture<RelayRoute> bind(Session peer, Session relay) {
        RelayRoute route = routeFor(peer, relay);
        if (route == null) {
            return CompletableFuture.failedFuture(new CallException("too many relay routes"));
        }
        byte[] request = RelayBind.newBuilder()
                .setPeer(Relays.bytes(peer.nodeId()))
                .setLabel(route.label())
                .build()
                .toByteArray();
        CompletableFuture<RelayRoute> done = new CompletableFuture<>();
        Completions.whenDone(runtime.timers(), calls.call(relay, "relay.bind", request), (body, failure) -> {
            int label = failure == null ? Relays.label(body) : 0;
            if (label != 0 && routes.contains(route)) {
                use(peer, route, label);
                done.complete(route);
            } else {
                release(route);
                done.completeExceptionally(failure == null ? new CallException("released") : failure);
            }
        });
        return done;
    }

    private void use(Session peer, RelayRoute route, int remoteLabel) {
        route.setRemoteLabel(remoteLabel);
        peer.tryRoute(route);
    }

    /** A relay says that {@code peer} wants to be reached through it. */
    private CompletableFuture<byte[]> onOffer(Session relay, byte[] request) throws InvalidProtocolBufferException {
        RelayBind offer = RelayBind.parseFrom(request);
        OverlayId id = Relays.id(offer.getPeer());
        Session peer = id == null ? null : sessions.session(id);
        if (peer == null || peer == relay || offer.getLabel() == 0 || !relay.isDirect()) {
            return CompletableFuture.failedFuture(new CallException("no session with it"));
        }
        RelayRoute route = routeFor(peer, relay);
        if (route == null) {
            return CompletableFuture.failedFuture(new CallException("too many relay routes"));
        }
        use(peer, route, offer.getLabel());
        return CompletableFuture.completedFuture(
                RelayBound.newBuilder().setLabel(route.label()).build().toByteArray());
    }

    private @Nullable RelayRoute routeFor(Session peer, Session relay) {
        int ofPeer = 0;
        for (RelayRoute route : routes) {
            if (route.peer().equals(peer.nodeId())) {
                if (route.relay() == relay) {
                    return route;
                }
                ofPeer++;
            }
        }
        if (routes.size() >= ROUTES_MAX || ofPeer >= ROUTES_PER_PEER_MAX) {
            return null;
        }
        RelayRoute route = new RelayRoute(this, peer.nodeId(), relay, labels.fresh());
        labels.put(route.label(), route);
        routes.add(route);
        links.want(relay.peer(), List.of(), this, Purpose.RELAY);
        return route;
    }

    /** No path uses it any more: the relay may forget it. */
    void release(RelayRoute route) {
        if (!routes.remove(route)) {
            return;
        }
        labels.remove(route.label());
        Relays.tellReleased(calls, route.relay(), route.remoteLabel());
        boolean needed = routes.stream().anyMatch(other -> other.relay() == route.relay());
        if (!needed) {
            links.release(route.relay().nodeId(), this, Purpose.RELAY);
        }
    }

    /** It leads nowhere: the peer's session takes another path at once. */
    void drop(RelayRoute route) {
        release(route);
        Session peer = sessions.session(route.peer());
        if (peer != null) {
            peer.dropRoute(route);
        }
    }

    /** What leads over this session ends: it is over, or its path is not direct any more. */
    void dropAllVia(Session relay) {
        for (RelayRoute route : List.copyOf(routes)) {
            if (route.relay() == relay) {
                drop(route);
            }
        }
    }

    /** The session with the peer is over. */
    void onDown(Session session) {
        for (RelayRoute route : List.copyOf(routes)) {
            if (route.peer().equals(session.nodeId())) {
                release(route);
            }
        }
        dropAllVia(session);
    }
}
