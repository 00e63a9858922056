package io.p2pvpn.overlay.host;

import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which addresses of this host others may reach it at. */
final class InterfaceAddresses {
    /** More would only make a node's contact long; the first ones are the system's own order. */
    static final int ADDRESSES_MAX = 16;

    private static final Logger LOG = LoggerFactory.getLogger(InterfaceAddresses.class);
    /** Bridges of containers and virtual machines: addresses that exist in the same form on many hosts. */
    private static final List<String> LOCAL_BRIDGES =
            List.of("docker", "br-", "virbr", "lxcbr", "lxdbr", "podman", "cni");

    private InterfaceAddresses() {}

    /**
     * The addresses of devices that are up, without loopback, link-local and multicast ones.
     *
     * <p>Point-to-point devices are left out: as a rule they are tunnels of other VPNs, and a path through one would be
     * a tunnel in a tunnel that looks as near as the link beneath it. A modem's address is seen by peers anyway.
     */
    static List<InetAddress> list(List<String> excludedDevices) {
        List<InetAddress> addresses = new ArrayList<>();
        try {
            for (NetworkInterface device : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                if (isUsable(device, excludedDevices)) {
                    addUsable(addresses, device, excludedDevices);
                }
            }
        } catch (SocketException e) {
            LOG.warn("cannot list the network interfaces: {}", e.getMessage());
        }
        return addresses.size() > ADDRESSES_MAX ? addresses.subList(0, ADDRESSES_MAX) : addresses;
    }

    /** The largest MTU of the devices whose addresses {@link #list} gives, or 0 if there are none. */
    static int mtuMax(List<String> excludedDevices) {
        int most = 0;
        try {
            for (NetworkInterface device : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                if (isUsable(device, excludedDevices)
                        && device.getInterfaceAddresses().stream()
                                .anyMatch(each -> isUsable(each.getAddress(), excludedDevices))) {
                    most = Math.max(most, device.getMTU());
                }
            }
        } catch (SocketException e) {
            LOG.warn("cannot list the network interfaces: {}", e.getMessage());
        }
        return most;
    }

    /**
     * The devices whose addresses {@link #list} gives and that carry multicast, with those of their addresses that
     * others on the link can reach a node at.
     */
    static Map<NetworkInterface, List<InterfaceAddress>> links(List<String> excludedDevices) {
        Map<NetworkInterface, List<InterfaceAddress>> links = new LinkedHashMap<>();
        try {
            for (NetworkInterface device : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                if (isUsable(device, excludedDevices) && device.supportsMulticast()) {
                    List<InterfaceAddress> addresses = new ArrayList<>(device.getInterfaceAddresses());
                    addresses.removeIf(each -> !isUsable(each.getAddress(), excludedDevices));
                    links.put(device, addresses);
                }
            }
        } catch (SocketException e) {
            LOG.warn("cannot list the network interfaces: {}", e.getMessage());
        }
        return links;
    }

    private static boolean isUsable(NetworkInterface device, List<String> excludedDevices) throws SocketException {
        String name = device.getName();
        return device.isUp()
                && !device.isLoopback()
                && !device.isPointToPoint()
                && !excludedDevices.contains(name)
                && LOCAL_BRIDGES.stream().noneMatch(name::startsWith);
    }

    private static void addUsable(List<InetAddress> addresses, NetworkInterface device, List<String> excluded) {
        for (InetAddress address : Collections.list(device.getInetAddresses())) {
            if (isUsable(address, excluded)) {
                addresses.add(address);
            }
        }
    }

    /** A device's name, or one of its addresses: a bridge may have ours beside others. */
    private static boolean isUsable(InetAddress address, List<String> excluded) {
        return !excluded.contains(address.getHostAddress().replaceAll("%.*", ""))
                && !address.isLoopbackAddress()
                && !address.isLinkLocalAddress()
                && !address.isAnyLocalAddress()
                && !address.isMulticastAddress();
    }
}
