package io.p2pvpn.overlay.rpc;

import io.p2pvpn.overlay.session.Session;
import java.util.concurrent.CompletableFuture;

/** Answers requests that came straight from a session's peer, whose keys are therefore known. */
public interface SessionHandler {
    /** The answer, now or later; an exceptional result tells the peer its message. Must be idempotent. */
    CompletableFuture<byte[]> onCall(Session from, byte[] request);
}
