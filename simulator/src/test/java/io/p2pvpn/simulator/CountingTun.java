package io.p2pvpn.simulator;

import io.p2pvpn.vpn.packet.IpPacket;
import io.p2pvpn.vpn.tun.TunDevice;
import org.jspecify.annotations.Nullable;

/** A device in memory that makes no garbage: hands over one packet as often as asked, and counts what is written. */
final class CountingTun implements TunDevice {
    private final int ipv4;
    private @Nullable Listener listener;
    private byte[] packet = new byte[0];
    private int left;
    private boolean reading;
    private long writtenBytes;

    CountingTun(int ipv4) {
        this.ipv4 = ipv4;
    }

    int ipv4() {
        return ipv4;
    }

    /** The host sends this packet so many times; on the loop. */
    void send(byte[] template, int times) {
        packet = template;
        left = times;
        poll();
    }

    /** Hands over what the plane did not take in its turn. */
    void poll() {
        if (reading && left > 0 && listener != null) {
            listener.onReadable();
        }
    }

    boolean isEmpty() {
        return left == 0;
    }

    /** Bytes of all writes, less those of headers. */
    long writtenBytes() {
        return writtenBytes;
    }

    @Override
    public String name() {
        return "memory0";
    }

    @Override
    public boolean hasOffloads() {
        return true;
    }

    @Override
    public boolean hasUdpSegmentation() {
        return true;
    }

    @Override
    public void setListener(Listener newListener) {
        listener = newListener;
    }

    @Override
    public int read(byte[] buffer) {
        if (left == 0) {
            return 0;
        }
        left--;
        System.arraycopy(packet, 0, buffer, 0, packet.length);
        return packet.length;
    }

    @Override
    public boolean write(byte[] buffer, int offset, int length) {
        writtenBytes += length;
        return length <= IpPacket.LENGTH_MAX;
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
        reading = false;
    }
}
