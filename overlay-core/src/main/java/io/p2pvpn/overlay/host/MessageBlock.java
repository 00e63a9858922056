package io.p2pvpn.overlay.host;

import static io.p2pvpn.overlay.posix.LinuxConstants.CMSG_DATA_OFFSET;
import static io.p2pvpn.overlay.posix.LinuxConstants.CMSG_LENGTH_OFFSET;
import static io.p2pvpn.overlay.posix.LinuxConstants.CMSG_LEVEL_OFFSET;
import static io.p2pvpn.overlay.posix.LinuxConstants.CMSG_TYPE_OFFSET;
import static io.p2pvpn.overlay.posix.LinuxConstants.IOVEC_BASE_OFFSET;
import static io.p2pvpn.overlay.posix.LinuxConstants.IOVEC_BYTES;
import static io.p2pvpn.overlay.posix.LinuxConstants.IOVEC_LENGTH_OFFSET;
import static io.p2pvpn.overlay.posix.LinuxConstants.MMSGHDR_BYTES;
import static io.p2pvpn.overlay.posix.LinuxConstants.MMSGHDR_LENGTH_OFFSET;
import static io.p2pvpn.overlay.posix.LinuxConstants.MSGHDR_CONTROL_LENGTH_OFFSET;
import static io.p2pvpn.overlay.posix.LinuxConstants.MSGHDR_CONTROL_OFFSET;
import static io.p2pvpn.overlay.posix.LinuxConstants.MSGHDR_IOV_COUNT_OFFSET;
import static io.p2pvpn.overlay.posix.LinuxConstants.MSGHDR_IOV_OFFSET;
import static io.p2pvpn.overlay.posix.LinuxConstants.MSGHDR_NAME_LENGTH_OFFSET;
import static io.p2pvpn.overlay.posix.LinuxConstants.MSGHDR_NAME_OFFSET;
import static io.p2pvpn.overlay.posix.LinuxConstants.SOL_UDP;
import static io.p2pvpn.overlay.posix.LinuxConstants.UDP_GRO;
import static io.p2pvpn.overlay.posix.LinuxConstants.UDP_SEGMENT;

import io.p2pvpn.overlay.posix.NativeBuffer;
import io.p2pvpn.overlay.runtime.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * An array of {@code struct mmsghdr} (recvmmsg(2)) with everything it points to, for one message each: a data slot, an
 * address and a control message.
 *
 * <p>All of it hangs on this object's fields; keep the object in a field as long as system calls use it. Confined to
 * one thread.
 */
final class MessageBlock {
    private static final int CONTROL_BYTES = 32;
    private static final int SEGMENT_CONTROL_LENGTH = CMSG_DATA_OFFSET + Short.BYTES;
    private static final int SEGMENT_CONTROL_SPACE = CMSG_DATA_OFFSET + Long.BYTES;

    /**
     * Between two slots. If their addresses differed by a power of two, they would share a few sets of the processor's
     * caches, so that 64 datagrams of 1,400 bytes throw each other out; an odd number of cache lines spreads them.
     */
    private static final int SLOT_GAP_BYTES = 25 * 64;

    private final int strideBytes;
    private final NativeBuffer headers;
    private final NativeBuffer vectors;
    private final NativeBuffer names;
    private final NativeBuffer controls;
    private final NativeBuffer data;

    /** A block of {@code count} messages; {@code slotBytes} 0 when their data lies elsewhere. */
    MessageBlock(int count, int slotBytes) {
        strideBytes = slotBytes == 0 ? 0 : slotBytes + SLOT_GAP_BYTES;
        headers = NativeBuffer.allocate(count * MMSGHDR_BYTES);
        vectors = NativeBuffer.allocate(count * IOVEC_BYTES);
        names = NativeBuffer.allocate(count * SocketAddresses.BYTES_MAX);
        controls = NativeBuffer.allocate(count * CONTROL_BYTES);
        data = NativeBuffer.allocate(Math.max(1, count * strideBytes));
        for (int i = 0; i < count; i++) {
            int header = i * MMSGHDR_BYTES;
            headers.putLong(header + MSGHDR_NAME_OFFSET, names.address(i * SocketAddresses.BYTES_MAX));
            headers.putLong(header + MSGHDR_IOV_OFFSET, vectors.address(i * IOVEC_BYTES));
            headers.putLong(header + MSGHDR_IOV_COUNT_OFFSET, 1);
            headers.putLong(header + MSGHDR_CONTROL_OFFSET, controls.address(i * CONTROL_BYTES));
            setVector(i, data.address(i * strideBytes), slotBytes);
        }
    }

    /** The address of the header of message {@code i}, for the system call. */
    long address(int i) {
        return headers.address(i * MMSGHDR_BYTES);
    }

    /** The address of the data slot of message {@code i}. */
    long dataAddress(int i) {
        return data.address(i * strideBytes);
    }

    /** Makes message {@code i} point to data. */
    void setVector(int i, long address, int length) {
        vectors.putLong(i * IOVEC_BYTES + IOVEC_BASE_OFFSET, address);
        vectors.putLong(i * IOVEC_BYTES + IOVEC_LENGTH_OFFSET, length);
    }

    /** Copies data to the slot of message {@code i}. */
    void setData(int i, byte[] source, int offset, int length) {
        data.put(i * strideBytes, source, offset, length);
        vectors.putLong(i * IOVEC_BYTES + IOVEC_LENGTH_OFFSET, length);
    }

    /** Sets where message {@code i} goes. */
    void setName(int i, byte[] sockaddr) {
        names.put(i * SocketAddresses.BYTES_MAX, sockaddr, 0, sockaddr.length);
        headers.putInt(i * MMSGHDR_BYTES + MSGHDR_NAME_LENGTH_OFFSET, sockaddr.length);
    }

    /** Has the kernel cut message {@code i} into datagrams of that size (UDP_SEGMENT); 0: it is one datagram. */
    void setSegmentBytes(int i, int segmentBytes) {
        int header = i * MMSGHDR_BYTES;
        if (segmentBytes == 0) {
            headers.putLong(header + MSGHDR_CONTROL_LENGTH_OFFSET, 0);
            return;
        }
        int control = i * CONTROL_BYTES;
        controls.putLong(control + CMSG_LENGTH_OFFSET, SEGMENT_CONTROL_LENGTH);
        controls.putInt(control + CMSG_LEVEL_OFFSET, SOL_UDP);
        controls.putInt(control + CMSG_TYPE_OFFSET, UDP_SEGMENT);
        controls.putShort(control + CMSG_DATA_OFFSET, segmentBytes);
        headers.putLong(header + MSGHDR_CONTROL_LENGTH_OFFSET, SEGMENT_CONTROL_SPACE);
    }

    /** Makes message {@code i} ready to be received into; the kernel overwrites these lengths each time. */
    void prepareReceive(int i) {
        int header = i * MMSGHDR_BYTES;
        headers.putInt(header + MSGHDR_NAME_LENGTH_OFFSET, SocketAddresses.BYTES_MAX);
        headers.putLong(header + MSGHDR_CONTROL_LENGTH_OFFSET, CONTROL_BYTES);
    }

    /** How many bytes message {@code i} holds after it was received. */
    int receivedBytes(int i) {
        return headers.getInt(i * MMSGHDR_BYTES + MMSGHDR_LENGTH_OFFSET);
    }

    /** The size of the datagrams that the kernel joined to message {@code i} (UDP_GRO), or 0 if it says nothing. */
    int receivedSegmentBytes(int i) {
        int header = i * MMSGHDR_BYTES;
        int control = i * CONTROL_BYTES;
        boolean present = headers.getLong(header + MSGHDR_CONTROL_LENGTH_OFFSET) >= CMSG_DATA_OFFSET + Integer.BYTES
                && controls.getInt(control + CMSG_LEVEL_OFFSET) == SOL_UDP
                && controls.getInt(control + CMSG_TYPE_OFFSET) == UDP_GRO;
        return present ? controls.getInt(control + CMSG_DATA_OFFSET) : 0;
    }

    /** Copies received data out. */
    void getData(int i, byte[] target, int offset, int length) {
        data.get(i * strideBytes, target, offset, length);
    }

    /** Who sent message {@code i}, or null if nobody who can be answered. */
    @Nullable
    Endpoint sender(int i, SocketAddresses addresses) {
        return addresses.sender(names, i * SocketAddresses.BYTES_MAX);
    }
}
