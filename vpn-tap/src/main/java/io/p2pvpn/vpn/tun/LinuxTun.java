package io.p2pvpn.vpn.tun;

import io.netty.channel.IoEventLoop;
import io.p2pvpn.overlay.posix.LinuxConstants;
import io.p2pvpn.overlay.posix.NativeBuffer;
import io.p2pvpn.overlay.posix.Posix;
import io.p2pvpn.vpn.packet.FlowHash;
import io.p2pvpn.vpn.packet.VnetHeader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A TUN or TAP device of the Linux kernel with virtio headers (Documentation/networking/tuntap.rst), read without
 * waiting. It exists as long as its descriptors are open.
 *
 * <p>It has several rings, one for each descriptor. The kernel spreads flows over them, and drops what does not fit a
 * ring; they are read in turn ({@link FairRings}). So a flow with a backlog delays, and costs packets of, no flow of
 * another ring. The kernel moves a flow to the ring through which a packet of its other direction was written last:
 * hence each packet is written through the ring that belongs to its flow ({@link #ringOf}).
 */
public final class LinuxTun implements TapDevice {
    /** Rings of a part: that many bulk flows and thin ones seldom meet in one. */
    static final int RINGS = 16;
    /** Rings of all parts, unless there are more parts than that. The kernel allows 256. */
    static final int RINGS_MAX = 32;

    private final Posix posix;
    private final String name;
    private final boolean offloads;
    private final boolean udpSegmentation;
    /** Bytes of the Ethernet header in each frame: 0 for a TUN. */
    private final int headerBytes;

    private final byte[] frameHeader = new byte[HEADER_BYTES];
    private final byte[] vnetHeader = new byte[VnetHeader.LENGTH];
    private final List<LinuxTun> queues = new ArrayList<>();
    private final TunRing[] rings;
    private final FairRings fair;
    private final NativeBuffer readBuffer = NativeBuffer.allocate(READ_BYTES_MAX + HEADER_BYTES);
    private final NativeBuffer writeBuffer = NativeBuffer.allocate(READ_BYTES_MAX + HEADER_BYTES);
    private final Runnable turn = this::runTurn;
    private @Nullable IoEventLoop loop;
    private @Nullable Listener listener;
    private Port port = Port.ALONE;
    private @Nullable PortListener portListener;
    private Runnable onClose = () -> {};
    private boolean turnScheduled;
    private boolean reading;
    private boolean gone;
    private boolean closed;

    LinuxTun(Posix posix, String name, List<Integer> fds, boolean tap, boolean offloads, boolean udpSegmentation) {
        this.posix = posix;
        this.name = name;
        this.offloads = offloads;
        this.udpSegmentation = udpSegmentation;
        this.headerBytes = tap ? HEADER_BYTES : 0;
        this.rings = new TunRing[fds.size()];
        FairRings.Ring[] readable = new FairRings.Ring[fds.size()];
        Owner owner = new Owner();
        for (int i = 0; i < rings.length; i++) {
            int fd = fds.get(i);
            rings[i] = new TunRing(owner, i, fd);
            readable[i] = buffer -> read(fd, buffer);
        }
        this.fair = new FairRings(readable);
    }

    /** The ring of a packet's flow. Without ports (ping, ICMP errors, fragments): one that TCP and UDP do not use. */
    static int ringOf(byte[] buffer, int offset, int length, int rings) {
        int hash = FlowHash.of(buffer, offset, length);
        return hash == FlowHash.PORTLESS || rings == 1 ? 0 : 1 + hash % (rings - 1);
    }

    /**
     * Makes a device.
     *
     * @param name the name, or null for the first free one of p2p0, p2p1, ...
     * @throws TunException when the host refuses
     */
    public static LinuxTun open(@Nullable String name) throws TunException {
        return open(name, true);
    }

    /**
     * Makes a device that hands over single packets only, unless {@code offloads} is set.
     *
     * @throws TunException when the host refuses
     */
    public static LinuxTun open(@Nullable String name, boolean offloads) throws TunException {
        return open(name, offloads, 1);
    }

    /**
     * Makes a device with up to {@code queues} parts, this one included, of several rings each: as many as the kernel
     * allows.
     *
     * @throws TunException when the host refuses
     */
    public static LinuxTun open(@Nullable String name, boolean offloads, int queues) throws TunException {
        return open(name, /* tap= */ false, offloads, queues);
    }

    /**
     * Makes a TAP device instead, otherwise the same.
     *
     * @throws TunException when the host refuses
     */
    public static LinuxTun openTap(@Nullable String name, boolean offloads, int queues) throws TunException {
        return open(name, /* tap= */ true, offloads, queues);
    }

    private static LinuxTun open(@Nullable String name, boolean tap, boolean offloads, int queues) throws TunException {
        int ringsOfPart = Math.max(1, Math.min(RINGS, RINGS_MAX / queues));
        return new TunOpener(Posix.get(), tap).open(name, offloads, queues, ringsOfPart);
    }

    void add(LinuxTun queue) {
        queues.add(queue);
    }

    /** The same as {@link #queues}, in their own type. */
    public List<LinuxTun> linuxQueues() {
        return queues;
    }

    @Override
    public List<TunDevice> queues() {
        return List.copyOf(queues);
    }

    /**
     * Puts the device on an event loop, which owns it from then on. Called once.
     *
     * @throws TunException when the loop does not run on epoll
     */
    public void attach(IoEventLoop loop) throws TunException {
        if (!loop.isCompatible(TunRing.class)) {
            throw new TunException(
                    "the event loop does not run on epoll",
                    "a TUN device needs Linux on x86_64 or aarch64 with Netty's native epoll library",
                    false);
        }
        this.loop = loop;
        for (TunRing ring : rings) {
            ring.attach(loop);
        }
    }

    int ringCount() {
        return rings.length;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean hasOffloads() {
        return offloads;
    }

    @Override
    public boolean hasUdpSegmentation() {
        return udpSegmentation;
    }

    @Override
    public void setListener(Listener listener) {
        this.listener = listener;
    }

    @Override
    public int read(byte[] buffer) {
        return closed || gone ? 0 : fair.read(buffer);
    }

    private int read(int fd, byte[] buffer) {
        int length = (int) posix.read(fd, readBuffer.address(), READ_BYTES_MAX + headerBytes);
        if (length > 0) {
            if (headerBytes > 0) {
                return readFrame(buffer, length);
            }
            readBuffer.get(0, buffer, 0, length);
            return length;
        }
        checkGone(Posix.lastErrno());
        return 0;
    }

    private int readFrame(byte[] buffer, int length) {
        int content = length - VnetHeader.LENGTH - HEADER_BYTES;
        readBuffer.get(0, buffer, 0, VnetHeader.LENGTH);
        readBuffer.get(VnetHeader.LENGTH, frameHeader, 0, HEADER_BYTES);
        if (content > 0) {
            readBuffer.get(VnetHeader.LENGTH + HEADER_BYTES, buffer, VnetHeader.LENGTH, content);
            VnetHeader.shift(buffer, 0, -HEADER_BYTES);
        }
        return VnetHeader.LENGTH + Math.max(0, content);
    }

    @Override
    public byte[] frameHeader() {
        return frameHeader;
    }

    @Override
    public boolean write(byte[] header, byte[] buffer, int offset, int length) {
        if (closed || gone) {
            return false;
        }
        int content = length - VnetHeader.LENGTH;
        int ring = ringOf(buffer, offset + VnetHeader.LENGTH, content, rings.length);
        System.arraycopy(buffer, offset, vnetHeader, 0, VnetHeader.LENGTH);
        VnetHeader.shift(vnetHeader, 0, HEADER_BYTES);
        writeBuffer.put(0, vnetHeader, 0, VnetHeader.LENGTH);
        writeBuffer.put(VnetHeader.LENGTH, header, 0, HEADER_BYTES);
        writeBuffer.put(VnetHeader.LENGTH + HEADER_BYTES, buffer, offset + VnetHeader.LENGTH, content);
        return writeTo(ring, length + HEADER_BYTES);
    }

    @Override
    public void setPortListener(PortListener newListener) {
        portListener = newListener;
        newListener.onPort(port);
    }

    /** Has this run when the device is closed, on the loop; at once if it is. */
    public void onClose(Runnable task) {
        onClose = task;
        if (closed) {
            task.run();
        }
    }

    /** The host has made this of the device; on the loop. */
    public void setPort(Port newPort) {
        if (!newPort.equals(port)) {
            port = newPort;
            if (portListener != null) {
                portListener.onPort(newPort);
            }
        }
    }

    @Override
    public boolean write(byte[] buffer, int offset, int length) {
        if (closed || gone) {
            return false;
        }
        int ring = ringOf(buffer, offset + VnetHeader.LENGTH, length - VnetHeader.LENGTH, rings.length);
        writeBuffer.put(0, buffer, offset, length);
        return writeTo(ring, length);
    }

    private boolean writeTo(int ring, int length) {
        if (posix.write(rings[ring].descriptorNumber(), writeBuffer.address(), length) == length) {
            return true;
        }
        checkGone(Posix.lastErrno());
        return false;
    }

    private void checkGone(int errno) {
        if (errno == LinuxConstants.EBADFD && !gone) {
            becomeGone();
        }
    }

    private void becomeGone() {
        gone = true;
        deregister();
        if (listener != null) {
            listener.onGone();
        }
    }

    @Override
    public void resumeReading() {
        reading = true;
        for (TunRing ring : rings) {
            ring.unmute();
        }
    }

    /** Costs no system call: only a ring in which packets wait is taken off epoll, when it says so. */
    @Override
    public void pauseReading() {
        reading = false;
    }

    private void runTurn() {
        turnScheduled = false;
        if (reading && !closed && !gone && listener != null) {
            listener.onReadable();
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            onClose.run();
        }
        for (TunRing ring : rings) {
            ring.release();
        }
    }

    private void deregister() {
        for (TunRing ring : rings) {
            ring.deregister();
        }
    }

    private final class Owner implements TunRing.Owner {
        /** The loop runs its tasks when it has heard all descriptors: the turn then knows all rings that are ready. */
        @Override
        public boolean onRingReady(int number) {
            if (!reading) {
                return false;
            }
            fair.onReady(number);
            if (!turnScheduled && loop != null) {
                turnScheduled = true;
                loop.execute(turn);
            }
            return true;
        }

        @Override
        public void onRingGone() {
            if (!gone && !closed) {
                becomeGone();
            }
        }

        @Override
        public void onLoopEnd() {
            close();
        }
    }
}
