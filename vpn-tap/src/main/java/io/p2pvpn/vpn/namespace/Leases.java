package io.p2pvpn.vpn.namespace;

import io.p2pvpn.dht.Dht;
import io.p2pvpn.dht.DhtException;
import io.p2pvpn.dht.DhtRecord;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.wire.proto.LeaseValue;
import io.p2pvpn.vpn.wire.proto.NameValue;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes and keeps our virtual address: a claim in the namespace's DHT, for an hour, renewed by the DHT at half of it.
 * The first choice is the address of last time, then ones that follow from our key. Confined to the node's loop.
 */
final class Leases {
    /** How long a lease outlives its holder. */
    static final int TTL_SECONDS = 3600;

    private static final int TRIES_MAX = 64;
    private static final long AGAIN_NANOS = 300_000_000L;

    private final NodeRuntime runtime;
    private final Dht dht;
    private final Cidr prefix;
    private final PublicIdentity identity;
    private final String hostName;
    private final Consumer<DhtRecord> onLost;

    /** @param onLost our address went to this claim, which beat ours */
    Leases(
            NodeRuntime runtime,
            Dht dht,
            Cidr prefix,
            PublicIdentity identity,
            String hostName,
            Consumer<DhtRecord> onLost) {
        this.runtime = runtime;
        this.dht = dht;
        this.prefix = prefix;
        this.identity = identity;
        this.hostName = hostName;
        this.onLost = onLost;
    }

    /**
     * Takes an address.
     *
     * @param wished the only one that will do, or null
     * @param last that of last time, or 0
     * @return the address; fails when the wished one is taken, or none of this namespace
     */
    CompletableFuture<Integer> take(@Nullable Integer wished, int last) {
        if (wished != null && !isUsable(wished)) {
            return CompletableFuture.failedFuture(new ControlException(
                    ControlException.Kind.FAILED,
                    "the address " + Addresses.text4(wished)
                            + " is none for a member of this namespace, whose range is " + prefix
                            + ": choose another with --ip, or leave that out"));
        }
        CompletableFuture<Integer> taken = new CompletableFuture<>();
        attempt(wished, last, 0, taken);
        return taken;
    }

    private void attempt(@Nullable Integer wished, int last, int tries, CompletableFuture<Integer> taken) {
        int address = wished != null ? wished : tries == 0 && isUsable(last) ? last : derived(tries);
        byte[] value = LeaseValue.newBuilder()
                .setHostName(hostName)
                .setIpv4(address)
                .build()
                .toByteArray();
        Completions.whenDone(
                runtime.timers(),
                dht.claim(Directory.leaseKey(address), value, TTL_SECONDS, onLost),
                (record, failure) -> onClaim(wished, last, tries, address, failure, taken));
    }

    private void onClaim(
            @Nullable Integer wished,
            int last,
            int tries,
            int address,
            @Nullable Throwable failure,
            CompletableFuture<Integer> taken) {
        if (failure == null) {
            taken.complete(address);
        } else if (!isHeld(failure)) {
            // Too few replicas answered: the ring is still settling.
            runtime.timers().schedule(AGAIN_NANOS, () -> attempt(wished, last, tries, taken));
        } else if (wished != null || tries >= TRIES_MAX) {
            taken.completeExceptionally(new ControlException(
                    ControlException.Kind.FAILED,
                    "the address " + Addresses.text4(address)
                            + " is taken by another member: choose another with --ip"));
        } else {
            attempt(null, last, tries + 1, taken);
        }
    }

    private static boolean isHeld(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof DhtException known && known.reason() == DhtException.Reason.HELD;
    }

    private boolean isUsable(int address) {
        int hosts = (1 << (32 - prefix.prefixLength())) - 1;
        int host = address & hosts;
        return prefix.contains4(address) && host != 0 && host != hosts;
    }

    /** Spread over the prefix, the same at each start; its first and last addresses left out. */
    private int derived(int tries) {
        byte[] digest = Digests.sha256(
                identity.signingKey(), ByteBuffer.allocate(4).putInt(tries).array());
        int hosts = (1 << (32 - prefix.prefixLength())) - 2;
        int host = 1 + Integer.remainderUnsigned(ByteBuffer.wrap(digest).getInt(), hosts);
        return ByteBuffer.wrap(prefix.addressBytes()).getInt() + host;
    }

    /** Gives the address up. */
    CompletableFuture<Void> release(int address) {
        return dht.remove(Directory.leaseKey(address));
    }

    /** The claim of a name: that of the first who took it. */
    CompletableFuture<DhtRecord> takeName(int address) {
        byte[] value = NameValue.newBuilder()
                .setHostName(hostName)
                .setIpv4(address)
                .build()
                .toByteArray();
        return dht.claim(Directory.nameKey(hostName), value, TTL_SECONDS, null);
    }
}
