package io.p2pvpn.overlay.ring;

import java.util.concurrent.CompletableFuture;

/** Answers calls of one method. */
public interface RingHandler {
    /** The answer, now or later; an exceptional result means that none is sent. */
    CompletableFuture<byte[]> onCall(RingCall call);
}
