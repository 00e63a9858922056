package io.p2pvpn.overlay.host;

import io.p2pvpn.overlay.posix.LinuxConstants;
import io.p2pvpn.overlay.posix.Posix;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Transport;
import org.jspecify.annotations.Nullable;

/**
 * Receives many datagrams per system call (recvmmsg with UDP_GRO) and hands them over as batches. Datagrams of one
 * sender, one traffic class and one size that the kernel did not join are joined here; it joins none of two classes.
 * Holds nothing between two calls, so sockets of one kind may share it. Confined to the loop.
 */
final class UdpReceiveQueue {
    private static final int MESSAGES_MAX = 64;
    /** The most that UDP_GRO delivers at once. */
    private static final int SLOT_BYTES = 1 << 16;
    /** After so many bytes, or rounds, per wake-up it is the turn of timers and of the device. */
    private static final int TURN_BYTES_MAX = 1 << 20;

    private static final int TURN_ROUNDS_MAX = 8;

    private final Posix posix;
    private final SocketAddresses addresses;
    private final TransportCounters counters;
    private final MessageBlock messages = new MessageBlock(MESSAGES_MAX, SLOT_BYTES);
    private final byte[] batch = new byte[SLOT_BYTES];
    /** How many messages the kernel has written to, and must be made ready again. */
    private int used = MESSAGES_MAX;

    private int batchBytes;
    private int batchSegmentBytes;
    private int batchClass;
    private @Nullable Endpoint batchSender;

    UdpReceiveQueue(Posix posix, SocketAddresses addresses, TransportCounters counters) {
        this.posix = posix;
        this.addresses = addresses;
        this.counters = counters;
    }

    /** Hands over what waits for {@code fd} in the kernel, up to a bound; more of it wakes the loop again. */
    void drain(int fd, Transport.Receiver receiver) {
        int bytes = 0;
        boolean any = false;
        for (int round = 0; round < TURN_ROUNDS_MAX && bytes < TURN_BYTES_MAX; round++) {
            int count = receive(fd);
            if (count <= 0) {
                break;
            }
            any = true;
            for (int i = 0; i < count; i++) {
                bytes += messages.receivedBytes(i);
                take(i, receiver);
            }
            handOver(receiver);
            if (count < MESSAGES_MAX) {
                break;
            }
        }
        if (any) {
            receiver.onBatchEnd();
        }
    }

    private int receive(int fd) {
        for (int i = 0; i < used; i++) {
            messages.prepareReceive(i);
        }
        counters.receiveCalls.increment();
        int count = posix.recvmmsg(fd, messages.address(0), MESSAGES_MAX, LinuxConstants.MSG_DONTWAIT, 0);
        used = Math.max(0, count);
        if (count < 0 && Posix.lastErrno() != LinuxConstants.EAGAIN) {
            counters.receiveErrors.increment();
        }
        return count;
    }

    private void take(int i, Transport.Receiver receiver) {
        int length = messages.receivedBytes(i);
        Endpoint sender = messages.sender(i, addresses);
        if (length <= 0 || sender == null) {
            counters.dropNoSender.increment();
            return;
        }
        messages.readControl(i);
        int stated = messages.segmentBytesRead();
        int trafficClass = messages.trafficClassRead();
        int segmentBytes = stated <= 0 || stated > length ? length : stated;
        if (length > SLOT_BYTES || segmentBytes > Transport.BATCH_BYTES_MAX) {
            counters.dropTooBig.increment();
            return;
        }
        if (!continuesBatch(sender, length, segmentBytes, trafficClass)) {
            handOver(receiver);
            batchSender = sender;
            batchSegmentBytes = segmentBytes;
            batchClass = trafficClass;
        }
        messages.getData(i, batch, batchBytes, length);
        batchBytes += length;
    }

    private boolean continuesBatch(Endpoint sender, int length, int segmentBytes, int trafficClass) {
        if (batchBytes == 0
                || trafficClass != batchClass
                || !sender.equals(batchSender)
                || batchBytes % batchSegmentBytes != 0) {
            return false;
        }
        // A single shorter datagram may end a batch: it is then that batch's last frame.
        boolean fits = segmentBytes == batchSegmentBytes || (segmentBytes == length && length < batchSegmentBytes);
        int bytes = batchBytes + length;
        return fits && bytes <= Transport.BATCH_BYTES_MAX && bytes <= Transport.BATCH_SEGMENTS_MAX * batchSegmentBytes;
    }

    private void handOver(Transport.Receiver receiver) {
        Endpoint sender = batchSender;
        int length = batchBytes;
        batchBytes = 0;
        batchSender = null;
        if (length == 0 || sender == null) {
            return;
        }
        // Newer kernels pass on more segments in one message than a batch may hold.
        int stepBytes = batchSegmentBytes * (Transport.BATCH_BYTES_MAX / batchSegmentBytes);
        stepBytes = Math.min(stepBytes, batchSegmentBytes * Transport.BATCH_SEGMENTS_MAX);
        for (int offset = 0; offset < length; offset += stepBytes) {
            int size = Math.min(stepBytes, length - offset);
            counters.receiveBatches.increment();
            counters.receiveFrames.add((size + batchSegmentBytes - 1) / batchSegmentBytes);
            counters.receiveBytes.add(size);
            receiver.onFrames(sender, batch, offset, size, Math.min(size, batchSegmentBytes), batchClass);
        }
    }
}
