package io.p2pvpn.vpn.ethernet;

import java.util.concurrent.CompletableFuture;

/** Whether another member, or a guest of one, has an address. Called on the loop. */
public interface AddressResolver {
    /** There is a way to it: nobody need be asked. */
    boolean isKnown(int ipv4);

    /** Whether somebody else holds it; completes on the loop, exceptionally when the replicas cannot be asked. */
    CompletableFuture<Boolean> isHeldByAnother(int ipv4);
}
