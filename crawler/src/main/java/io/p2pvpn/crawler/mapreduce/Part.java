package io.p2pvpn.crawler.mapreduce;

import com.google.protobuf.ByteString;
import io.p2pvpn.crawler.wire.proto.CoverageWire;
import io.p2pvpn.crawler.wire.proto.TaskResult;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Timers;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/** What was handed to one child, and what has come back of it. Confined to the node's loop. */
final class Part {
    /** What a piece of an answer brings about. */
    enum Step {
        /** More is to come, or it came before. */
        MORE,
        /** The answer is whole. */
        WHOLE,
        /** It cannot be right. */
        MALFORMED
    }

    private final TaskOrder order;
    private final TaskPeer child;
    private ByteString @Nullable [] pieces;
    private int missing;
    private int bytes;
    private CoverageWire coverage = CoverageWire.getDefaultInstance();
    private boolean taken;
    private boolean closed;
    private Timers.@Nullable Timer patience;

    Part(TaskOrder order, TaskPeer child) {
        this.order = order;
        this.child = child;
    }

    TaskOrder order() {
        return order;
    }

    OverlayId child() {
        return child.id();
    }

    TaskLink link() {
        return child.link();
    }

    /** Nothing is awaited any more. */
    boolean isClosed() {
        return closed;
    }

    /** The child has taken it. */
    boolean isTaken() {
        return taken;
    }

    void onTaken() {
        taken = true;
        stopPatience();
    }

    void setPatience(Timers.Timer timer) {
        patience = timer;
    }

    private void stopPatience() {
        if (patience != null) {
            patience.cancel();
            patience = null;
        }
    }

    void close() {
        closed = true;
        pieces = null;
        stopPatience();
    }

    /** Bytes that are kept of the answer so far. */
    int bytes() {
        return bytes;
    }

    /** A piece came. */
    Step onPiece(TaskResult result) {
        onTaken();
        int count = result.getPieces();
        int most = (order.bytesMax() + ResultPost.PIECE_BYTES - 1) / ResultPost.PIECE_BYTES;
        ByteString[] kept = pieces;
        if (kept == null) {
            if (count < 1 || count > most) {
                return Step.MALFORMED;
            }
            kept = new ByteString[count];
            pieces = kept;
            missing = count;
        }
        int index = result.getPiece();
        ByteString body = result.getBody();
        if (count != kept.length || index < 0 || index >= count || body.size() > ResultPost.PIECE_BYTES) {
            return Step.MALFORMED;
        }
        if (kept[index] != null) {
            return Step.MORE;
        }
        kept[index] = body;
        bytes += body.size();
        missing--;
        if (index == 0) {
            coverage = result.getCoverage();
        }
        return missing == 0 ? Step.WHOLE : Step.MORE;
    }

    /** The whole answer. */
    byte[] value() {
        ByteArrayOutputStream value = new ByteArrayOutputStream(bytes);
        if (pieces != null) {
            for (ByteString piece : pieces) {
                value.writeBytes(piece.toByteArray());
            }
        }
        return value.toByteArray();
    }

    CoverageWire coverage() {
        return coverage;
    }
}
