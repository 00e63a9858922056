package io.p2pvpn.vpn.namespace;

import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.data.DataPlane;
import io.p2pvpn.vpn.data.VirtualNetwork;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.tun.TunDevice;
import io.p2pvpn.vpn.tun.TunException;
import java.util.function.Consumer;

/** A namespace's network device, open and switched on, and the packets it moves. Confined to the node's loop. */
final class VirtualDevice {
    private final TunDevice device;
    private final int mtuBytes;
    private final GroupTraffic groups;
    private final DataPlane plane;
    private final QueuePlanes queues;
    private final PacketRoutes routes;
    private final TapSide tapSide;

    private VirtualDevice(
            TunDevice device,
            int mtuBytes,
            GroupTraffic groups,
            QueuePlanes queues,
            PacketRoutes routes,
            TapSide tapSide) {
        this.device = device;
        this.mtuBytes = mtuBytes;
        this.groups = groups;
        this.plane = groups.plane();
        this.queues = queues;
        this.routes = routes;
        this.tapSide = tapSide;
    }

    /**
     * Makes the device.
     *
     * @param onGone told the device's name when somebody else removes it
     * @throws TunException when the host refuses, or reaches the namespace's addresses by another way
     */
    static VirtualDevice open(
            MembershipHost parts,
            MembershipOptions options,
            NamespaceDescriptor descriptor,
            int ipv4,
            PacketRoutes routes,
            TapSide tapSide,
            Consumer<String> onGone)
            throws TunException {
        NodeRuntime runtime = parts.node().runtime();
        DeviceProvider devices = parts.devices();
        if (options.tap()) {
            devices.takeOffBridges(ipv4, descriptor.prefix(), descriptor.ulaHigh());
        }
        for (Cidr local : devices.localPrefixes(null)) {
            if (local.overlaps(descriptor.prefix())) {
                throw new TunException(
                        "the addresses of " + options.name() + " (" + descriptor.prefix() + ") collide with " + local
                                + " on this host",
                        "leave that network, or found the namespace anew with another --cidr",
                        false);
            }
        }
        int mtuBytes = options.mtuBytes() > 0
                ? options.mtuBytes()
                : VirtualNetwork.mtuBytesFor(runtime.transport().linkMtuBytesMax());
        TunDevice opened = options.tap()
                ? tapSide.open(ipv4, mtuBytes, routes.table())
                : devices.open(
                        options.device(), ipv4, descriptor.prefix(), descriptor.ulaHigh(), mtuBytes, options.offload());
        VirtualNetwork network = new VirtualNetwork(ipv4, descriptor.prefix(), descriptor.ulaHigh(), mtuBytes);
        GroupTraffic groups = new GroupTraffic(parts, descriptor.id(), routes, network, opened);
        DataPlane plane = groups.plane();
        opened.setListener(new TunDevice.Listener() {
            @Override
            public void onReadable() {
                plane.onReadable();
            }

            @Override
            public void onGone() {
                onGone.accept(opened.name());
            }
        });
        QueuePlanes queues = new QueuePlanes(
                runtime, parts.node().sessions().dataQueues(), opened, network, parts.channel(), plane::inject);
        routes.setDataPlane(plane, queues);
        plane.start();
        return new VirtualDevice(opened, mtuBytes, groups, queues, routes, tapSide);
    }

    String name() {
        return device.name();
    }

    int mtuBytes() {
        return mtuBytes;
    }

    void onBatchEnd() {
        plane.onBatchEnd();
    }

    void onWritable() {
        plane.onWritable();
    }

    void close() {
        tapSide.close();
        plane.stop();
        groups.close();
        routes.setDataPlane(null, null);
        queues.close();
        device.close();
    }
}
