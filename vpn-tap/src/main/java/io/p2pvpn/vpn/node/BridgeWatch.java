package io.p2pvpn.vpn.node;

import io.p2pvpn.overlay.host.HostRuntime;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.tun.LinuxTun;
import io.p2pvpn.vpn.tun.NetworkConfig;
import io.p2pvpn.vpn.tun.NetworkConfig.Link;
import io.p2pvpn.vpn.tun.TapDevice.Port;
import io.p2pvpn.vpn.tun.TunException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks each second whether somebody has made a TAP device a port of a bridge. Then the host's virtual addresses go to
 * the bridge, where the host hears what comes through its ports; and back to the device when it is none any more.
 * Confined to the node's loop.
 */
final class BridgeWatch {
    private static final Logger LOG = LoggerFactory.getLogger(BridgeWatch.class);

    /** An address of the host. */
    record HostAddress(InetAddress address, int prefixLength) {}

    private final HostRuntime runtime;
    private final LinuxTun tap;
    private final String name;
    private final List<HostAddress> addresses;
    private final Timers.Timer timer;
    private volatile Port port = Port.ALONE;
    private boolean looking;
    private volatile boolean closed;

    BridgeWatch(HostRuntime runtime, LinuxTun tap, List<HostAddress> addresses) {
        this.runtime = runtime;
        this.tap = tap;
        this.name = tap.name();
        this.addresses = List.copyOf(addresses);
        this.timer = runtime.timers().everySecond(this::look);
        tap.onClose(this::close);
    }

    String device() {
        return name;
    }

    /** The bridge that the device is a port of, or null. */
    @Nullable
    String bridge() {
        return port.bridge();
    }

    /** The host's virtual addresses there. */
    List<String> addressTexts() {
        return addresses.stream().map(each -> each.address().getHostAddress()).toList();
    }

    List<Cidr> prefixes() {
        return addresses.stream()
                .map(each -> Cidr.of(each.address().getAddress(), each.prefixLength()))
                .filter(Objects::nonNull)
                .toList();
    }

    boolean isClosed() {
        return closed;
    }

    private void look() {
        if (looking) {
            return;
        }
        looking = true;
        Port before = port;
        Completions.whenDone(runtime.timers(), runtime.blocking().call(() -> settle(before)), (now, failure) -> {
            looking = false;
            if (failure == null && !closed) {
                port = now;
                tap.setPort(now);
            }
        });
    }

    /** Puts the addresses where they belong now. Blocks for an exchange with the kernel. */
    private Port settle(Port before) throws TunException {
        try (NetworkConfig config = NetworkConfig.open()) {
            Link link = config.link(name);
            Link master = link == null || link.masterIndex() == 0 ? null : config.link(link.masterIndex());
            Link bridge = master == null || !isBridge(master.name()) ? null : master;
            String wanted = bridge == null ? null : bridge.name();
            if (link != null && !Objects.equals(wanted, before.bridge())) {
                move(config, before.bridge() == null ? name : before.bridge(), wanted == null ? name : wanted);
            }
            return bridge == null ? Port.ALONE : new Port(wanted, bridge.mac());
        }
    }

    private void move(NetworkConfig config, String from, String to) throws TunException {
        for (HostAddress each : addresses) {
            var unused = config.addAddress(to, each.address(), each.prefixLength());
            config.removeAddress(from, each.address(), each.prefixLength());
        }
    }

    /** Takes the addresses off the bridge: an exchange with the kernel, since there may be no time for more. */
    void close() {
        closed = true;
        timer.cancel();
        String bridge = port.bridge();
        if (bridge != null) {
            try (NetworkConfig config = NetworkConfig.open()) {
                takeOff(config, bridge, addresses);
            } catch (TunException refused) {
                LOG.warn("cannot take the addresses of {} off {}: {}", name, bridge, refused.getMessage());
            }
        }
    }

    /**
     * Takes addresses off bridges on which a run that was killed has left them.
     *
     * @throws TunException when the kernel refuses
     */
    static void takeOffAll(List<HostAddress> addresses) throws TunException {
        try (NetworkConfig config = NetworkConfig.open()) {
            for (String device : config.devicesWith(addresses.get(0).address())) {
                if (isBridge(device)) {
                    takeOff(config, device, addresses);
                }
            }
        }
    }

    /** Of the kernel: other masters (bonds, Open vSwitch) do not take frames for their own addresses. */
    private static boolean isBridge(String device) {
        return Files.isDirectory(Path.of("/sys/class/net", device, "bridge"));
    }

    private static void takeOff(NetworkConfig config, String device, List<HostAddress> addresses) {
        for (HostAddress each : addresses) {
            config.removeAddress(device, each.address(), each.prefixLength());
        }
    }
}
