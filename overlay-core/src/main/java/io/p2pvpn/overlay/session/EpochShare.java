package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.noise.FrameCipher;
import io.p2pvpn.overlay.wire.Frame;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What one queue has of an epoch: counters for sealing and replay windows for opening, of the lanes that are the
 * queue's number modulo the number of queues, and ciphers of its own. Confined to that queue (0: the node's loop), so
 * that no nonce is used twice and no frame is opened twice without a lock.
 */
final class EpochShare {
    /** What became of a frame. */
    enum Opened {
        OK,
        REPLAYED,
        FORGED
    }

    private final Epoch epoch;
    private final int queue;
    private final int queues;
    /** Of the queue's own lanes in their order, as far as they are in use: most sessions use one. */
    private @Nullable ReplayWindow[] windows = new ReplayWindow[1];

    private long[] counters = new long[1];
    private @Nullable FrameCipher sealer;
    private @Nullable FrameCipher opener;
    private boolean newestFrame;
    private @Nullable SessionLane sessionLane;
    private boolean heard;

    /** The share of queue {@code queue} among {@code queues}. */
    EpochShare(Epoch epoch, int queue, int queues) {
        this.epoch = epoch;
        this.queue = queue;
        this.queues = queues;
    }

    Epoch epoch() {
        return epoch;
    }

    /**
     * Seals a frame on one of the queue's lanes: its length, or -1 when the counter is used up. The header is bound to
     * it without being additional data (docs/protocol.md section 2.1).
     */
    int seal(int lane, byte[] plain, int offset, int length, byte[] out, int outOffset) {
        int own = own(lane);
        if (own >= counters.length) {
            counters = Arrays.copyOf(counters, own + 1);
        }
        long number = counters[own];
        if (number >= Epoch.COUNTER_MAX) {
            return -1;
        }
        FrameCipher cipher = sealer;
        if (cipher == null) {
            cipher = epoch.newSealer();
            sealer = cipher;
        }
        counters[own] = number + 1;
        Frame.putHeader(out, outOffset, Frame.TYPE_DATA, lane, epoch.terms().remoteIndex(), number);
        int body = outOffset + Frame.HEADER_BYTES;
        return Frame.HEADER_BYTES + cipher.seal(lane, number, out, 0, 0, plain, offset, length, out, body);
    }

    /**
     * Opens a frame whose label is 0 into {@code out} from 0; its plaintext is {@code length - OVERHEAD_BYTES} long.
     */
    Opened open(byte[] in, int offset, int length, byte[] out) {
        int sentOn = Frame.lane(in, offset);
        long number = Frame.counter(in, offset);
        if (sentOn >= Epoch.LANES) {
            return Opened.FORGED;
        }
        int own = own(sentOn);
        ReplayWindow window = own < windows.length ? windows[own] : null;
        if (window != null && !window.mayAccept(number)) {
            return Opened.REPLAYED;
        }
        FrameCipher cipher = opener;
        if (cipher == null) {
            cipher = epoch.newOpener();
            opener = cipher;
        }
        int body = offset + Frame.HEADER_BYTES;
        int bytes = length - Frame.HEADER_BYTES;
        int opened = cipher.open(sentOn, number, in, 0, 0, in, body, bytes, out, 0);
        if (opened < 0) {
            return Opened.FORGED;
        }
        if (window == null) {
            window = new ReplayWindow();
            windows = own < windows.length ? windows : Arrays.copyOf(windows, own + 1);
            windows[own] = window;
        }
        if (!window.accept(number)) {
            return Opened.REPLAYED;
        }
        newestFrame = window.highest() == number;
        return Opened.OK;
    }

    /** Which of the queue's own lanes that is, from 0. */
    private int own(int lane) {
        if (lane % queues != queue) {
            throw new IllegalStateException("lane " + lane + " is not of queue " + queue);
        }
        return lane / queues;
    }

    /** True if no frame sent later on its lane arrived before the last one that was opened. */
    boolean isNewestFrame() {
        return newestFrame;
    }

    /** The queue's part of the session that the keys belong to, or null while there is none. */
    @Nullable
    SessionLane lane() {
        return sessionLane;
    }

    void attach(@Nullable SessionLane owner) {
        sessionLane = owner;
    }

    /** True for the first packet that the queue delivers under these keys. */
    boolean isFirst() {
        boolean first = !heard;
        heard = true;
        return first;
    }
}
