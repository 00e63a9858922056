package io.p2pvpn.overlay.rpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.session.Session;
import java.util.concurrent.CompletableFuture;

/** Answers requests that came straight from a session's peer, whose keys are therefore known. */
public interface SessionHandler {
    /**
     * The answer, now or later; an exceptional result tells the peer its message. Must be idempotent.
     *
     * @throws InvalidProtocolBufferException if the request cannot be read: it is counted, and refused
     */
    CompletableFuture<byte[]> onCall(Session from, byte[] request) throws InvalidProtocolBufferException;
}
