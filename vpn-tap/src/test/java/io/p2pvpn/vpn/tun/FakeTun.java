package io.p2pvpn.vpn.tun;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A device in memory: a test queues what the host would send, and looks at what the host would receive. */
public final class FakeTun implements TunDevice {
    private final boolean offloads;
    private final ArrayDeque<byte[]> fromHost = new ArrayDeque<>();
    private final List<byte[]> toHost = new ArrayList<>();
    private @Nullable Listener listener;
    private boolean reading;
    private boolean closed;
    private boolean refusing;
    private boolean keeping = true;
    private long writes;

    public FakeTun(boolean offloads) {
        this.offloads = offloads;
    }

    /** Queues a virtio header and packet, not copied. */
    public void queue(byte[] packet) {
        fromHost.add(packet);
    }

    /** Calls the listener as the loop would: while packets wait and reading is not paused. */
    public void poll() {
        while (reading && !fromHost.isEmpty() && listener != null) {
            listener.onReadable();
        }
    }

    /** What was written and not taken yet; taken by this call. */
    public List<byte[]> takeWritten() {
        List<byte[]> written = new ArrayList<>(toHost);
        toHost.clear();
        return written;
    }

    /** How many packets wait to be read. */
    public int waiting() {
        return fromHost.size();
    }

    /** How often {@link #write} was called. */
    public long writes() {
        return writes;
    }

    /** Whether {@link #resumeReading} was called last. */
    public boolean isReading() {
        return reading;
    }

    /** Whether {@link #close} was called. */
    public boolean isClosed() {
        return closed;
    }

    /** Makes writes fail. */
    public void setRefusing(boolean refusing) {
        this.refusing = refusing;
    }

    /** Without keeping, what is written is counted only. */
    public void setKeeping(boolean keeping) {
        this.keeping = keeping;
    }

    @Override
    public String name() {
        return "fake0";
    }

    @Override
    public boolean hasOffloads() {
        return offloads;
    }

    @Override
    public boolean hasUdpSegmentation() {
        return offloads;
    }

    @Override
    public void setListener(Listener listener) {
        this.listener = listener;
    }

    @Override
    public int read(byte[] buffer) {
        byte[] packet = fromHost.poll();
        if (packet == null) {
            return 0;
        }
        System.arraycopy(packet, 0, buffer, 0, packet.length);
        return packet.length;
    }

    @Override
    public boolean write(byte[] buffer, int offset, int length) {
        writes++;
        if (keeping && !refusing) {
            toHost.add(Arrays.copyOfRange(buffer, offset, offset + length));
        }
        return !refusing;
    }

    @Override
    public void resumeReading() {
        reading = true;
    }

    @Override
    public void pauseReading() {
        reading = false;
    }

    @Override
    public void close() {
        closed = true;
        reading = false;
    }
}
