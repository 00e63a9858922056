package io.p2pvpn.overlay.stream;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What is remembered of a packet until its fate is known. Reused. */
final class SentPacket {
    /** Acknowledged, lost, or nothing that anybody waits for. */
    static final int SETTLED = 0;
    /** On its way. */
    static final int OUTSTANDING = 1;

    private static final int FIRST_PARTS = 2;

    int state;
    long sentNanos;
    /** Bytes of its frame. */
    int bytes;
    /** Which path it took. */
    int path;
    /** The highest packet that its acknowledgement names, less than 0 if it has none. */
    long ackLargest;

    private int parts;
    private int[] types = new int[FIRST_PARTS];
    private @Nullable ByteStream[] streams = new ByteStream[FIRST_PARTS];
    private long[] offsets = new long[FIRST_PARTS];
    private int[] lengths = new int[FIRST_PARTS];

    void start() {
        Arrays.fill(streams, 0, parts, null);
        parts = 0;
        state = SETTLED;
        ackLargest = -1;
    }

    int parts() {
        return parts;
    }

    int type(int i) {
        return types[i];
    }

    @Nullable
    ByteStream stream(int i) {
        return streams[i];
    }

    long offset(int i) {
        return offsets[i];
    }

    int length(int i) {
        return lengths[i];
    }

    void add(int type, @Nullable ByteStream stream, long offset, int length) {
        if (parts == types.length) {
            types = Arrays.copyOf(types, parts * 2);
            streams = Arrays.copyOf(streams, parts * 2);
            offsets = Arrays.copyOf(offsets, parts * 2);
            lengths = Arrays.copyOf(lengths, parts * 2);
        }
        types[parts] = type;
        streams[parts] = stream;
        offsets[parts] = offset;
        lengths[parts++] = length;
    }
}
