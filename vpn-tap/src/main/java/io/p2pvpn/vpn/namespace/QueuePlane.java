package io.p2pvpn.vpn.namespace;

import io.p2pvpn.overlay.runtime.Clock;
import io.p2pvpn.overlay.session.QueuePackets;
import io.p2pvpn.overlay.session.SessionLane;
import io.p2pvpn.overlay.session.SessionQueue;
import io.p2pvpn.vpn.data.DataPlane;
import io.p2pvpn.vpn.data.ForwardingTable;
import io.p2pvpn.vpn.data.GroupHandler;
import io.p2pvpn.vpn.data.MemberRoute;
import io.p2pvpn.vpn.data.MisdirectedHandler;
import io.p2pvpn.vpn.data.UnresolvedHandler;
import io.p2pvpn.vpn.data.VirtualNetwork;
import io.p2pvpn.vpn.packet.IpPacket;
import io.p2pvpn.vpn.tun.TunDevice;
import java.util.List;

/**
 * The data plane of one namespace on one queue: its part of the device, a table of members that are reached directly,
 * and the way to the loop for all else. Confined to the queue, once made.
 */
final class QueuePlane implements UnresolvedHandler, GroupHandler, SessionQueue.Hearer, TunDevice.Listener {
    private final SessionQueue queue;
    private final TunDevice device;
    private final QueuePackets toLoop;
    private final ForwardingTable table = new ForwardingTable();
    private final DataPlane plane;

    /** A plane at rest. */
    QueuePlane(Clock clock, SessionQueue queue, TunDevice device, VirtualNetwork network, QueuePackets toLoop) {
        this.queue = queue;
        this.device = device;
        this.toLoop = toLoop;
        this.plane = new DataPlane(
                clock, queue.counters(), queue.port(), device, network, table, this, MisdirectedHandler.NONE, this);
    }

    SessionQueue queue() {
        return queue;
    }

    void start() {
        device.setListener(this);
        queue.add(this);
        plane.start();
    }

    void stop() {
        plane.stop();
        queue.remove(this);
        device.close();
    }

    /** Sends to that member, and takes from it what comes on {@code channel}. */
    void put(LaneTunnel tunnel, MemberRoute loops, int channel) {
        MemberRoute route = new MemberRoute(tunnel, loops.ipv4(), loops.ulaHigh(), loops.gate());
        table.put(route);
        tunnel.lane().setSink(channel, (kind, buffer, offset, length, trafficClass) -> {
            tunnel.shared().markUsed();
            return plane.offer(route, kind, buffer, offset, length, trafficClass);
        });
    }

    /** The loop has given up this route. */
    void remove(SessionTunnel shared, int ipv4, SessionLane lane, int channel) {
        removeGuest(shared, ipv4);
        lane.setSink(channel, null);
    }

    /** Sends to a guest of that member, too, and takes from the member what comes from there. */
    void putGuest(LaneTunnel tunnel, MemberRoute loops) {
        table.put(new MemberRoute(tunnel, loops.ipv4(), loops.ulaHigh(), loops.gate()));
    }

    /** The loop has given up that address of a member. */
    void removeGuest(SessionTunnel shared, int ipv4) {
        MemberRoute route = table.get(ipv4);
        if (route != null && route.tunnel() instanceof LaneTunnel tunnel && tunnel.shared() == shared) {
            table.remove(ipv4);
        }
    }

    @Override
    public void onUnresolved(int destination, byte[] buffer, int length) {
        queue.handOver(toLoop, buffer, 0, length);
    }

    @Override
    public List<MemberRoute> onSent(byte[] buffer, int length, IpPacket packet, boolean ours) {
        queue.handOver(toLoop, buffer, 0, length);
        return List.of();
    }

    /** The loop judges that, as all that {@link DataPlane#offer} refuses. */
    @Override
    public boolean isWanted(IpPacket packet) {
        return false;
    }

    @Override
    public boolean onReceived(MemberRoute from, byte[] buffer, IpPacket packet) {
        return false;
    }

    @Override
    public boolean hasRoom() {
        return queue.hasRoom();
    }

    @Override
    public void onBatchEnd() {
        plane.onBatchEnd();
    }

    @Override
    public void onWritable() {
        plane.onWritable();
    }

    @Override
    public void onReadable() {
        queue.onTurn();
        plane.onReadable();
    }

    @Override
    public void onGone() {
        // The loop's part of the device is gone too, and says so.
    }
}
