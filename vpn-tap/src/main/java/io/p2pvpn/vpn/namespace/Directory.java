package io.p2pvpn.vpn.namespace;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.dht.Dht;
import io.p2pvpn.dht.DhtKeys;
import io.p2pvpn.dht.DhtRecord;
import io.p2pvpn.dht.GetOptions;
import io.p2pvpn.dht.GetResult;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.trust.MemberCredential;
import io.p2pvpn.vpn.wire.proto.LeaseValue;
import io.p2pvpn.vpn.wire.proto.MemberValue;
import io.p2pvpn.vpn.wire.proto.NameValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The two look-ups of a namespace, cached: virtual address to member, member to endpoints; and names. What is not there
 * is remembered too, briefly. Confined to the node's loop.
 */
public final class Directory {
    private static final int ENTRIES_MAX = 16_384;
    private static final Duration KNOWN = Duration.ofMinutes(5);
    private static final Duration UNKNOWN = Duration.ofSeconds(3);
    /** A name may go to another address, which nobody tells us of. */
    private static final Duration NAMED = Duration.ofSeconds(30);

    private final Dht dht;
    private final NamespaceTrust trust;
    private final Cache<Integer, Lease> leases;
    private final Cache<Integer, Boolean> noLease;
    private final Cache<OverlayId, MemberValue> members;
    private final Cache<String, Integer> addresses;
    private final Cache<String, Boolean> noAddress;
    private final TreeMap<Integer, CompletableFuture<Optional<Lease>>> asked = new TreeMap<>();

    Directory(NodeRuntime runtime, Dht dht, NamespaceTrust trust) {
        this.dht = dht;
        this.trust = trust;
        this.leases = cache(runtime, KNOWN);
        this.noLease = cache(runtime, UNKNOWN);
        this.members = cache(runtime, KNOWN);
        this.addresses = cache(runtime, NAMED);
        this.noAddress = cache(runtime, UNKNOWN);
    }

    /** Caffeine's own clock, threads and maintenance would make runs differ: it gets ours. */
    private static <K, V> Cache<K, V> cache(NodeRuntime runtime, Duration life) {
        return Caffeine.newBuilder()
                .maximumSize(ENTRIES_MAX)
                .expireAfterWrite(life)
                .ticker(runtime.clock()::nanoTime)
                .executor(Runnable::run)
                .build();
    }

    static OverlayId leaseKey(int ipv4) {
        return DhtKeys.of("lease", ByteBuffer.allocate(4).putInt(ipv4).array()).withLowestBit(false);
    }

    static OverlayId memberKey(OverlayId ringId) {
        return DhtKeys.of("member", ringId.toByteArray());
    }

    static OverlayId nameKey(String hostName) {
        return DhtKeys.of("name", hostName.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8))
                .withLowestBit(false);
    }

    /** Who holds the address; empty if nobody does. Fails when the replicas cannot be asked. */
    public CompletableFuture<Optional<Lease>> lease(int ipv4) {
        Lease known = leases.getIfPresent(ipv4);
        if (known != null || noLease.getIfPresent(ipv4) != null) {
            return CompletableFuture.completedFuture(Optional.ofNullable(known));
        }
        CompletableFuture<Optional<Lease>> running = asked.get(ipv4);
        if (running != null) {
            return running;
        }
        CompletableFuture<Optional<Lease>> answer =
                dht.get(leaseKey(ipv4), GetOptions.MAJORITY).thenApply(result -> onLease(ipv4, result));
        if (answer.isDone()) {
            return answer;
        }
        asked.put(ipv4, answer);
        return answer.whenComplete((lease, failure) -> asked.remove(ipv4));
    }

    private Optional<Lease> onLease(int ipv4, GetResult result) {
        DhtRecord holder = result.holder();
        OverlayId place = holder == null ? null : trust.placeOf(holder.owner(), holder.credential());
        if (holder == null || place == null) {
            if (result.majorityAbsent()) {
                noLease.put(ipv4, Boolean.TRUE);
            }
            return Optional.empty();
        }
        Lease lease = lease(ipv4, holder, place);
        leases.put(ipv4, lease);
        return Optional.of(lease);
    }

    private Lease lease(int ipv4, DhtRecord record, OverlayId place) {
        MemberCredential credential = trust.descriptor().open() ? null : trust.parse(record.credential());
        try {
            LeaseValue value = LeaseValue.parseFrom(record.value());
            return new Lease(ipv4, record.owner(), place, value.getHostName(), value.getMemberIpv4(), credential);
        } catch (InvalidProtocolBufferException e) {
            return new Lease(ipv4, record.owner(), place, "", 0, credential);
        }
    }

    /** What the member with this ID says of itself: address, name, endpoints. */
    public CompletableFuture<Optional<MemberValue>> member(OverlayId ringId) {
        MemberValue known = members.getIfPresent(ringId);
        if (known != null) {
            return CompletableFuture.completedFuture(Optional.of(known));
        }
        return dht.get(memberKey(ringId), GetOptions.FIRST).thenApply(result -> {
            for (DhtRecord record : result.records()) {
                MemberValue value = parse(record.value());
                if (value != null && ringId.equals(trust.placeOf(record.owner(), record.credential()))) {
                    members.put(ringId, value);
                    return Optional.of(value);
                }
            }
            return Optional.empty();
        });
    }

    /** The address of the member with this name, in any case. Fails when the replicas cannot be asked. */
    public CompletableFuture<Optional<Integer>> address(String hostName) {
        String name = hostName.toLowerCase(Locale.ROOT);
        Integer known = addresses.getIfPresent(name);
        if (known != null || noAddress.getIfPresent(name) != null) {
            return CompletableFuture.completedFuture(Optional.ofNullable(known));
        }
        return dht.get(nameKey(name), GetOptions.MAJORITY).thenApply(result -> {
            DhtRecord holder = result.holder();
            try {
                if (holder != null) {
                    int ipv4 = NameValue.parseFrom(holder.value()).getIpv4();
                    addresses.put(name, ipv4);
                    return Optional.of(ipv4);
                }
                if (result.majorityAbsent()) {
                    noAddress.put(name, Boolean.TRUE);
                }
                return Optional.empty();
            } catch (InvalidProtocolBufferException e) {
                return Optional.empty();
            }
        });
    }

    /** What the member shows that has that name; empty if nobody has. */
    CompletableFuture<Optional<MemberCredential>> credentialOf(String hostName) {
        return dht.get(nameKey(hostName), GetOptions.MAJORITY)
                .thenApply(
                        result -> Optional.ofNullable(result.holder()).map(holder -> trust.parse(holder.credential())));
    }

    /** What the member shows that has that place in the ring; empty if nobody has. */
    CompletableFuture<Optional<MemberCredential>> credentialAt(OverlayId place) {
        return dht.get(memberKey(place), GetOptions.MAJORITY)
                .thenApply(result -> result.records().stream()
                        .filter(record -> place.equals(trust.placeOf(record.owner(), record.credential())))
                        .map(record -> trust.parse(record.credential()))
                        .filter(Objects::nonNull)
                        .findFirst());
    }

    /** All that is cached may be of members that are none any more. */
    void forgetAll() {
        leases.invalidateAll();
        noLease.invalidateAll();
        members.invalidateAll();
        addresses.invalidateAll();
        noAddress.invalidateAll();
    }

    /** What is known of a member without asking anybody. */
    public @Nullable MemberValue knownMember(OverlayId ringId) {
        return members.getIfPresent(ringId);
    }

    /** What is cached of this address is wrong. */
    public void forget(int ipv4) {
        leases.invalidate(ipv4);
        noLease.invalidate(ipv4);
    }

    /** What is cached of this member is old. */
    public void forgetMember(OverlayId ringId) {
        members.invalidate(ringId);
    }

    private static @Nullable MemberValue parse(byte[] value) {
        try {
            return MemberValue.parseFrom(value);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }
}
