package io.p2pvpn.vpn.ethernet;

import io.p2pvpn.vpn.packet.VnetHeader;
import io.p2pvpn.vpn.tun.TapDevice;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A TAP in memory: a test queues frames, and looks at those that were sent. */
final class FakeTap implements TapDevice {
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    private final List<byte[]> sent = new ArrayList<>();
    private final byte[] header = new byte[HEADER_BYTES];
    private @Nullable PortListener portListener;

    /** Queues a whole frame. */
    void queue(byte[] frame) {
        waiting.add(frame);
    }

    /** Whole frames that were sent and not taken yet; taken by this call. */
    List<byte[]> takeSent() {
        List<byte[]> taken = new ArrayList<>(sent);
        sent.clear();
        return taken;
    }

    void setPort(Port port) {
        if (portListener != null) {
            portListener.onPort(port);
        }
    }

    @Override
    public int read(byte[] buffer) {
        byte[] frame = waiting.poll();
        if (frame == null) {
            return 0;
        }
        ByteBuffer.wrap(frame).get(header);
        VnetHeader.clear(buffer, 0);
        System.arraycopy(frame, HEADER_BYTES, buffer, VnetHeader.LENGTH, frame.length - HEADER_BYTES);
        return VnetHeader.LENGTH + frame.length - HEADER_BYTES;
    }

    @Override
    public byte[] frameHeader() {
        return header;
    }

    @Override
    public boolean write(byte[] frameHeader, byte[] buffer, int offset, int length) {
        int content = length - VnetHeader.LENGTH;
        sent.add(ByteBuffer.allocate(HEADER_BYTES + content)
                .put(frameHeader)
                .put(buffer, offset + VnetHeader.LENGTH, content)
                .array());
        return true;
    }

    @Override
    public boolean write(byte[] buffer, int offset, int length) {
        throw new AssertionError("a packet without a frame");
    }

    @Override
    public void setPortListener(PortListener listener) {
        portListener = listener;
        listener.onPort(Port.ALONE);
    }

    @Override
    public String name() {
        return "fake0";
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
    public void setListener(Listener listener) {}

    @Override
    public void resumeReading() {}

    @Override
    public void pauseReading() {}

    @Override
    public void close() {}
}
