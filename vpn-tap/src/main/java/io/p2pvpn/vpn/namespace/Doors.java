package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.dht.Dht;
import io.p2pvpn.dht.DhtKeys;
import io.p2pvpn.dht.DhtRecord;
import io.p2pvpn.dht.GetOptions;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.overlay.noise.SealedValue;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.wire.Endpoints;
import io.p2pvpn.vpn.wire.proto.DoorValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The doors of a namespace in the public DHT. Their key and the key that seals them follow from the namespace's name,
 * so that who does not know the name learns neither the name nor the namespace. Confined to the node's loop.
 */
final class Doors {
    /** How long a door outlives its keeper. */
    static final int TTL_SECONDS = 600;

    private static final byte[] NOTHING = {};

    /**
     * What a look-up found.
     *
     * @param doors all that were found
     * @param absent a majority of replicas signed that there is none
     * @param conclusive a majority of replicas answered
     */
    record Found(List<Door> doors, boolean absent, boolean conclusive) {
        /** True if a namespace in which nobody else is yet gives way: another has a smaller ID, or members already. */
        boolean beats(OverlayId lonely) {
            TreeMap<OverlayId, Integer> others = new TreeMap<>();
            for (Door door : doors) {
                if (!door.namespaceId().equals(lonely)) {
                    others.merge(door.namespaceId(), 1, Integer::sum);
                }
            }
            return others.entrySet().stream()
                    .anyMatch(other -> other.getKey().compareTo(lonely) < 0 || other.getValue() > 1);
        }
    }

    private final NodeRuntime runtime;
    private final Dht publicDht;
    private final OverlayId key;
    private final byte[] sealingKey;

    Doors(NodeRuntime runtime, Dht publicDht, String name) {
        this.runtime = runtime;
        this.publicDht = publicDht;
        byte[] nameBytes = name.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
        this.key = DhtKeys.of("namespace door", nameBytes);
        this.sealingKey = Digests.sha256("p2pvpn door key v1".getBytes(StandardCharsets.US_ASCII), nameBytes);
    }

    CompletableFuture<Found> find() {
        return find(GetOptions.SIGNED);
    }

    /** The same, with a choice of whom to ask. */
    CompletableFuture<Found> find(GetOptions options) {
        return find(options, door -> {});
    }

    /** The same; the first door that anybody names may lead nowhere. */
    CompletableFuture<Found> find(GetOptions options, Consumer<Door> first) {
        Consumer<DhtRecord> onFirst = record -> {
            Door door = open(record);
            if (door != null) {
                first.accept(door);
            }
        };
        return publicDht.get(key, options, onFirst).thenApply(result -> {
            List<Door> doors = new ArrayList<>();
            for (DhtRecord record : result.records()) {
                Door door = open(record);
                if (door != null) {
                    doors.add(door);
                }
            }
            return new Found(doors, result.majorityAbsent(), result.conclusive());
        });
    }

    CompletableFuture<DhtRecord> publish(OverlayId namespaceId, List<Endpoint> endpoints) {
        DoorValue value = DoorValue.newBuilder()
                .setNamespaceId(ByteString.copyFrom(namespaceId.toByteArray()))
                .setEndpoints(Endpoints.encode(endpoints))
                .build();
        return publicDht.put(
                key, SealedValue.seal(runtime.keys(), sealingKey, NOTHING, value.toByteArray()), TTL_SECONDS);
    }

    CompletableFuture<Void> remove() {
        return publicDht.remove(key);
    }

    private @Nullable Door open(DhtRecord record) {
        byte[] plain = SealedValue.open(sealingKey, NOTHING, record.value());
        if (plain == null) {
            return null;
        }
        try {
            DoorValue value = DoorValue.parseFrom(plain);
            byte[] id = value.getNamespaceId().toByteArray();
            return id.length == OverlayId.BYTES
                    ? new Door(OverlayId.of(id), record.owner(), Endpoints.decode(value.getEndpoints()))
                    : null;
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }
}
