package io.p2pvpn.vpn.node;

import io.netty.channel.IoEventLoop;
import io.p2pvpn.overlay.host.HostQueue;
import io.p2pvpn.overlay.host.HostRuntime;
import io.p2pvpn.vpn.names.NameServices;
import io.p2pvpn.vpn.namespace.DeviceProvider;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.tun.LinuxTun;
import io.p2pvpn.vpn.tun.NetworkConfig;
import io.p2pvpn.vpn.tun.TunDevice;
import io.p2pvpn.vpn.tun.TunException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Devices of this Linux host, on the node's event loop. */
final class LinuxDevices implements DeviceProvider {
    /** In each ring: what comes in some milliseconds, while the loop is busy elsewhere. */
    private static final int RING_PACKETS = 500;

    private static final int IPV6_PREFIX_LENGTH = 64;

    private final IoEventLoop loop;
    private final List<HostQueue> queues;
    private final NameServices names;
    private final List<String> open = new ArrayList<>();

    LinuxDevices(HostRuntime runtime, NameServices names) {
        this.names = names;
        this.loop = runtime.eventLoop();
        this.queues = runtime.hostQueues();
    }

    @Override
    public TunDevice open(@Nullable String name, int ipv4, Cidr prefix, long ulaHigh, int mtuBytes, boolean offload)
            throws TunException {
        LinuxTun tun = LinuxTun.open(name, offload, queues.size() + 1);
        try (NetworkConfig config = NetworkConfig.open()) {
            config.setUp(tun.name(), mtuBytes, RING_PACKETS);
            byte[] four = ByteBuffer.allocate(4).putInt(ipv4).array();
            byte[] six = ByteBuffer.allocate(16)
                    .putLong(ulaHigh)
                    .putLong(ipv4 & 0xffff_ffffL)
                    .array();
            config.addAddress(tun.name(), InetAddress.getByAddress(four), prefix.prefixLength());
            config.addAddress(tun.name(), InetAddress.getByAddress(six), IPV6_PREFIX_LENGTH);
            tun.attach(loop);
            for (int i = 0; i < tun.linuxQueues().size(); i++) {
                tun.linuxQueues().get(i).attach(queues.get(i).eventLoop());
            }
        } catch (TunException | RuntimeException e) {
            close(tun);
            throw e;
        } catch (UnknownHostException e) {
            close(tun);
            throw new IllegalStateException(e);
        }
        open.add(tun.name());
        return tun;
    }

    private static void close(LinuxTun tun) {
        tun.linuxQueues().forEach(LinuxTun::close);
        tun.close();
    }

    @Override
    public List<Cidr> localPrefixes(@Nullable String exceptDevice) throws TunException {
        try (NetworkConfig config = NetworkConfig.open()) {
            return config.localPrefixes(exceptDevice);
        }
    }

    @Override
    public NameServices names() {
        return names;
    }

    /** Names of the devices made so far: candidates through them would tunnel the tunnel. */
    List<String> deviceNames() {
        return List.copyOf(open);
    }
}
