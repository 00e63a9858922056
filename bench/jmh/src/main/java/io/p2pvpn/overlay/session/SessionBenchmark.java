package io.p2pvpn.overlay.session;

import io.netty.util.collection.IntObjectHashMap;
import io.p2pvpn.overlay.wire.Frame;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What a session does for each frame besides the cipher. */
@State(Scope.Thread)
public class SessionBenchmark {
    @Param({"16", "4096"})
    int sessions;

    private final byte[] frame = new byte[1500];
    private final ReplayWindow window = new ReplayWindow();
    private final IntObjectHashMap<Object> byIndex = new IntObjectHashMap<>();
    private int[] indices = new int[1];
    private long counter;

    /** Gives every session a random index. */
    @Setup
    public void prepare() {
        java.util.Random random = new java.util.Random(1);
        indices = random.ints(sessions).toArray();
        for (int index : indices) {
            byIndex.put(index, new Object());
        }
    }

    /** Writes a frame's header and reads it. */
    @Benchmark
    public long header() {
        counter++;
        Frame.putHeader(frame, 0, Frame.TYPE_DATA, 1, (int) counter, counter);
        return Frame.type(frame, 0, frame.length)
                + Frame.lane(frame, 0)
                + Frame.receiver(frame, 0)
                + Frame.label(frame, 0)
                + Frame.counter(frame, 0);
    }

    /** Checks and notes a counter, in order. */
    @Benchmark
    public boolean replayWindow() {
        counter++;
        return window.mayAccept(counter) && window.accept(counter);
    }

    /** Finds the keys of a frame: each time another session's. */
    @Benchmark
    public @Nullable Object index() {
        counter++;
        return byIndex.get(indices[(int) counter & (sessions - 1)]);
    }
}
