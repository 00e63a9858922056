package io.p2pvpn.vpn.ethernet;

import io.p2pvpn.overlay.runtime.Timers;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the parts of a device share with its port, which is on the loop: the port publishes, parts hand over.
 * Thread-safe where a method does not say otherwise.
 */
final class EthernetShare {
    /** Frames of queues that the loop has not seen yet. */
    private static final int WAITING_MAX = 256;
    /** No frame of these protocols is longer. */
    private static final int CONTROL_BYTES_MAX = 2048;

    /** What the port does with frames that are no packets. On the loop. */
    interface Control {
        /**
         * A frame of ARP, neighbour discovery, DHCP, or a beacon.
         *
         * @param buffer virtio header and content; valid during the call
         */
        void onControl(byte[] header, byte[] buffer, int length);

        /** A frame of ours has come back. */
        void onOwnFrame();
    }

    private final Timers loop;
    private final Control control;
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile Neighbours neighbours;
    private volatile boolean quiet;

    EthernetShare(Timers loop, Control control, Neighbours neighbours) {
        this.loop = loop;
        this.control = control;
        this.neighbours = neighbours;
    }

    Neighbours neighbours() {
        return neighbours;
    }

    void publish(Neighbours now) {
        neighbours = now;
    }

    /** Nothing goes in or out now, but beacons. */
    boolean isQuiet() {
        return quiet;
    }

    void setQuiet(boolean now) {
        quiet = now;
    }

    /** Quiet at once: each further frame could be multiplied. */
    void onOwnFrame() {
        if (!quiet) {
            quiet = true;
            loop.execute(control::onOwnFrame);
        }
    }

    /** Hands a frame to the port; false if it is too long, or too many wait. */
    boolean onControl(byte[] header, byte[] buffer, int length) {
        if (length > CONTROL_BYTES_MAX) {
            return false;
        }
        if (waiting.incrementAndGet() > WAITING_MAX) {
            waiting.decrementAndGet();
            return false;
        }
        byte[] headerCopy = header.clone();
        byte[] copy = Arrays.copyOf(buffer, length);
        loop.execute(() -> {
            waiting.decrementAndGet();
            control.onControl(headerCopy, copy, copy.length);
        });
        return true;
    }
}
