package io.p2pvpn.overlay.host;

import static io.p2pvpn.overlay.posix.LinuxConstants.SOL_SOCKET;
import static io.p2pvpn.overlay.posix.LinuxConstants.SO_ATTACH_REUSEPORT_CBPF;
import static io.p2pvpn.overlay.posix.LinuxConstants.SO_REUSEPORT;

import io.p2pvpn.overlay.posix.LinuxConstants;
import io.p2pvpn.overlay.posix.NativeBuffer;
import io.p2pvpn.overlay.posix.Posix;
import io.p2pvpn.overlay.wire.Frame;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives one UDP port several sockets (SO_REUSEPORT, socket(7)) and has the kernel pick the one for a datagram by a
 * classic BPF program that says what {@link Frame#queueOf} says.
 */
final class QueueSteering {
    private static final int FILTER_BYTES = 8;
    private static final int PROGRAM_BYTES = 16;
    private static final int PROGRAM_FILTER_OFFSET = 8;

    // linux/bpf_common.h: load a byte or a word at an offset of the payload, jump if equal, divide, return.
    private static final int LOAD_BYTE = 0x30;
    private static final int LOAD_WORD = 0x20;
    private static final int JUMP_EQUAL = 0x15;
    private static final int MODULO = 0x94;
    private static final int RETURN_CONSTANT = 0x06;
    private static final int RETURN_ACCUMULATOR = 0x16;

    private static final int DEFAULT_TTL = 64;

    private QueueSteering() {}

    /**
     * Opens the sockets of queues 1 and up beside {@code first}, queue 0's.
     *
     * <p>The first socket has been bound without sharing its port, so that a port of another process is noticed; only
     * now does it allow it. The kernel numbers the sockets in the order in which they are bound.
     *
     * @return one fewer than {@code queues}, or none if the kernel does not do this
     */
    static List<UdpDescriptor> extend(UdpDescriptor first, ListenAddress where, SocketHook hook, int queues) {
        List<UdpDescriptor> more = new ArrayList<>();
        if (!SocketOptions.set(first.fd(), SOL_SOCKET, SO_REUSEPORT, 1)) {
            return more;
        }
        ListenAddress same = new ListenAddress(where.address(), first.port(), true, null);
        try {
            for (int queue = 1; queue < queues; queue++) {
                UdpDescriptor next = UdpDescriptor.openSharing(same, hook);
                more.add(next);
                if (next.ipv6() != first.ipv6()) {
                    throw new HostException("sockets of two families");
                }
                separate(next, queue);
            }
            if (attach(first.fd(), queues)) {
                return more;
            }
        } catch (HostException refused) {
            // As with a kernel that refuses the program: one queue does it all.
        }
        more.forEach(socket -> Posix.get().close(socket.fd()));
        SocketOptions.set(first.fd(), SOL_SOCKET, SO_REUSEPORT, 0);
        return List.of();
    }

    /**
     * All queues of a node send from one port, and a receiver's kernel would join the datagrams of two lanes to one
     * (UDP_GRO), which then reaches one queue. It does not join what has different times to live.
     */
    private static void separate(UdpDescriptor socket, int queue) {
        int ttl = DEFAULT_TTL - queue;
        SocketOptions.set(socket.fd(), LinuxConstants.IPPROTO_IP, LinuxConstants.IP_TTL, ttl);
        if (socket.ipv6()) {
            SocketOptions.set(socket.fd(), LinuxConstants.IPPROTO_IPV6, LinuxConstants.IPV6_UNICAST_HOPS, ttl);
        }
    }

    private static boolean attach(int fd, int queues) {
        int sealed = Frame.VERSION << 4 | Frame.TYPE_DATA;
        int[][] steps = {
            {LOAD_BYTE, 0, 0, 0},
            {JUMP_EQUAL, 0, 5, sealed},
            {LOAD_WORD, 0, 0, Frame.LABEL_OFFSET},
            {JUMP_EQUAL, 0, 3, 0},
            {LOAD_BYTE, 0, 0, Frame.LANE_OFFSET},
            {MODULO, 0, 0, queues},
            {RETURN_ACCUMULATOR, 0, 0, 0},
            {RETURN_CONSTANT, 0, 0, 0},
        };
        NativeBuffer filter = NativeBuffer.allocate(steps.length * FILTER_BYTES);
        for (int i = 0; i < steps.length; i++) {
            int at = i * FILTER_BYTES;
            filter.putShort(at, steps[i][0]);
            filter.putByte(at + 2, steps[i][1]);
            filter.putByte(at + 3, steps[i][2]);
            filter.putInt(at + 4, steps[i][3]);
        }
        NativeBuffer program = NativeBuffer.allocate(PROGRAM_BYTES);
        program.putShort(0, steps.length);
        program.putLong(PROGRAM_FILTER_OFFSET, filter.address());
        try {
            return Posix.get().setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, program.address(), PROGRAM_BYTES)
                    == 0;
        } finally {
            Reference.reachabilityFence(filter);
            Reference.reachabilityFence(program);
        }
    }
}
