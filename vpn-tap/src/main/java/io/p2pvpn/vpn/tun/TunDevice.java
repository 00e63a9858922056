package io.p2pvpn.vpn.tun;

import io.p2pvpn.vpn.packet.IpPacket;
import io.p2pvpn.vpn.packet.VnetHeader;
import java.util.List;

/**
 * A network device whose packets this process sends and receives. Packets travel behind a {@link VnetHeader}.
 *
 * <p>Confined to the node's loop after opening.
 */
public interface TunDevice extends AutoCloseable {
    /**
     * The parts of the device that data-plane queues read and write beside this one, queue 1's first. Each is confined
     * to its queue; the kernel keeps a flow to one part. None where the device has one part only.
     */
    default List<TunDevice> queues() {
        return List.of();
    }

    /** Room for the largest packet and its virtio header. */
    int READ_BYTES_MAX = VnetHeader.LENGTH + IpPacket.LENGTH_MAX;

    /** Told what happens to the device, on the loop. */
    interface Listener {
        /** Packets wait; called again while some are left and reading is not paused. */
        void onReadable();

        /** The device is gone (removed by someone else): it is of no more use than to be closed. */
        void onGone();
    }

    /** The device's name, such as {@code p2p0}. */
    String name();

    /** True when the device takes and gives partial checksums and TCP super-packets. */
    boolean hasOffloads();

    /** True when it does so with UDP super-packets too. */
    boolean hasUdpSegmentation();

    /** Sets the one listener; reading starts paused. */
    void setListener(Listener listener);

    /**
     * Reads one packet, never waiting.
     *
     * @param buffer at least {@link #READ_BYTES_MAX} bytes
     * @return bytes read, virtio header included, or 0 when nothing waits
     */
    int read(byte[] buffer);

    /**
     * Gives the host one virtio header and packet.
     *
     * @return false when the host did not take it
     */
    boolean write(byte[] buffer, int offset, int length);

    /**
     * Whether an IPv4 address, or the IPv6 address that belongs to it, is that of a machine behind the device, other
     * than the host itself.
     */
    default boolean isBehind(int ipv4) {
        return false;
    }

    /** Calls {@link Listener#onReadable} whenever packets wait. */
    void resumeReading();

    /** Stops doing so; packets wait in the device's queue. */
    void pauseReading();

    /** Removes the device from the host. */
    @Override
    void close();
}
