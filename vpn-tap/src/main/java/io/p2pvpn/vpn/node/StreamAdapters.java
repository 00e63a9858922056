package io.p2pvpn.vpn.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A stream for threads that wait. */
final class StreamAdapters {
    private StreamAdapters() {}

    private static <T> T await(CompletableFuture<T> future) throws IOException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StreamException failed) {
                throw failed;
            }
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /** Reads. */
    static final class Input extends InputStream {
        private final VpnStream stream;
        private boolean ended;

        Input(VpnStream stream) {
            this.stream = stream;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (ended) {
                return -1;
            }
            int read = await(stream.read(into, offset, length));
            ended = read < 0;
            return read;
        }
    }

    /** Writes. */
    static final class Output extends OutputStream {
        private final VpnStream stream;

        Output(VpnStream stream) {
            this.stream = stream;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            var unused = await(stream.write(bytes, offset, length));
        }

        @Override
        public void close() throws IOException {
            var unused = await(stream.finish());
        }
    }
}
