package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.noise.CipherSuite;
import io.p2pvpn.overlay.noise.FrameCipher;
import io.p2pvpn.overlay.wire.Frame;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one handshake, both directions, with counters and replay windows per lane.
 *
 * <p>Which of several epochs of a session seals is decided by {@link #isNewerThan} from data that both sides hold, so
 * that crossing handshakes need no lock: the higher number, then the one whose initiator has the smaller node ID,
 * then the one with the smaller handshake hash.
 */
final class Epoch {
    /** Lanes that a node may send on. */
    static final int LANES = 16;
    /** No key seals more frames than this on a lane (far below AES-GCM's limit for 96-bit nonces). */
    static final long COUNTER_MAX = 1L << 48;

    /** What the handshake agreed on. */
    record Terms(
            OverlayId initiator,
            boolean initiatedHere,
            int number,
            long remoteBootId,
            int localIndex,
            int remoteIndex,
            CipherSuite suite) {}

    private final Terms terms;
    private final byte[] handshakeHash;
    private final FrameCipher sealer;
    private final FrameCipher opener;
    private final long[] counters = new long[LANES];
    private final @Nullable ReplayWindow[] windows = new ReplayWindow[LANES];
    private final long establishedNanos;
    private boolean confirmed;
    private boolean used;
    private boolean newestFrame;
    private long retireNanos = Long.MAX_VALUE;
    private @Nullable Session session;

    Epoch(Terms terms, byte[] handshakeHash, byte[] sealKey, byte[] openKey, long nowNanos) {
        this.terms = terms;
        this.handshakeHash = handshakeHash;
        this.sealer = new FrameCipher(terms.suite(), sealKey, true);
        this.opener = new FrameCipher(terms.suite(), openKey, false);
        this.establishedNanos = nowNanos;
    }

    Terms terms() {
        return terms;
    }

    byte[] handshakeHash() {
        return handshakeHash.clone();
    }

    long establishedNanos() {
        return establishedNanos;
    }

    /**
     * Seals a frame: its length, or -1 when the lane's counter is used up. The header is bound to it without being
     * additional data (docs/protocol.md section 2.1).
     */
    int seal(int lane, byte[] plain, int offset, int length, byte[] out, int outOffset) {
        long counter = counters[lane];
        if (counter >= COUNTER_MAX) {
            return -1;
        }
        counters[lane] = counter + 1;
        Frame.putHeader(out, outOffset, Frame.TYPE_DATA, lane, terms.remoteIndex(), counter);
        int body = outOffset + Frame.HEADER_BYTES;
        return Frame.HEADER_BYTES + sealer.seal(lane, counter, out, 0, 0, plain, offset, length, out, body);
    }

    /** What became of a frame. */
    enum Opened {
        OK,
        REPLAYED,
        FORGED
    }

    /**
     * Opens a frame whose label is 0 into {@code out} from 0; its plaintext is {@code length - OVERHEAD_BYTES} long.
     */
    Opened open(byte[] in, int offset, int length, byte[] out) {
        int lane = Frame.lane(in, offset);
        long counter = Frame.counter(in, offset);
        if (lane >= LANES) {
            return Opened.FORGED;
        }
        ReplayWindow window = windows[lane];
        if (window != null && !window.mayAccept(counter)) {
            return Opened.REPLAYED;
        }
        int body = offset + Frame.HEADER_BYTES;
        int bytes = length - Frame.HEADER_BYTES;
        int opened = opener.open(lane, counter, in, 0, 0, in, body, bytes, out, 0);
        if (opened < 0) {
            return Opened.FORGED;
        }
        if (window == null) {
            window = new ReplayWindow();
            windows[lane] = window;
        }
        if (!window.accept(counter)) {
            return Opened.REPLAYED;
        }
        newestFrame = window.highest() == counter;
        return Opened.OK;
    }

    /** True if no frame sent later on its lane arrived before the last one that was opened. */
    boolean isNewestFrame() {
        return newestFrame;
    }

    /** Pure: true if this epoch seals rather than {@code other}; the same answer at both ends. */
    boolean isNewerThan(Epoch other) {
        if (terms.number() != other.terms.number()) {
            return terms.number() > other.terms.number();
        }
        int order = terms.initiator().compareTo(other.terms.initiator());
        return order != 0 ? order < 0 : Arrays.compareUnsigned(handshakeHash, other.handshakeHash) < 0;
    }

    boolean isConfirmed() {
        return confirmed;
    }

    void confirm() {
        confirmed = true;
    }

    /** True once it carried anything but keepalives: only used keys are replaced. */
    boolean isUsed() {
        return used;
    }

    void markUsed() {
        used = true;
    }

    long retireNanos() {
        return retireNanos;
    }

    /** It seals now: it has no end yet. */
    void keep() {
        retireNanos = Long.MAX_VALUE;
    }

    void retireAt(long nanos) {
        retireNanos = Math.min(retireNanos, nanos);
    }

    @Nullable
    Session session() {
        return session;
    }

    void attach(Session owner) {
        session = owner;
    }
}
