package io.p2pvpn.vpn.namespace;

import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.session.QueuePackets;
import io.p2pvpn.overlay.session.SessionLane;
import io.p2pvpn.overlay.session.SessionQueue;
import io.p2pvpn.vpn.data.MemberRoute;
import io.p2pvpn.vpn.data.VirtualNetwork;
import io.p2pvpn.vpn.tun.TunDevice;
import java.util.ArrayList;
import java.util.List;

/** The loop's side of a namespace's {@link QueuePlane}s: tells them the routes. Confined to the node's loop. */
final class QueuePlanes {
    private final NodeRuntime runtime;
    private final int channel;
    private final List<QueuePlane> planes = new ArrayList<>();

    /**
     * A plane on each queue that has a part of the device.
     *
     * @param channel the number under which peers send us this namespace's packets
     * @param toLoop takes packets that queues have no way for
     */
    QueuePlanes(
            NodeRuntime runtime,
            List<SessionQueue> queues,
            TunDevice device,
            VirtualNetwork network,
            int channel,
            QueuePackets toLoop) {
        this.runtime = runtime;
        this.channel = channel;
        List<TunDevice> parts = device.queues();
        for (int i = 0; i < Math.min(parts.size(), queues.size()); i++) {
            QueuePlane plane = new QueuePlane(runtime.clock(), queues.get(i), parts.get(i), network, toLoop);
            planes.add(plane);
            plane.queue().tell(plane::start);
        }
    }

    /** There is a route to a member, by that tunnel. */
    void put(SessionTunnel tunnel, MemberRoute route) {
        for (QueuePlane plane : planes) {
            SessionLane lane = tunnel.session().lane(plane.queue().number());
            LaneTunnel onQueue = new LaneTunnel(tunnel, lane, runtime.timers());
            plane.queue().tell(() -> plane.put(onQueue, route, channel));
        }
    }

    /** It is no more. */
    void remove(SessionTunnel tunnel, MemberRoute route) {
        for (QueuePlane plane : planes) {
            SessionLane lane = tunnel.session().lane(plane.queue().number());
            plane.queue().tell(() -> plane.remove(tunnel, route.ipv4(), lane, channel));
        }
    }

    /** There is a way to a guest of that member, by its tunnel. */
    void putGuest(SessionTunnel tunnel, MemberRoute route) {
        for (QueuePlane plane : planes) {
            SessionLane lane = tunnel.session().lane(plane.queue().number());
            LaneTunnel onQueue = new LaneTunnel(tunnel, lane, runtime.timers());
            plane.queue().tell(() -> plane.putGuest(onQueue, route));
        }
    }

    /** It is no more. */
    void removeGuest(SessionTunnel tunnel, MemberRoute route) {
        for (QueuePlane plane : planes) {
            plane.queue().tell(() -> plane.removeGuest(tunnel, route.ipv4()));
        }
    }

    void close() {
        for (QueuePlane plane : planes) {
            plane.queue().tell(plane::stop);
        }
        planes.clear();
    }
}
