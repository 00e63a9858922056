package io.p2pvpn.shortcuts.coordinate;

import io.p2pvpn.overlay.coordinate.Coordinate;
import io.p2pvpn.overlay.id.OverlayId;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The last sample of each of up to {@link #PEERS_MAX} peers; the one that was sampled longest ago gives way. The
 * numbers lie side by side, since all of them are read at each sample. Confined to the node's loop.
 */
final class LastSamples {
    /** Peers that are remembered. */
    static final int PEERS_MAX = 32;

    private static final int PEERS_FIRST = 4;
    /** After the core: what its other dimensions come to, squared; height, error, round trip. */
    private static final int BEYOND = 0;

    private static final int HEIGHT = 1;
    private static final int ERROR = 2;
    private static final int RTT = 3;
    private static final int PARTS = 4;

    private final int dimensions;
    private final int stride;
    private @Nullable OverlayId[] peers = new @Nullable OverlayId[PEERS_FIRST];
    private long[] turns = new long[PEERS_FIRST];
    private double[] numbers;
    private int size;
    private long turn;

    /** None yet; places in a core of so many dimensions. */
    LastSamples(int dimensions) {
        this.dimensions = dimensions;
        this.stride = dimensions + PARTS;
        this.numbers = new double[PEERS_FIRST * stride];
    }

    /** Remembers what was measured, and where the peer said that it stood. */
    void put(OverlayId peer, Coordinate place, double rttMillis) {
        int slot = slotOf(peer);
        peers[slot] = peer;
        turns[slot] = turn++;
        int at = slot * stride;
        for (int i = 0; i < dimensions; i++) {
            numbers[at + i] = place.core(i);
        }
        double beyond = 0;
        for (int i = dimensions; i < place.dimensions(); i++) {
            beyond += place.core(i) * place.core(i);
        }
        int parts = at + dimensions;
        numbers[parts + BEYOND] = beyond;
        numbers[parts + HEIGHT] = place.heightMillis();
        numbers[parts + ERROR] = place.error();
        numbers[parts + RTT] = rttMillis;
    }

    private int slotOf(OverlayId peer) {
        int oldest = 0;
        for (int i = 0; i < size; i++) {
            if (peer.equals(peers[i])) {
                return i;
            }
            oldest = turns[i] < turns[oldest] ? i : oldest;
        }
        if (size == PEERS_MAX) {
            return oldest;
        }
        if (size == peers.length) {
            peers = Arrays.copyOf(peers, 2 * size);
            turns = Arrays.copyOf(turns, 2 * size);
            numbers = Arrays.copyOf(numbers, 2 * size * stride);
        }
        return size++;
    }

    int size() {
        return size;
    }

    /** Place of the i-th peer in one dimension of the core, ms. */
    double core(int i, int dimension) {
        return numbers[i * stride + dimension];
    }

    /** The square of what it lies away from us in dimensions that we do not have. */
    double beyond(int i) {
        return part(i, BEYOND);
    }

    double heightMillis(int i) {
        return part(i, HEIGHT);
    }

    double error(int i) {
        return part(i, ERROR);
    }

    double rttMillis(int i) {
        return part(i, RTT);
    }

    private double part(int i, int part) {
        return numbers[i * stride + dimensions + part];
    }
}
