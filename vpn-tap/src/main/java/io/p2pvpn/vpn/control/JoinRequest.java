package io.p2pvpn.vpn.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node needs to know to join a namespace. Texts are those of the command line; who makes the record has
 * checked them with {@code io.p2pvpn.vpn.option}, and the server checks what comes over the socket again.
 *
 * @param namespace {@code NAME} or {@code NAME@HASH}
 * @param bootstraps {@code [ID@]HOST:PORT}; may be empty in a request to a daemon that is online
 * @param open found the namespace as open when it does not exist, and refuse to enter one that is not
 * @param invite token that lets the node in; null to ask, or where none is needed
 * @param hostname name inside the namespace; null for the host's own
 * @param ip wished virtual IP; null for any
 * @param cidr prefix of a namespace that is founded; null for a random one
 * @param device name of the TUN device; null for the first free of p2p0, p2p1, ...
 * @param tun whether to make a device at all
 * @param mtuBytes of the device; 0 for what the underlay carries
 * @param offload whether the device may use segmentation offloads
 * @param tap whether the device is an Ethernet one, for machines behind it
 */
public record JoinRequest(
        String namespace,
        List<String> bootstraps,
        boolean open,
        @Nullable String invite,
        @Nullable String hostname,
        @Nullable String ip,
        @Nullable String cidr,
        @Nullable String device,
        boolean tun,
        int mtuBytes,
        boolean offload,
        boolean tap) {
    /** The same by other nodes. */
    public JoinRequest withBootstraps(List<String> others) {
        return new JoinRequest(
                namespace, others, open, invite, hostname, ip, cidr, device, tun, mtuBytes, offload, tap);
    }

    /** A join of {@code namespace} with every choice left to the node. */
    public static JoinRequest of(String namespace, List<String> bootstraps) {
        return new JoinRequest(namespace, bootstraps, false, null, null, null, null, null, true, 0, true, false);
    }
}
