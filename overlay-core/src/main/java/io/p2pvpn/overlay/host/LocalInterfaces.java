package io.p2pvpn.overlay.host;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.InterfaceUse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which interface of this host leads to an address, as far as it matters: what it may be used for. The system's routes
 * say that, asked once per remote network until they change. Confined to the loop.
 */
final class LocalInterfaces {
    static final int NETWORKS_MAX = 1024;

    /** The networks that are asked for together: /24 and /64 as a rule have one route. */
    private static final int NETWORK_IPV4_BYTES = 3;

    private static final int NETWORK_IPV6_BYTES = 8;

    private static final int ETHERNET_MTU = 1500;

    private final Map<Long, InterfaceUse> byNetwork = new LinkedHashMap<>();
    private InterfaceRules rules;
    private @Nullable Boolean metered;

    LocalInterfaces(InterfaceRules rules) {
        this.rules = rules;
    }

    /** Other rules hold from now on. */
    void setRules(InterfaceRules next) {
        rules = next;
        onNetworkChanged();
    }

    /** The routes are others than before. */
    void onNetworkChanged() {
        byNetwork.clear();
        metered = null;
    }

    /** These devices, and those that are off. */
    List<String> excluded(List<String> devices) {
        return rules.isEmpty() ? devices : rules.excluding(devices, names());
    }

    private static List<String> names() {
        try {
            return Collections.list(NetworkInterface.getNetworkInterfaces()).stream()
                    .map(NetworkInterface::getName)
                    .toList();
        } catch (SocketException e) {
            return List.of();
        }
    }

    /** What the interface that leads there may be used for; on where that cannot be said. */
    InterfaceUse useOf(Endpoint remote) {
        if (rules.isEmpty()) {
            return InterfaceUse.ON;
        }
        byte[] address = remote.addressBytes();
        long key = 0;
        for (int i = 0; i < (remote.isIpv6() ? NETWORK_IPV6_BYTES : NETWORK_IPV4_BYTES); i++) {
            key = key << Byte.SIZE | (address[i] & 0xff);
        }
        InterfaceUse known = byNetwork.get(key);
        if (known == null) {
            known = lookUp(remote);
            if (byNetwork.size() >= NETWORKS_MAX) {
                byNetwork.remove(byNetwork.keySet().iterator().next());
            }
            byNetwork.put(key, known);
        }
        return known;
    }

    private InterfaceUse lookUp(Endpoint remote) {
        InetAddress local = localFor(remote);
        return local == null ? InterfaceUse.ON : useOf(local);
    }

    /** Connecting a datagram socket sends nothing; it makes the system choose a route and a source. */
    private static @Nullable InetAddress localFor(Endpoint remote) {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(remote.address(), remote.port()));
            return socket.getLocalAddress();
        } catch (IOException | UncheckedIOException unreachable) {
            return null;
        }
    }

    /** The MTU of the interface that leads there, in bytes; Ethernet's where that cannot be said. */
    int mtuOf(Endpoint remote) {
        InetAddress local = localFor(remote);
        try {
            NetworkInterface device = local == null ? null : NetworkInterface.getByInetAddress(local);
            return device == null ? ETHERNET_MTU : device.getMTU();
        } catch (SocketException e) {
            return ETHERNET_MTU;
        }
    }

    /** What the interface with this address of ours may be used for. */
    InterfaceUse useOf(InetAddress local) {
        if (rules.isEmpty()) {
            return InterfaceUse.ON;
        }
        try {
            NetworkInterface device = NetworkInterface.getByInetAddress(local);
            return device == null ? InterfaceUse.ON : rules.useOf(device.getName());
        } catch (SocketException e) {
            return InterfaceUse.ON;
        }
    }

    /** True if there are only interfaces whose bytes cost. */
    boolean isMetered() {
        if (rules.isEmpty()) {
            return false;
        }
        Boolean known = metered;
        if (known == null) {
            List<InetAddress> addresses = InterfaceAddresses.list(excluded(List.of()));
            known = !addresses.isEmpty()
                    && addresses.stream().allMatch(address -> useOf(address) == InterfaceUse.METERED);
            metered = known;
        }
        return known;
    }
}
