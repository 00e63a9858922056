package io.p2pvpn.vpn.namespace;

import io.p2pvpn.vpn.ethernet.EthernetPort;
import io.p2pvpn.vpn.names.NameServices;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.tun.TapDevice;
import io.p2pvpn.vpn.tun.TunDevice;
import io.p2pvpn.vpn.tun.TunException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The host's network devices and addresses, as far as a namespace needs them. */
public interface DeviceProvider {
    /**
     * Makes a device, gives it its addresses and switches it on.
     *
     * @param name of the device, or null for the first free one
     * @param ipv4 address, with the namespace's prefix
     * @param ulaHigh the upper half of the IPv6 address, whose lower half is the IPv4 address
     */
    TunDevice open(@Nullable String name, int ipv4, Cidr prefix, long ulaHigh, int mtuBytes, boolean offload)
            throws TunException;

    /**
     * The same as an Ethernet device.
     *
     * @param hardwareAddress of the device, 6 bytes
     */
    default TapDevice openTap(
            @Nullable String name,
            int ipv4,
            Cidr prefix,
            long ulaHigh,
            int mtuBytes,
            boolean offload,
            byte[] hardwareAddress)
            throws TunException {
        throw new TunException("this host has no TAP devices", "join without --tap", false);
    }

    /** Takes these addresses off a bridge, where a run that was killed has left them. */
    default void takeOffBridges(int ipv4, Cidr prefix, long ulaHigh) throws TunException {}

    /**
     * Serves machines behind a TAP at the host's own address, too, where what they send to one station arrives.
     *
     * @return done on the loop once that works, and ends when it is run; fails where the host does not let us
     */
    default CompletableFuture<Runnable> serve(EthernetPort port, int ipv4) {
        return CompletableFuture.completedFuture(() -> {});
    }

    /**
     * Prefixes that the host reaches by other devices than this one, if one is named.
     *
     * <p>Any thread may call it.
     */
    List<Cidr> localPrefixes(@Nullable String exceptDevice) throws TunException;

    /** How the host's programs can look members' names up. */
    default NameServices names() {
        return NameServices.NONE;
    }
}
