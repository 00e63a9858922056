package io.p2pvpn.cli.node;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A node that runs in this process. Thread-safe: every method may be called from any thread. */
public interface RunningNode {
    /**
     * Completes once the node is where it was asked to be: member of its namespace with its device up, or for a
     * bootstrap listening. Fails with a {@link io.p2pvpn.vpn.control.ControlException} when that can never be (refused,
     * not open, address taken).
     */
    CompletableFuture<@Nullable Void> joined();

    /** Whether this state directory has never been a member: a first join gives up, a later one keeps trying. */
    boolean isFirstJoin();

    /** Completes as soon as the node has time: never, if it is stuck. */
    CompletableFuture<@Nullable Void> responds();

    /** Takes over what {@link NodeOptions#differences} does not list. */
    void change(NodeOptions options);

    /**
     * Leaves the rings, hands records over, removes device and control socket. Idempotent; {@link #exited} completes
     * when it is done.
     */
    void stop();

    /** Completes with the process's exit code when the node has ended: stopped here or over its socket, or failed. */
    CompletableFuture<Integer> exited();
}
