package io.p2pvpn.overlay.host;

import static io.p2pvpn.overlay.posix.LinuxConstants.CMSG_DATA_OFFSET;
import static io.p2pvpn.overlay.posix.LinuxConstants.CMSG_LENGTH_OFFSET;
import static io.p2pvpn.overlay.posix.LinuxConstants.CMSG_LEVEL_OFFSET;
import static io.p2pvpn.overlay.posix.LinuxConstants.CMSG_TYPE_OFFSET;
import static io.p2pvpn.overlay.posix.LinuxConstants.IOVEC_BASE_OFFSET;
import static io.p2pvpn.overlay.posix.LinuxConstants.IOVEC_BYTES;
import static io.p2pvpn.overlay.posix.LinuxConstants.IOVEC_LENGTH_OFFSET;
import static io.p2pvpn.overlay.posix.LinuxConstants.IPPROTO_IP;
import static io.p2pvpn.overlay.posix.LinuxConstants.IPPROTO_IPV6;
import static io.p2pvpn.overlay.posix.LinuxConstants.IPV6_TCLASS;
import static io.p2pvpn.overlay.posix.LinuxConstants.IP_TOS;
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
import io.p2pvpn.overlay.runtime.Transport;
import org.jspecify.annotations.Nullable;

/**
 * An array of {@code struct mmsghdr} (recvmmsg(2)) with everything it points to, for one message each: a data slot, an
 * address and control messages (cmsg(3)): the size of segments, and the traffic class.
 *
 * <p>All of it hangs on this object's fields; keep the object in a field as long as system calls use it. Confined to
 * one thread.
 */
final class MessageBlock {
    /** Room for what is asked for, with the number of each kind padded, and for one more. */
    private static final int CONTROL_BYTES = 3 * (CMSG_DATA_OFFSET + Long.BYTES);

    private static final int CONTROL_SPACE = CMSG_DATA_OFFSET + Long.BYTES;

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
    private int segmentBytesRead;
    private int trafficClassRead;

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

    /**
     * Says how the kernel is to send message {@code i}.
     *
     * @param segmentBytes size of the datagrams that it cuts it into (UDP_SEGMENT); 0: it is one datagram
     * @param trafficClass of their IP headers; 0: the socket's
     * @param ipv4 whether they leave over IPv4, be it from a socket of both families
     */
    void setControl(int i, int segmentBytes, int trafficClass, boolean ipv4) {
        int start = i * CONTROL_BYTES;
        int at = start;
        if (segmentBytes != 0) {
            putControl(at, SOL_UDP, UDP_SEGMENT, Short.BYTES);
            controls.putShort(at + CMSG_DATA_OFFSET, segmentBytes);
            at += CONTROL_SPACE;
        }
        if (trafficClass != Transport.CLASS_DEFAULT) {
            putControl(at, ipv4 ? IPPROTO_IP : IPPROTO_IPV6, ipv4 ? IP_TOS : IPV6_TCLASS, Integer.BYTES);
            controls.putInt(at + CMSG_DATA_OFFSET, trafficClass);
            at += CONTROL_SPACE;
        }
        headers.putLong(i * MMSGHDR_BYTES + MSGHDR_CONTROL_LENGTH_OFFSET, at - start);
    }

    private void putControl(int at, int level, int type, int dataBytes) {
        controls.putLong(at + CMSG_LENGTH_OFFSET, CMSG_DATA_OFFSET + dataBytes);
        controls.putInt(at + CMSG_LEVEL_OFFSET, level);
        controls.putInt(at + CMSG_TYPE_OFFSET, type);
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

    /** Reads what the kernel said about message {@code i}; the following two methods then tell. */
    void readControl(int i) {
        segmentBytesRead = 0;
        trafficClassRead = Transport.CLASS_DEFAULT;
        long stated = headers.getLong(i * MMSGHDR_BYTES + MSGHDR_CONTROL_LENGTH_OFFSET);
        int at = i * CONTROL_BYTES;
        int end = at + (int) Math.max(0, Math.min(stated, CONTROL_BYTES));
        while (end - at >= CMSG_DATA_OFFSET) {
            long length = controls.getLong(at + CMSG_LENGTH_OFFSET);
            if (length < CMSG_DATA_OFFSET || length > end - at) {
                return;
            }
            readControl(at, (int) length - CMSG_DATA_OFFSET);
            // The next one is aligned.
            at += ((int) length + Long.BYTES - 1) & -Long.BYTES;
        }
    }

    private void readControl(int at, int dataBytes) {
        int level = controls.getInt(at + CMSG_LEVEL_OFFSET);
        int type = controls.getInt(at + CMSG_TYPE_OFFSET);
        int data = at + CMSG_DATA_OFFSET;
        if (level == SOL_UDP && type == UDP_GRO && dataBytes >= Integer.BYTES) {
            segmentBytesRead = controls.getInt(data);
        } else if (level == IPPROTO_IP && type == IP_TOS && dataBytes >= Byte.BYTES) {
            trafficClassRead = controls.getByte(data) & 0xff;
        } else if (level == IPPROTO_IPV6 && type == IPV6_TCLASS && dataBytes >= Integer.BYTES) {
            trafficClassRead = controls.getInt(data) & 0xff;
        }
    }

    /** The size of the datagrams that the kernel joined to the message (UDP_GRO), or 0 if it says nothing. */
    int segmentBytesRead() {
        return segmentBytesRead;
    }

    /** The traffic class with which they arrived. */
    int trafficClassRead() {
        return trafficClassRead;
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
