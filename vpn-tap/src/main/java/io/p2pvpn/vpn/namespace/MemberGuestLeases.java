package io.p2pvpn.vpn.namespace;

import io.p2pvpn.dht.Dht;
import io.p2pvpn.dht.DhtException;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.data.TokenBucket;
import io.p2pvpn.vpn.ethernet.GuestLeases;
import io.p2pvpn.vpn.trust.Names;
import io.p2pvpn.vpn.wire.proto.LeaseValue;
import io.p2pvpn.vpn.wire.proto.NameValue;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Leases of guests: claims of this node beside that of its own address. A guest's name is claimed too where any member
 * may have any name, that is in open namespaces; elsewhere certificates say who has which. Confined to the node's loop.
 */
final class MemberGuestLeases implements GuestLeases {
    /** Names at a time, and how soon another may follow: each leaves a record for an hour. */
    private static final int NAMES_MAX = 16;

    private static final long NAME_NANOS = 480_000_000_000L;

    private final NodeRuntime runtime;
    private final Dht dht;
    private final boolean named;
    private final String ownName;
    /** Name of each address that is taken; empty if it has none. */
    private final TreeMap<Integer, String> taken = new TreeMap<>();

    private final TokenBucket names;
    private int memberIpv4;

    /**
     * None yet.
     *
     * @param named whether guests can have names
     * @param ownName which is no guest's
     */
    MemberGuestLeases(NodeRuntime runtime, Dht dht, boolean named, String ownName) {
        this.runtime = runtime;
        this.dht = dht;
        this.named = named;
        this.ownName = ownName;
        this.names = new TokenBucket(NAME_NANOS, NAMES_MAX, runtime.clock().nanoTime());
    }

    /** Our own address: whoever looks a guest's up finds us by it. */
    void setMember(int ipv4) {
        memberIpv4 = ipv4;
    }

    @Override
    public CompletableFuture<Boolean> take(int ipv4, String hostName, Runnable onLost) {
        byte[] value = LeaseValue.newBuilder()
                .setHostName(hostName)
                .setIpv4(ipv4)
                .setMemberIpv4(memberIpv4)
                .build()
                .toByteArray();
        return dht.claim(Directory.leaseKey(ipv4), value, Leases.TTL_SECONDS, winner -> {
                    forget(ipv4);
                    onLost.run();
                })
                .handle((record, failure) -> {
                    if (failure == null) {
                        takeName(ipv4, hostName);
                        return true;
                    }
                    if (isHeld(failure)) {
                        return false;
                    }
                    throw new CompletionException(failure);
                });
    }

    private static boolean isHeld(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof DhtException known && known.reason() == DhtException.Reason.HELD;
    }

    /** What is ours already stays as it is: a claim of our own would be replaced. */
    private void takeName(int ipv4, String hostName) {
        if (hostName.equalsIgnoreCase(taken.get(ipv4)) && !hostName.isEmpty()) {
            return;
        }
        boolean free = named
                && Names.isName(hostName)
                && !hostName.equalsIgnoreCase(ownName)
                && taken.values().stream().noneMatch(hostName::equalsIgnoreCase)
                && names.tryTake(runtime.clock().nanoTime());
        taken.put(ipv4, free ? hostName : "");
        if (free) {
            byte[] value = NameValue.newBuilder()
                    .setHostName(hostName)
                    .setIpv4(ipv4)
                    .build()
                    .toByteArray();
            var unused = dht.claim(Directory.nameKey(hostName), value, Leases.TTL_SECONDS, null)
                    .exceptionally(failure -> null);
        }
    }

    @Override
    public void release(int ipv4, String hostName) {
        var unusedLease = dht.remove(Directory.leaseKey(ipv4)).exceptionally(failure -> null);
        forget(ipv4);
    }

    private void forget(int ipv4) {
        String name = taken.remove(ipv4);
        if (name != null && !name.isEmpty()) {
            var unusedName = dht.remove(Directory.nameKey(name)).exceptionally(failure -> null);
        }
    }

    /** Gives all of them back. */
    CompletableFuture<?> releaseAll() {
        List<CompletableFuture<?>> given = new ArrayList<>();
        taken.forEach((ipv4, name) -> {
            given.add(dht.remove(Directory.leaseKey(ipv4)).exceptionally(failure -> null));
            if (!name.isEmpty()) {
                given.add(dht.remove(Directory.nameKey(name)).exceptionally(failure -> null));
            }
        });
        taken.clear();
        return CompletableFuture.allOf(given.toArray(new CompletableFuture<?>[0]));
    }
}
