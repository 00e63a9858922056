/**
 * The host's side of the VPN: a TUN device on the node's event loop, and its addresses.
 *
 * <p>{@link io.p2pvpn.vpn.tun.TunDevice} is what the data plane sees; {@link io.p2pvpn.vpn.tun.LinuxTun} is a device of
 * the Linux kernel, opened with virtio headers and offloads, whose descriptors sit on Netty's epoll loop beside the
 * underlay sockets, one for each ring of packets that the kernel keeps; {@link io.p2pvpn.vpn.tun.NetworkConfig} gives
 * it addresses by rtnetlink.
 *
 * <p>Thread rule: a device is opened and configured by any one thread, then belongs to its event loop.
 */
@NullMarked
package io.p2pvpn.vpn.tun;

import org.jspecify.annotations.NullMarked;
