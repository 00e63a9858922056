package io.p2pvpn.crawler.mapreduce;

import com.google.protobuf.ByteString;
import io.p2pvpn.crawler.wire.proto.CoverageWire;
import io.p2pvpn.crawler.wire.proto.TaskResult;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;

/**
 * Sends an answer up in pieces, some at a time, and twice as many with each round trip while all arrive; each is
 * confirmed, and sent again while it is of use. Confined to the node's loop.
 */
final class ResultPost {
    /** Bytes of an answer in one message. */
    static final int PIECE_BYTES = 12 * 1024;
    /** Pieces on their way at a time, at first; one more for each that was confirmed. */
    static final int WINDOW_FIRST = 4;
    /** At most. */
    static final int WINDOW_MAX = 32;

    private final NodeRuntime runtime;
    private final TaskLink parent;
    private final long part;
    private final byte[] value;
    private final CoverageWire coverage;
    private final long untilNanos;
    private final int pieces;
    private int next;
    private int flying;
    private int window = WINDOW_FIRST;

    private ResultPost(
            NodeRuntime runtime, TaskLink parent, long part, byte[] value, CoverageWire coverage, long untilNanos) {
        this.runtime = runtime;
        this.parent = parent;
        this.part = part;
        this.value = value;
        this.coverage = coverage;
        this.untilNanos = untilNanos;
        this.pieces = Math.max(1, (value.length + PIECE_BYTES - 1) / PIECE_BYTES);
    }

    /**
     * Begins.
     *
     * @param untilNanos when nobody waits for it any more
     */
    static void send(
            NodeRuntime runtime, TaskLink parent, long part, byte[] value, CoverageWire coverage, long untilNanos) {
        new ResultPost(runtime, parent, part, value, coverage, untilNanos).sendMore();
    }

    private void sendMore() {
        while (next < pieces && flying < window) {
            flying++;
            send(next++);
        }
    }

    private void send(int piece) {
        int from = piece * PIECE_BYTES;
        int bytes = Math.min(PIECE_BYTES, value.length - from);
        TaskResult.Builder result = TaskResult.newBuilder()
                .setPart(part)
                .setPiece(piece)
                .setPieces(pieces)
                .setBody(ByteString.copyFrom(value, from, bytes));
        if (piece == 0) {
            result.setCoverage(coverage);
        }
        Completions.whenDone(
                runtime.timers(),
                parent.call(MapReduce.RESULT_METHOD, result.build().toByteArray()),
                (reply, failure) -> {
                    if (failure == null) {
                        flying--;
                        window = Math.min(WINDOW_MAX, window + 1);
                        sendMore();
                    } else if (parent.isOpen() && untilNanos - runtime.clock().nanoTime() > 0) {
                        window = WINDOW_FIRST;
                        send(piece);
                    }
                });
    }
}
