package io.p2pvpn.overlay.host;

import io.p2pvpn.overlay.posix.LinuxConstants;
import io.p2pvpn.overlay.posix.NativeBuffer;
import io.p2pvpn.overlay.posix.Posix;
import io.p2pvpn.overlay.runtime.Transport;

/**
 * A ring of batches on their way to the kernel (sendmmsg with UDP_SEGMENT). Confined to the loop.
 *
 * <p>A batch leaves whole, as one message that the kernel cuts; where the kernel refuses that, frame by frame. A full
 * socket keeps the batches here ({@link #isBlocked}); any other error costs the batch it concerns, so that one bad
 * destination stops nothing. How much waits here and in the socket is up to a {@link SendGovernor}.
 */
final class UdpSendQueue {
    static final int BATCHES_MAX = 64;

    private static final int SLOT_BYTES = 1 << 16;
    private static final int SMALL_BATCHES = 4;
    private static final int SMALL_SLOT_BYTES = 2048;

    private final Posix posix;
    private final int fd;
    private final boolean segmentation;
    private final TransportCounters counters;
    private final int batchesMax;
    private final int slotBytes;
    private final MessageBlock messages;
    /** For frames that go one by one: points into the slots of {@link #messages}. */
    private final MessageBlock frames = new MessageBlock(Transport.BATCH_SEGMENTS_MAX, 0);

    private final byte[][] targets;
    private final int[] lengths;
    private final int[] segments;
    private final int[] classes;
    private final boolean[] uncut;
    /** Bytes already sent of a batch that goes frame by frame; -1 for one that goes whole. */
    private final int[] singlySent;

    private final SendGovernor governor;
    private final NativeBuffer unsent = NativeBuffer.allocate(Integer.BYTES);
    private int limitBytes;

    private int head;
    private int count;
    private int waitingBytes;
    private long takenBytes;
    private boolean blocked;
    private boolean congested;

    UdpSendQueue(Posix posix, int fd, boolean segmentation, TransportCounters counters) {
        this(posix, fd, segmentation, counters, new SendGovernor());
    }

    UdpSendQueue(Posix posix, int fd, boolean segmentation, TransportCounters counters, SendGovernor governor) {
        this(posix, fd, segmentation, counters, governor, BATCHES_MAX, SLOT_BYTES);
    }

    private UdpSendQueue(
            Posix posix,
            int fd,
            boolean segmentation,
            TransportCounters counters,
            SendGovernor governor,
            int batchesMax,
            int slotBytes) {
        this.posix = posix;
        this.fd = fd;
        this.segmentation = segmentation;
        this.counters = counters;
        this.governor = governor;
        this.limitBytes = governor.limitBytes();
        this.batchesMax = batchesMax;
        this.slotBytes = slotBytes;
        this.messages = new MessageBlock(batchesMax, slotBytes);
        this.targets = new byte[batchesMax][];
        this.lengths = new int[batchesMax];
        this.segments = new int[batchesMax];
        this.classes = new int[batchesMax];
        this.uncut = new boolean[batchesMax];
        this.singlySent = new int[batchesMax];
    }

    /** A queue of kilobytes instead of megabytes, for single frames. */
    static UdpSendQueue small(Posix posix, int fd, boolean segmentation, TransportCounters counters) {
        return new UdpSendQueue(posix, fd, segmentation, counters, new SendGovernor(), SMALL_BATCHES, SMALL_SLOT_BYTES);
    }

    /** An empty queue for batches of any size, on the same socket. */
    UdpSendQueue large() {
        UdpSendQueue large = new UdpSendQueue(posix, fd, segmentation, counters, governor);
        large.takenBytes = takenBytes;
        return large;
    }

    /** Whether a batch of so many bytes fits one of its slots. */
    boolean holds(int length) {
        return length <= slotBytes;
    }

    /** Whether the kernel took no more at the last attempt. */
    boolean isBlocked() {
        return blocked;
    }

    /** Whether so much waits that feeders should pause. */
    boolean isCongested() {
        return congested;
    }

    /** How many messages wait for the kernel. */
    int waitingMessages() {
        return count;
    }

    /** Counts a batch for which there is no way out of this socket. */
    void countUnreachable() {
        counters.dropUnreachable.increment();
    }

    /** Copies a batch to the ring; false when the ring is full and the socket too. */
    boolean add(byte[] sockaddr, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        int frameCount = length <= 0 || segmentBytes <= 0 ? 0 : (length + segmentBytes - 1) / segmentBytes;
        if (frameCount == 0
                || frameCount > Transport.BATCH_SEGMENTS_MAX
                || length > Transport.BATCH_BYTES_MAX
                || length > slotBytes) {
            throw new IllegalArgumentException("batch of " + length + " bytes in segments of " + segmentBytes);
        }
        if (count == batchesMax) {
            flush();
        }
        if (count == batchesMax) {
            congested = true;
            counters.dropQueueFull.increment();
            return false;
        }
        int piece = pieceBytes(length, segmentBytes);
        for (int at = 0; at < length; at += piece) {
            addPiece(sockaddr, buffer, offset + at, Math.min(piece, length - at), segmentBytes, trafficClass);
        }
        counters.sendBatches.increment();
        counters.sendFrames.add(frameCount);
        counters.sendBytes.add(length);
        updateCongestion();
        return true;
    }

    /** A slow interface takes long for a batch: in pieces, the socket has room before it has sent everything. */
    private int pieceBytes(int length, int segmentBytes) {
        if (!governor.isWatching()) {
            return length;
        }
        int most = Math.max(segmentBytes, governor.pieceBytes() / segmentBytes * segmentBytes);
        boolean hasRoom = (length + most - 1) / most <= batchesMax - count;
        return hasRoom ? most : length;
    }

    private void addPiece(byte[] sockaddr, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        boolean single = length <= segmentBytes;
        int slot = (head + count) % batchesMax;
        messages.setData(slot, buffer, offset, length);
        messages.setName(slot, sockaddr);
        targets[slot] = sockaddr;
        lengths[slot] = length;
        segments[slot] = segmentBytes;
        classes[slot] = trafficClass;
        setControl(messages, slot, !single && segmentation ? segmentBytes : 0, slot);
        uncut[slot] = false;
        singlySent[slot] = single || segmentation ? -1 : 0;
        count++;
        waitingBytes += length;
    }

    /** Writes to message {@code i} of {@code block} what the batch in {@code slot} is to leave with. */
    private void setControl(MessageBlock block, int i, int segmentBytes, int slot) {
        int trafficClass = classes[slot];
        boolean ipv4 = trafficClass != Transport.CLASS_DEFAULT && SocketAddresses.isIpv4(targets[slot]);
        block.setControl(i, segmentBytes, trafficClass, ipv4);
    }

    /** Copies one frame to the ring that leaves with the "don't fragment" bit. */
    boolean addUncut(byte[] sockaddr, byte[] buffer, int offset, int length) {
        boolean added = add(sockaddr, buffer, offset, length, length, Transport.CLASS_DEFAULT);
        if (added) {
            uncut[(head + count - 1) % batchesMax] = true;
        }
        return added;
    }

    /** Hands the kernel as much as it takes. */
    void flush() {
        if (count > 0 && governor.isWatching()) {
            governor.onFlush(System.nanoTime(), takenBytes, isSocketEmpty(), blocked);
        }
        blocked = false;
        while (count > 0 && !blocked) {
            if (singlySent[head] >= 0) {
                sendSingly();
            } else if (uncut[head]) {
                sendUncut();
            } else {
                sendWhole();
            }
        }
        if (count == 0) {
            // Always the same few slots while there is no jam: they stay in the processor's cache.
            head = 0;
        }
        if (blocked) {
            governor.onRefused(System.nanoTime(), takenBytes);
        }
        if (governor.limitBytes() != limitBytes) {
            limitBytes = governor.limitBytes();
            UdpDescriptor.setSendBytes(fd, limitBytes / 2);
        }
        updateCongestion();
    }

    private boolean isSocketEmpty() {
        return posix.ioctl(fd, LinuxConstants.SIOCOUTQ, unsent.address()) == 0 && unsent.getInt(0) == 0;
    }

    /** From when on feeders are asked to wait: one batch of them may be on its way. */
    private void updateCongestion() {
        boolean slow = governor.isWatching() && waitingBytes > limitBytes / 2 - Transport.BATCH_BYTES_MAX;
        congested = slow || (blocked && count >= batchesMax / 2);
    }

    private void sendWhole() {
        int run = 1;
        while (run < count && head + run < batchesMax && singlySent[head + run] < 0 && !uncut[head + run]) {
            run++;
        }
        int sent = sendRun(run);
        afterWhole(sent, Posix.lastErrno());
    }

    private void sendUncut() {
        UdpDescriptor.setUncut(fd, true);
        int sent = sendRun(1);
        int errno = Posix.lastErrno();
        UdpDescriptor.setUncut(fd, false);
        afterWhole(sent, errno);
    }

    private int sendRun(int run) {
        counters.sendCalls.increment();
        return posix.sendmmsg(fd, messages.address(head), run, LinuxConstants.MSG_DONTWAIT);
    }

    private void afterWhole(int sent, int errno) {
        if (sent > 0) {
            remove(sent);
        } else if (!isTransient(errno)) {
            onRefusedWhole(errno);
        }
    }

    private void onRefusedWhole(int errno) {
        boolean cut = lengths[head] > segments[head];
        boolean perhapsTheCutting = errno == LinuxConstants.EINVAL
                || errno == LinuxConstants.EIO
                || errno == LinuxConstants.EMSGSIZE
                || errno == LinuxConstants.EOPNOTSUPP;
        if (cut && perhapsTheCutting) {
            counters.sendSegmentationRefused.increment();
            singlySent[head] = 0;
            return;
        }
        if (isRefusedForClass(errno)) {
            setControl(messages, head, 0, head);
            return;
        }
        countDrop(errno);
        remove(1);
    }

    /** True if a frame was refused that may pass without its class, which it then has lost. */
    private boolean isRefusedForClass(int errno) {
        if (errno != LinuxConstants.EINVAL || classes[head] == Transport.CLASS_DEFAULT) {
            return false;
        }
        counters.sendClassRefused.increment();
        classes[head] = Transport.CLASS_DEFAULT;
        return true;
    }

    private void sendSingly() {
        int done = singlySent[head];
        int run = 0;
        for (int at = done; at < lengths[head]; at += segments[head]) {
            frames.setName(run, targets[head]);
            setControl(frames, run, 0, head);
            frames.setVector(run, messages.dataAddress(head) + at, Math.min(segments[head], lengths[head] - at));
            run++;
        }
        counters.sendCalls.increment();
        int sent = posix.sendmmsg(fd, frames.address(0), run, LinuxConstants.MSG_DONTWAIT);
        if (sent <= 0) {
            int errno = Posix.lastErrno();
            if (isTransient(errno) || isRefusedForClass(errno)) {
                return;
            }
            countDrop(errno);
            sent = 1;
        }
        singlySent[head] = done + sent * segments[head];
        if (singlySent[head] >= lengths[head]) {
            remove(1);
        }
    }

    /** True when the same call may succeed now (interrupted) or later (socket full). */
    private boolean isTransient(int errno) {
        if (errno == LinuxConstants.EAGAIN) {
            blocked = true;
            counters.sendBlocked.increment();
            return true;
        }
        return errno == LinuxConstants.EINTR;
    }

    private void countDrop(int errno) {
        switch (errno) {
            case LinuxConstants.EMSGSIZE -> counters.dropTooBig.increment();
            case LinuxConstants.ENETUNREACH,
                    LinuxConstants.EHOSTUNREACH,
                    LinuxConstants.ENETDOWN,
                    LinuxConstants.ECONNREFUSED,
                    LinuxConstants.EADDRNOTAVAIL -> counters.dropUnreachable.increment();
            default -> counters.dropSendError.increment();
        }
    }

    private void remove(int batches) {
        for (int i = 0; i < batches; i++) {
            int length = lengths[(head + i) % batchesMax];
            waitingBytes -= length;
            takenBytes += length;
        }
        head = (head + batches) % batchesMax;
        count -= batches;
    }
}
