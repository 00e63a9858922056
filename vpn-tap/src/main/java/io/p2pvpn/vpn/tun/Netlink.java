package io.p2pvpn.vpn.tun;

import io.p2pvpn.overlay.posix.LinuxConstants;
import io.p2pvpn.overlay.posix.NativeBuffer;
import io.p2pvpn.overlay.posix.Posix;
import java.nio.charset.StandardCharsets;

/**
 * One rtnetlink socket (RFC 3549): builds a request, sends it, reads the answers. Numbers are in the host's byte order.
 *
 * <pre>
 *   struct nlmsghdr { u32 length; u16 type; u16 flags; u32 sequence; u32 port; }   then a family header, then
 *   struct rtattr   { u16 length; u16 type; } value, padded to 4 bytes             any number of times
 * </pre>
 */
final class Netlink implements AutoCloseable {
    /** Takes one answer of a dump. */
    interface Visitor {
        /** Whose family header begins at {@code offset} and whose attributes end at {@code end}. */
        void onMessage(NativeBuffer message, int type, int offset, int end);
    }

    static final int FLAG_DUMP = 0x300;
    static final int FLAG_CREATE_REPLACE = 0x500;
    static final int HEADER_LENGTH = 16;
    static final int ATTRIBUTE_HEADER_LENGTH = 4;

    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int NETLINK_ROUTE = 0;
    private static final int FLAG_REQUEST = 1;
    private static final int FLAG_ACK = 4;
    private static final int TYPE_ERROR = 2;
    private static final int TYPE_DONE = 3;
    private static final int SEQUENCE_OFFSET = 8;
    private static final int REQUEST_BYTES_MAX = 1024;
    private static final int ANSWER_BYTES_MAX = 65_536;

    private final Posix posix;
    private final int fd;
    private final NativeBuffer request = NativeBuffer.allocate(REQUEST_BYTES_MAX);
    private final NativeBuffer answer = NativeBuffer.allocate(ANSWER_BYTES_MAX);
    private int length;
    private int sequence;

    Netlink(Posix posix) throws TunException {
        this.posix = posix;
        fd = posix.socket(AF_NETLINK, SOCK_RAW | LinuxConstants.SOCK_CLOEXEC, NETLINK_ROUTE);
        if (fd < 0) {
            throw new TunException("no netlink socket", posix.strerror(Posix.lastErrno()), false);
        }
    }

    @Override
    public void close() {
        posix.close(fd);
    }

    /** Begins a request with a zeroed family header; the offset of that header in the returned buffer is 16. */
    NativeBuffer begin(int type, int flags, int familyHeaderLength) {
        request.clear(0, REQUEST_BYTES_MAX);
        request.putShort(4, type);
        request.putShort(6, flags | FLAG_REQUEST | (flags == FLAG_DUMP ? 0 : FLAG_ACK));
        request.putInt(SEQUENCE_OFFSET, ++sequence);
        length = HEADER_LENGTH + familyHeaderLength;
        return request;
    }

    void attribute(int type, byte[] value) {
        request.putShort(length, ATTRIBUTE_HEADER_LENGTH + value.length);
        request.putShort(length + 2, type);
        request.put(length + ATTRIBUTE_HEADER_LENGTH, value, 0, value.length);
        length += aligned(ATTRIBUTE_HEADER_LENGTH + value.length);
    }

    void attribute(int type, int value) {
        request.putShort(length, ATTRIBUTE_HEADER_LENGTH + Integer.BYTES);
        request.putShort(length + 2, type);
        request.putInt(length + ATTRIBUTE_HEADER_LENGTH, value);
        length += ATTRIBUTE_HEADER_LENGTH + Integer.BYTES;
    }

    void attribute(int type, String value) {
        attribute(type, (value + "\0").getBytes(StandardCharsets.US_ASCII));
    }

    static int aligned(int bytes) {
        return (bytes + 3) & ~3;
    }

    /** Sends the request and waits for its end. Returns 0, or the kernel's error number. */
    int send(Visitor visitor) {
        request.putInt(0, length);
        if (posix.write(fd, request.address(), length) != length) {
            return Posix.lastErrno();
        }
        while (true) {
            int received = (int) posix.recv(fd, answer.address(), ANSWER_BYTES_MAX, 0);
            if (received <= 0) {
                int errno = Posix.lastErrno();
                if (received == 0 || errno != LinuxConstants.EINTR) {
                    return received == 0 ? LinuxConstants.EIO : errno;
                }
                continue;
            }
            int end = visit(received, visitor);
            if (end >= 0) {
                return end;
            }
        }
    }

    /** Goes through one datagram; -1 when more follow, else the error number. */
    private int visit(int received, Visitor visitor) {
        int at = 0;
        while (at + HEADER_LENGTH <= received) {
            int bytes = answer.getInt(at);
            int type = answer.getShort(at + 4) & 0xffff;
            if (bytes < HEADER_LENGTH || bytes > received - at) {
                return LinuxConstants.EIO;
            }
            if (answer.getInt(at + SEQUENCE_OFFSET) == sequence) {
                if (type == TYPE_DONE) {
                    return 0;
                }
                if (type == TYPE_ERROR) {
                    return -answer.getInt(at + HEADER_LENGTH);
                }
                visitor.onMessage(answer, type, at + HEADER_LENGTH, at + bytes);
            }
            at += aligned(bytes);
        }
        return -1;
    }
}
