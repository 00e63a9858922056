package io.p2pvpn.vpn.node;

import io.netty.channel.IoEventLoop;
import io.p2pvpn.overlay.host.HostQueue;
import io.p2pvpn.overlay.host.HostRuntime;
import io.p2pvpn.vpn.ethernet.EthernetPort;
import io.p2pvpn.vpn.names.NameServices;
import io.p2pvpn.vpn.namespace.DeviceProvider;
import io.p2pvpn.vpn.node.BridgeWatch.HostAddress;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.tun.LinuxTun;
import io.p2pvpn.vpn.tun.NetworkConfig;
import io.p2pvpn.vpn.tun.TapDevice;
import io.p2pvpn.vpn.tun.TunDevice;
import io.p2pvpn.vpn.tun.TunException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Devices of this Linux host, on the node's event loop. */
final class LinuxDevices implements DeviceProvider {
    /** In each ring: what comes in some milliseconds, while the loop is busy elsewhere. */
    private static final int RING_PACKETS = 500;

    private static final int IPV6_PREFIX_LENGTH = 64;

    private final HostRuntime runtime;
    private final IoEventLoop loop;
    private final List<HostQueue> queues;
    private final NameServices names;
    private final List<String> open = new ArrayList<>();
    private final List<BridgeWatch> bridges = new CopyOnWriteArrayList<>();

    LinuxDevices(HostRuntime runtime, NameServices names) {
        this.runtime = runtime;
        this.names = names;
        this.loop = runtime.eventLoop();
        this.queues = runtime.hostQueues();
    }

    @Override
    public TunDevice open(@Nullable String name, int ipv4, Cidr prefix, long ulaHigh, int mtuBytes, boolean offload)
            throws TunException {
        LinuxTun tun = LinuxTun.open(name, offload, queues.size() + 1);
        setUp(tun, addresses(ipv4, prefix, ulaHigh), mtuBytes, new byte[0]);
        return tun;
    }

    @Override
    public TapDevice openTap(
            @Nullable String name,
            int ipv4,
            Cidr prefix,
            long ulaHigh,
            int mtuBytes,
            boolean offload,
            byte[] hardwareAddress)
            throws TunException {
        List<HostAddress> addresses = addresses(ipv4, prefix, ulaHigh);
        LinuxTun tap = LinuxTun.openTap(name, offload, queues.size() + 1);
        setUp(tap, addresses, mtuBytes, hardwareAddress);
        bridges.removeIf(BridgeWatch::isClosed);
        bridges.add(new BridgeWatch(runtime, tap, addresses));
        return tap;
    }

    @Override
    public void takeOffBridges(int ipv4, Cidr prefix, long ulaHigh) throws TunException {
        BridgeWatch.takeOffAll(addresses(ipv4, prefix, ulaHigh));
    }

    @Override
    public CompletableFuture<Runnable> serve(EthernetPort port, int ipv4) {
        byte[] own = ByteBuffer.allocate(4).putInt(ipv4).array();
        try {
            return DhcpSocket.open(loop, DhcpSocket.at(InetAddress.getByAddress(own)), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<HostAddress> addresses(int ipv4, Cidr prefix, long ulaHigh) {
        byte[] four = ByteBuffer.allocate(4).putInt(ipv4).array();
        byte[] six = ByteBuffer.allocate(16)
                .putLong(ulaHigh)
                .putLong(ipv4 & 0xffff_ffffL)
                .array();
        try {
            return List.of(
                    new HostAddress(InetAddress.getByAddress(four), prefix.prefixLength()),
                    new HostAddress(InetAddress.getByAddress(six), IPV6_PREFIX_LENGTH));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param hardwareAddress of an Ethernet device; none for others */
    private void setUp(LinuxTun tun, List<HostAddress> addresses, int mtuBytes, byte[] hardwareAddress)
            throws TunException {
        try (NetworkConfig config = NetworkConfig.open()) {
            if (hardwareAddress.length > 0) {
                config.setHardwareAddress(tun.name(), hardwareAddress);
            }
            config.setUp(tun.name(), mtuBytes, RING_PACKETS);
            for (HostAddress each : addresses) {
                config.addAddress(tun.name(), each.address(), each.prefixLength());
            }
            tun.attach(loop);
            for (int i = 0; i < tun.linuxQueues().size(); i++) {
                tun.linuxQueues().get(i).attach(queues.get(i).eventLoop());
            }
        } catch (TunException | RuntimeException e) {
            close(tun);
            throw e;
        }
        open.add(tun.name());
    }

    private static void close(LinuxTun tun) {
        tun.linuxQueues().forEach(LinuxTun::close);
        tun.close();
    }

    @Override
    public List<Cidr> localPrefixes(@Nullable String exceptDevice) throws TunException {
        try (NetworkConfig config = NetworkConfig.open()) {
            List<Cidr> local = config.localPrefixes(exceptDevice);
            for (BridgeWatch each : bridges) {
                if (each.device().equals(exceptDevice) && each.bridge() != null) {
                    local.removeAll(each.prefixes());
                }
            }
            return local;
        }
    }

    @Override
    public NameServices names() {
        return names;
    }

    /**
     * Names of the devices made so far, and addresses of theirs that may be on a bridge: candidates through them would
     * tunnel the tunnel.
     */
    List<String> deviceNames() {
        List<String> names = new ArrayList<>(open);
        bridges.forEach(each -> names.addAll(each.addressTexts()));
        return names;
    }
}
