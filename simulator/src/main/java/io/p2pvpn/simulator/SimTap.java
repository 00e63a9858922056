package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.vpn.packet.VnetHeader;
import io.p2pvpn.vpn.tun.TapDevice;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An Ethernet device in memory: sends frames, and remembers those that came. */
final class SimTap implements TapDevice {
    private final Timers timers;
    private final byte[] mac;
    private final ArrayDeque<byte[]> fromHost = new ArrayDeque<>();
    private final List<byte[]> received = new ArrayList<>();
    private final byte[] header = new byte[HEADER_BYTES];
    private @Nullable Listener listener;
    private boolean reading;

    SimTap(Timers timers, byte[] mac) {
        this.timers = timers;
        this.mac = mac.clone();
    }

    /** The device's own hardware address, from which the host sends. */
    byte[] mac() {
        return mac.clone();
    }

    /** A station of the Ethernet sends a whole frame. */
    void send(byte[] frame) {
        fromHost.add(frame);
        timers.execute(this::poll);
    }

    /** Whole frames that came and were not taken; taken by this call. */
    List<byte[]> take() {
        List<byte[]> taken = List.copyOf(received);
        received.clear();
        return taken;
    }

    private void poll() {
        while (reading && !fromHost.isEmpty() && listener != null) {
            listener.onReadable();
        }
    }

    @Override
    public int read(byte[] buffer) {
        byte[] frame = fromHost.poll();
        if (frame == null) {
            return 0;
        }
        int content = frame.length - HEADER_BYTES;
        System.arraycopy(frame, 0, header, 0, HEADER_BYTES);
        VnetHeader.clear(buffer, 0);
        System.arraycopy(frame, HEADER_BYTES, buffer, VnetHeader.LENGTH, content);
        return VnetHeader.LENGTH + content;
    }

    @Override
    public byte[] frameHeader() {
        return header;
    }

    @Override
    public boolean write(byte[] frameHeader, byte[] buffer, int offset, int length) {
        int content = length - VnetHeader.LENGTH;
        received.add(ByteBuffer.allocate(HEADER_BYTES + content)
                .put(frameHeader)
                .put(buffer, offset + VnetHeader.LENGTH, content)
                .array());
        return true;
    }

    @Override
    public boolean write(byte[] buffer, int offset, int length) {
        return false;
    }

    @Override
    public void setPortListener(PortListener newListener) {
        newListener.onPort(Port.ALONE);
    }

    @Override
    public String name() {
        return "simtap0";
    }

    @Override
    public boolean hasOffloads() {
        return false;
    }

    @Override
    public boolean hasUdpSegmentation() {
        return false;
    }

    @Override
    public void setListener(Listener newListener) {
        listener = newListener;
    }

    @Override
    public void resumeReading() {
        reading = true;
        timers.execute(this::poll);
    }

    @Override
    public void pauseReading() {
        reading = false;
    }

    @Override
    public void close() {
        reading = false;
    }
}
