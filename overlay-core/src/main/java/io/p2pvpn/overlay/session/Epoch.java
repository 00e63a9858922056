package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.noise.CipherSuite;
import io.p2pvpn.overlay.noise.FrameCipher;
import io.p2pvpn.overlay.noise.SessionCrypto;
import io.p2pvpn.overlay.runtime.DataQueue;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one handshake, both directions, with a share of counters and replay windows for each queue. Confined to
 * the node's loop, except the keys themselves and the shares.
 *
 * <p>Which of several epochs of a session seals is decided by {@link #isNewerThan} from data that both sides hold, so
 * that crossing handshakes need no lock: the higher number, then the one whose initiator has the smaller node ID,
 * then the one with the smaller handshake hash.
 */
final class Epoch {
    /** Lanes that a node may send on. */
    static final int LANES = DataQueue.QUEUES_MAX;
    /** No key seals more frames than this on a lane (far below AES-GCM's limit for 96-bit nonces). */
    static final long COUNTER_MAX = 1L << 48;

    /** What keys were used for, by how soon they are replaced: never, late, soon. */
    enum Use {
        /** What keeps paths and the session alive. */
        KEEPALIVES,
        /** The overlay's own messages. */
        MESSAGES,
        /** Packets. */
        PACKETS
    }

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
    private final SessionCrypto crypto;
    private final byte[] handshakeHash;
    private final byte[] sealKey;
    private final byte[] openKey;
    private final EpochShare[] shares;
    private final long establishedNanos;
    private boolean confirmed;
    private Use use = Use.KEEPALIVES;
    private boolean newestFrame;
    private long retireNanos = Long.MAX_VALUE;
    private @Nullable Session session;

    /** The keys of a node with that many queues, the loop included. */
    Epoch(
            Terms terms,
            byte[] handshakeHash,
            byte[] sealKey,
            byte[] openKey,
            SessionCrypto crypto,
            int queues,
            long nowNanos) {
        this.terms = terms;
        this.crypto = crypto;
        this.handshakeHash = handshakeHash;
        this.sealKey = sealKey;
        this.openKey = openKey;
        this.shares = new EpochShare[queues];
        for (int i = 0; i < queues; i++) {
            shares[i] = new EpochShare(this, i, queues);
        }
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

    /** The part of queue {@code queue}, to which it belongs from the moment when it is handed over. */
    EpochShare share(int queue) {
        return shares[queue];
    }

    FrameCipher newSealer() {
        return crypto.newCipher(terms.suite(), sealKey, true);
    }

    FrameCipher newOpener() {
        return crypto.newCipher(terms.suite(), openKey, false);
    }

    /** True if no frame sent later on its lane arrived before the one that the loop looks at. */
    boolean isNewestFrame() {
        return newestFrame;
    }

    /** The loop looks at a frame now that is, or is not, the newest on its lane. */
    void onOpened(boolean newest) {
        newestFrame = newest;
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

    /** What the keys were used for so far. */
    Use use() {
        return use;
    }

    /** They were used for that; true if that is more than before. */
    boolean mark(Use newUse) {
        boolean more = newUse.compareTo(use) > 0;
        use = more ? newUse : use;
        return more;
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
