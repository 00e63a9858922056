package io.p2pvpn.vpn.node;

import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.stream.ByteStream;
import io.p2pvpn.overlay.stream.StreamError;
import io.p2pvpn.overlay.stream.StreamListener;
import java.io.BufferedInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Bytes to and from another member, in order and complete, in both directions at once, each of which ends for itself.
 * Sealed end to end over whatever path there is, and paced to what it carries and the other end reads.
 *
 * <p>Thread-safe. {@link #read} and {@link #write} complete on the node's loop, which must not block; for threads of
 * the application, which may, there are {@link #input} and {@link #output}. Failures are {@link StreamException}s.
 */
public final class VpnStream implements AutoCloseable {
    /** Writes, and reads, that may wait at a time; more fail. */
    public static final int WAITING_MAX = 1024;

    private static final int INPUT_BUFFER_BYTES = 64 * 1024;

    /** Bytes of an application on their way out, or a place for those on their way in. */
    private static final class Transfer {
        private final byte[] bytes;
        private int offset;
        private int length;
        private final CompletableFuture<Integer> done = new CompletableFuture<>();

        Transfer(byte[] bytes, int offset, int length) {
            Objects.checkFromIndexSize(offset, length, bytes.length);
            this.bytes = bytes;
            this.offset = offset;
            this.length = length;
        }
    }

    private final Timers timers;
    private final VpnNamespace.Member peer;
    private final String service;
    private final ByteStream stream;
    private final ArrayDeque<Transfer> writes = new ArrayDeque<>();
    private final ArrayDeque<Transfer> reads = new ArrayDeque<>();
    private boolean finishing;
    private final InputStream input;
    private final OutputStream output;

    /** On the loop, which tells it of the stream by {@link #listener}. */
    VpnStream(Timers timers, VpnNamespace.Member peer, String service, ByteStream stream) {
        this.timers = timers;
        this.peer = peer;
        this.service = service;
        this.stream = stream;
        this.input = new BufferedInputStream(new StreamAdapters.Input(this), INPUT_BUFFER_BYTES);
        this.output = new StreamAdapters.Output(this);
    }

    /** Who is at the other end: proven. */
    public VpnNamespace.Member peer() {
        return peer;
    }

    /** What it was opened for. */
    public String service() {
        return service;
    }

    // ---------------------------------------------------------------------- writing

    /** As {@link #write(byte[], int, int)}. */
    public CompletableFuture<@Nullable Void> write(byte[] bytes) {
        return write(bytes, 0, bytes.length);
    }

    /**
     * Sends bytes, behind those of earlier calls. Completes when all are in the stream's buffer, that is as quickly as
     * the path and the other end take them; until then the array must stay as it is.
     */
    public CompletableFuture<@Nullable Void> write(byte[] bytes, int offset, int length) {
        Transfer transfer = new Transfer(bytes, offset, length);
        timers.execute(() -> {
            if (finishing || writes.size() >= WAITING_MAX) {
                transfer.done.completeExceptionally(new IllegalStateException(
                        finishing ? "finished already" : "more than " + WAITING_MAX + " writes"));
                return;
            }
            writes.add(transfer);
            goOnWriting();
        });
        return transfer.done.thenApply(written -> null);
    }

    /** Ends this direction behind what was written: the other end reads to there, and may go on sending. */
    public CompletableFuture<@Nullable Void> finish() {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        timers.execute(() -> {
            finishing = true;
            goOnWriting();
            done.complete(null);
        });
        return done;
    }

    private void goOnWriting() {
        StreamError error = stream.writeError();
        while (!writes.isEmpty()) {
            Transfer first = writes.element();
            if (error != null) {
                writes.remove();
                first.done.completeExceptionally(new StreamException(error));
                continue;
            }
            int taken = stream.write(first.bytes, first.offset, first.length);
            first.offset += taken;
            first.length -= taken;
            if (first.length > 0) {
                return;
            }
            writes.remove();
            first.done.complete(0);
        }
        if (finishing) {
            stream.finish();
        }
    }

    // ---------------------------------------------------------------------- reading

    /**
     * Reads bytes, behind those that earlier calls read. Completes with how many there are, 1 to {@code length}, or
     * with -1 if the other end has finished; until then the array belongs to the stream.
     */
    public CompletableFuture<Integer> read(byte[] into, int offset, int length) {
        Transfer transfer = new Transfer(into, offset, length);
        if (length == 0) {
            transfer.done.complete(0);
            return transfer.done;
        }
        timers.execute(() -> {
            if (reads.size() >= WAITING_MAX) {
                transfer.done.completeExceptionally(new IllegalStateException("more than " + WAITING_MAX + " reads"));
                return;
            }
            reads.add(transfer);
            goOnReading();
        });
        return transfer.done;
    }

    private void goOnReading() {
        while (!reads.isEmpty()) {
            Transfer first = reads.element();
            int read = stream.read(first.bytes, first.offset, first.length);
            StreamError error = stream.readError();
            if (read == 0 && error == null) {
                return;
            }
            reads.remove();
            if (read == 0 && error != null) {
                first.done.completeExceptionally(new StreamException(error));
            } else {
                first.done.complete(read);
            }
        }
    }

    // ----------------------------------------------------------------------- ending

    /**
     * Gives both directions up at once: what the other end has not read yet is lost.
     *
     * @param code of the application, 0 to {@link StreamError#APPLICATION_CODE_MAX}, told to the other end
     */
    public void reset(int code) {
        StreamError error = StreamError.ofApplication(code);
        timers.execute(() -> end(error));
    }

    /** The same for another reason; on the loop. */
    void end(StreamError error) {
        stream.reset(error);
        goOnReading();
        goOnWriting();
    }

    /**
     * Reads no more, and ends the other direction behind what was written, which still goes on its way as long as the
     * node runs. Whoever has to know that all has arrived has the other end say so.
     */
    @Override
    public void close() {
        timers.execute(() -> {
            stream.stopReading(StreamError.of(StreamError.Kind.CLOSED));
            goOnReading();
            finishing = true;
            goOnWriting();
        });
    }

    // ------------------------------------------------------------- for threads that wait

    /**
     * Reads by waiting: for a thread of the application, never on the node's loop. Not thread-safe, and not to be used
     * beside {@link #read}.
     */
    public InputStream input() {
        return input;
    }

    /**
     * Writes by waiting until the stream has taken all: for a thread of the application, never on the node's loop.
     * Closing it is {@link #finish}. Not buffered.
     */
    public OutputStream output() {
        return output;
    }

    /** What the stream below tells; on the loop. */
    StreamListener listener() {
        return new StreamListener() {
            @Override
            public void onReadable() {
                goOnReading();
            }

            @Override
            public void onWritable() {
                goOnWriting();
            }

            @Override
            public void onReset(StreamError error) {
                goOnReading();
            }

            @Override
            public void onStopped(StreamError error) {
                goOnWriting();
            }
        };
    }

    @Override
    public String toString() {
        return service + " with " + peer.name();
    }
}
