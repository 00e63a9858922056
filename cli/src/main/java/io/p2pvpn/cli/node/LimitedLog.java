package io.p2pvpn.cli.node;

import io.p2pvpn.vpn.data.TokenBucket;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;

/**
 * Writes lines at a limited rate: a host that nobody watches must not have its disk filled by what happens again and
 * again. What is left out is counted, and told before the next line that is written. Thread-safe.
 */
public final class LimitedLog extends OutputStream {
    /** So many lines at once ... */
    static final int LINES_MAX = 200;
    /** ... and then one in so long: 8,640 a day. */
    static final long INTERVAL_NANOS = 10_000_000_000L;
    /** What is longer becomes several lines. */
    static final int LINE_BYTES_MAX = 8192;

    private final OutputStream to;
    private final LongSupplier nanoClock;
    private final TokenBucket lines;
    private final byte[] line = new byte[LINE_BYTES_MAX];
    private int used;
    private long leftOut;

    LimitedLog(OutputStream to, LongSupplier nanoClock) {
        this.to = to;
        this.nanoClock = nanoClock;
        this.lines = new TokenBucket(INTERVAL_NANOS, LINES_MAX, nanoClock.getAsLong());
    }

    /** A stream whose lines reach {@code err} at a limited rate. */
    public static PrintStream before(PrintStream err) {
        return new PrintStream(new LimitedLog(err, System::nanoTime), true, StandardCharsets.UTF_8);
    }

    @Override
    public synchronized void write(int value) throws IOException {
        line[used++] = (byte) value;
        if (value == '\n' || used == line.length) {
            end();
        }
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        for (int i = offset; i < offset + length; i++) {
            write(bytes[i]);
        }
    }

    private void end() throws IOException {
        if (!lines.tryTake(nanoClock.getAsLong())) {
            leftOut++;
        } else {
            if (leftOut > 0) {
                to.write(("(" + leftOut + " lines left out)\n").getBytes(StandardCharsets.UTF_8));
                leftOut = 0;
            }
            to.write(line, 0, used);
            to.flush();
        }
        used = 0;
    }
}
