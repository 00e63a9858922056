package io.p2pvpn.vpn.tun;

import org.jspecify.annotations.Nullable;

/**
 * A device whose packets travel in Ethernet frames. {@link #read} and {@link #write(byte[], int, int)} are about the
 * frame's content, as with a TUN: the 14 bytes of the Ethernet header go beside it, so that no packet is moved for
 * their sake. Positions in virtio headers are those of a TUN, too: counted from the content.
 *
 * <p>Confined as {@link TunDevice}.
 */
public interface TapDevice extends TunDevice {
    /** Bytes of an Ethernet header without a VLAN tag: destination, source, type (IEEE 802.3). */
    int HEADER_BYTES = 14;

    /**
     * What the host has made of the device.
     *
     * @param bridge the bridge that it is a port of, or null
     * @param hostMac the address that the host's own frames come from, beside the device's own: the bridge's; 0 for
     *     none
     */
    record Port(@Nullable String bridge, long hostMac) {
        /** No port of anything. */
        public static final Port ALONE = new Port(null, 0);
    }

    /** Hears of changes, on the loop. */
    interface PortListener {
        /** The device has become a port, or is none any more, or the bridge has another address. */
        void onPort(Port port);
    }

    /** The Ethernet header of the frame that {@link #read} gave last; the same array at each call. */
    byte[] frameHeader();

    /**
     * Gives the host a frame.
     *
     * @param header its {@link #HEADER_BYTES}
     * @param buffer virtio header and content
     * @return false when the host did not take it
     */
    boolean write(byte[] header, byte[] buffer, int offset, int length);

    /** Sets who hears what the host makes of the device; it is told at once what that is now. */
    void setPortListener(PortListener listener);
}
