package io.p2pvpn.vpn.ethernet;

import java.util.concurrent.CompletableFuture;

/** Takes addresses for guests, in this node's name. Called on the loop. */
public interface GuestLeases {
    /**
     * Takes an address, and keeps it until {@link #release}.
     *
     * @param hostName of the guest, or empty; it gets the name as well if that is free
     * @param onLost another member has it now, by a better right
     * @return completes on the loop: whether it is ours, and not another's; exceptionally if that cannot be said now
     */
    CompletableFuture<Boolean> take(int ipv4, String hostName, Runnable onLost);

    /** Gives it back, and the name. */
    void release(int ipv4, String hostName);
}
