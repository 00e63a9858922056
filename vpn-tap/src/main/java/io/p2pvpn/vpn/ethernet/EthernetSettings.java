package io.p2pvpn.vpn.ethernet;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.vpn.tun.Cidr;

/**
 * Where a port is.
 *
 * @param ipv4 the host's virtual address
 * @param prefix of the namespace
 * @param ulaHigh upper half of its IPv6 addresses
 * @param namespaceId which namespace that is
 * @param self our place in its ring
 * @param mtuBytes of the device
 * @param domain of its members' names
 * @param file where guests are remembered
 */
public record EthernetSettings(
        int ipv4,
        Cidr prefix,
        long ulaHigh,
        OverlayId namespaceId,
        OverlayId self,
        int mtuBytes,
        String domain,
        String file) {
    /** The hardware address behind which all other members are. */
    public long gatewayMac() {
        return MacAddress.derived(0x02, "gateway", id());
    }

    /** The device's own hardware address. Bridges take the lowest of their ports' for their own: never this. */
    public byte[] deviceMac() {
        return MacAddress.bytes(MacAddress.derived(0xfe, "device", id()));
    }

    private byte[] id() {
        byte[] id = new byte[40];
        System.arraycopy(namespaceId.toByteArray(), 0, id, 0, 20);
        System.arraycopy(self.toByteArray(), 0, id, 20, 20);
        return id;
    }
}
