package io.p2pvpn.cli.history;

import java.io.IOException;
import java.io.InputStream;

/** The lines of a file, each as a stream of its own that ends before the line feed, so that none is held whole. */
final class LineStream extends InputStream {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int END = -1;
    private static final int BYTE_MASK = 0xFF;
    private static final byte LINE_FEED = '\n';

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int from;
    private int to;
    /** No line has begun, or its line feed was met, or the file is over. */
    private boolean endOfLine = true;

    private boolean endOfFile;

    /** The lines of {@code in}. */
    LineStream(InputStream in) {
        this.in = in;
    }

    /** Passes by what is left of this line; false if there is no further one. */
    boolean next() throws IOException {
        endOfLine = !isFinished() || !fill();
        return !endOfLine;
    }

    /** Passes by what is left of this line; whether it has an end, which a line that is being written has not. */
    boolean isFinished() throws IOException {
        while (!endOfLine) {
            skip(Long.MAX_VALUE);
        }
        return !endOfFile;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) == END ? END : one[0] & BYTE_MASK;
    }

    /** Stops before a line feed, which the next call then takes for the end of the line. */
    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (endOfLine || !fill() || buffer[from] == LINE_FEED) {
            from += endOfLine || endOfFile ? 0 : 1;
            endOfLine = true;
            return END;
        }
        int end = from;
        while (end < to && end - from < length && buffer[end] != LINE_FEED) {
            end++;
        }
        int count = end - from;
        System.arraycopy(buffer, from, bytes, offset, count);
        from = end;
        return count;
    }

    private boolean fill() throws IOException {
        if (from == to && !endOfFile) {
            from = 0;
            to = Math.max(0, in.read(buffer));
            endOfFile = to == 0;
        }
        return !endOfFile;
    }

    /** Nothing: the next line is still to be read. */
    @Override
    public void close() {}
}
