package io.p2pvpn.crawler.mapreduce;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.id.OverlayId;
import java.util.concurrent.CompletableFuture;

/** A way to one other node: of real nodes a session. Two are equal if they are the same way. */
public interface TaskLink {
    /** Answers calls of one name. */
    @FunctionalInterface
    interface Handler {
        /**
         * A peer asks.
         *
         * @throws InvalidProtocolBufferException if the request cannot be right
         */
        CompletableFuture<byte[]> onCall(TaskLink from, byte[] request) throws InvalidProtocolBufferException;
    }

    /** Who is at the other end, by its place in the public ring. */
    OverlayId nodeId();

    /** False once it is over. */
    boolean isOpen();

    /** Asks; fails with a {@link io.p2pvpn.overlay.rpc.CallException} if no answer comes, or it is refused. */
    CompletableFuture<byte[]> call(String method, byte[] body);
}
