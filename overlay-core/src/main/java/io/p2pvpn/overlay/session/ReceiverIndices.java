package io.p2pvpn.overlay.session;

import io.netty.util.collection.IntObjectHashMap;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.KeySource;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What each receiver index of this node stands for: an epoch, a handshake at some stage, an expected mark. The queues
 * hear of those that open frames. Confined to the node's loop.
 */
final class ReceiverIndices {
    /** Handshakes answered whose initiator has not confirmed; the oldest gives way. */
    static final int HALF_OPEN_MAX = 1024;
    /** Indices in use: sessions' epochs, tries and half-open handshakes. */
    static final int INDICES_MAX = 65_536;
    /** Marks expected at a time. */
    static final int MARKS_MAX = 64;

    /** One {@link MarkFrame} that is expected. */
    static final class ExpectedMark {
        private final byte[] nonce;
        private final MarkFrame.Listener listener;

        ExpectedMark(byte[] nonce, MarkFrame.Listener listener) {
            this.nonce = nonce;
            this.listener = listener;
        }

        /** A frame came for it: false if it is not the expected one. */
        boolean onFrame(@Nullable Endpoint from, byte[] in, int offset, int length) {
            boolean right = from != null && MarkFrame.holds(nonce, in, offset, length);
            if (right && from != null) {
                listener.onMark(from);
            }
            return right;
        }
    }

    /** A handshake that we answered: the keys wait for the initiator's first frame. */
    record HalfOpen(Epoch epoch, PublicIdentity peer, FrameRoute route) {}

    private final KeySource random;
    private final SessionQueues queues;
    private final IntObjectHashMap<Object> byIndex = new IntObjectHashMap<>();
    private final ArrayDeque<Integer> halfOpen = new ArrayDeque<>();
    private int marks;

    ReceiverIndices(KeySource random, SessionQueues queues) {
        this.random = random;
        this.queues = queues;
    }

    /** What it stands for, or null. */
    @Nullable
    Object get(int index) {
        return byIndex.get(index);
    }

    /** The keys that open frames of this index, or null. */
    @Nullable
    Epoch epoch(int index) {
        Object state = byIndex.get(index);
        return state instanceof HalfOpen half ? half.epoch() : state instanceof Epoch known ? known : null;
    }

    /** An index that stands for nothing yet. */
    int fresh() {
        if (byIndex.size() >= INDICES_MAX) {
            releaseOldestHalfOpen();
        }
        int index;
        do {
            index = (int) random.nextLong();
        } while (index == 0 || byIndex.containsKey(index));
        return index;
    }

    void put(int index, Initiation.Try aTry) {
        byIndex.put(index, aTry);
    }

    /** Keys of a session. */
    void put(Epoch epoch, Session session) {
        byIndex.put(epoch.terms().localIndex(), epoch);
        queues.addKeys(epoch, session);
    }

    /** Keys that the initiator has not confirmed; {@code session} is the one with it, if there is one already. */
    void await(HalfOpen half, @Nullable Session session) {
        await(half.epoch().terms().localIndex(), half);
        queues.addKeys(half.epoch(), session);
    }

    void await(Handshakes.AwaitingFinish awaited) {
        await(awaited.localIndex(), awaited);
    }

    private void await(int index, Object state) {
        while (halfOpen.size() >= HALF_OPEN_MAX) {
            releaseOldestHalfOpen();
        }
        byIndex.put(index, state);
        halfOpen.add(index);
    }

    private void releaseOldestHalfOpen() {
        Integer oldest = halfOpen.poll();
        Object state = oldest == null ? null : byIndex.get(oldest.intValue());
        if (oldest != null && (state instanceof HalfOpen || state instanceof Handshakes.AwaitingFinish)) {
            byIndex.remove(oldest.intValue());
            queues.removeKeys(oldest);
        }
    }

    /** Forgets a try, unless its index has become that of an epoch. */
    void release(int index) {
        if (!(byIndex.get(index) instanceof Epoch)) {
            byIndex.remove(index);
        }
    }

    void remove(Epoch epoch) {
        byIndex.remove(epoch.terms().localIndex());
        queues.removeKeys(epoch.terms().localIndex());
    }

    /** As {@link SessionLayer#expectMark}. */
    int expectMark(byte[] nonce, MarkFrame.Listener listener) {
        if (marks >= MARKS_MAX) {
            return 0;
        }
        marks++;
        int index = fresh();
        byIndex.put(index, new ExpectedMark(nonce.clone(), listener));
        return index;
    }

    void forgetMark(int index) {
        if (byIndex.get(index) instanceof ExpectedMark) {
            byIndex.remove(index);
            marks--;
        }
    }
}
