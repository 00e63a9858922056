package io.p2pvpn.simulator.latency;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;

/** Round trips between sites that were measured, symmetric and complete. Immutable. */
public final class LatencyMatrix {
    /** What one unit of a round trip in here is. */
    static final long TENTH_NANOS = 100_000;

    private static final String PLANETLAB = "planetlab-490.gz";

    private final int sites;
    /** Row by row the pairs (i, j) of which j is the larger. */
    private final short[] tenths;

    private LatencyMatrix(int sites, short[] tenths) {
        this.sites = sites;
        this.tenths = tenths;
    }

    /** 490 hosts of PlanetLab (Zhu et al., IEEE/ACM ToN 25, 2017); see planetlab-490.md beside the resource. */
    public static LatencyMatrix planetLab() {
        try (InputStream packed = LatencyMatrix.class.getResourceAsStream(PLANETLAB)) {
            if (packed == null) {
                throw new IllegalStateException(PLANETLAB + " is not in this program");
            }
            return read(packed);
        } catch (IOException damaged) {
            throw new UncheckedIOException(damaged);
        }
    }

    /** Reads what {@code simulator/latency/encode.py} wrote. */
    static LatencyMatrix read(InputStream packed) throws IOException {
        DataInputStream numbers = new DataInputStream(new GZIPInputStream(packed));
        int sites = numbers.readUnsignedShort();
        short[] tenths = new short[sites * (sites - 1) / 2];
        byte[] bytes = new byte[Short.BYTES * tenths.length];
        numbers.readFully(bytes);
        ByteBuffer.wrap(bytes).asShortBuffer().get(tenths);
        return new LatencyMatrix(sites, tenths);
    }

    /** How many sites there are. */
    public int sites() {
        return sites;
    }

    /** The round trip between two different sites, in tenths of a millisecond. */
    int tenths(int one, int other) {
        int i = Math.min(one, other);
        int j = Math.max(one, other);
        if (i == j) {
            throw new IllegalArgumentException("no round trip within site " + i);
        }
        return tenths[i * (2 * sites - i - 1) / 2 + j - i - 1];
    }

    /** The round trip between two different sites. */
    public long roundTripNanos(int one, int other) {
        return tenths(one, other) * TENTH_NANOS;
    }
}
