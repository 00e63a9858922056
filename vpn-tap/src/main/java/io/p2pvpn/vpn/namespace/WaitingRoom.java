package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.dht.Dht;
import io.p2pvpn.dht.DhtKeys;
import io.p2pvpn.dht.DhtRecord;
import io.p2pvpn.dht.GetOptions;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.PublicIdentity;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.trust.Names;
import io.p2pvpn.vpn.wire.proto.WaitingRequest;
import io.p2pvpn.vpn.wire.proto.WaitingRequests;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Newcomers that wait at the doors of a closed namespace. Each member tells the administrators, through the namespace's
 * DHT, of those at its own door. Whoever waits goes on knocking; who stops is forgotten. Confined to the node's loop.
 */
final class WaitingRoom {
    /** Who waits at one door; others wait too, but nobody is told of them. */
    static final int WAITING_MAX = 8;
    /** Of those, from one address. */
    static final int FROM_ONE_HOST_MAX = 4;

    private static final OverlayId KEY = DhtKeys.of("requests");
    private static final int TTL_SECONDS = 120;
    private static final long SILENCE_NANOS = 60_000_000_000L;
    private static final long PAUSE_NANOS = 1_000_000_000L;
    private static final int KEY_BYTES = PublicIdentity.KEY_BYTES;

    /**
     * Somebody who asks to be let in.
     *
     * @param key its Ed25519 key
     * @param hostName what it wants to be called
     * @param sinceEpochMillis when it first knocked, milliseconds since 1970
     */
    record Request(ByteString key, String hostName, long sinceEpochMillis) {}

    private static final class Waiting {
        private final Request request;
        private final @Nullable String host;
        private long lastNanos;

        Waiting(Request request, @Nullable String host) {
            this.request = request;
            this.host = host;
        }
    }

    private final NodeRuntime runtime;
    private final Dht dht;
    private final Map<ByteString, Waiting> waiting = new LinkedHashMap<>();
    private List<Request> shown = List.of();
    private boolean publishing;
    private boolean closed;

    WaitingRoom(NodeRuntime runtime, Dht dht) {
        this.runtime = runtime;
        this.dht = dht;
    }

    /**
     * Somebody knocked.
     *
     * @param host the address it comes from, or null if that is not known
     */
    void note(PublicIdentity who, @Nullable String host, String hostName) {
        forgetSilent();
        ByteString key = ByteString.copyFrom(who.signingKey());
        Waiting known = waiting.get(key);
        long fromThere = host == null
                ? 0
                : waiting.values().stream()
                        .filter(each -> Objects.equals(each.host, host))
                        .count();
        boolean room = waiting.size() < WAITING_MAX && fromThere < FROM_ONE_HOST_MAX;
        if (known == null && room && Names.isName(hostName)) {
            known = new Waiting(new Request(key, hostName, runtime.clock().epochMillis()), host);
            waiting.put(key, known);
        }
        if (known != null) {
            known.lastNanos = runtime.clock().nanoTime();
        }
        publishSoon();
    }

    /** It was let in, or sent away. */
    void remove(ByteString key) {
        if (waiting.remove(key) != null) {
            publishSoon();
        }
    }

    private void forgetSilent() {
        long now = runtime.clock().nanoTime();
        waiting.values().removeIf(each -> now - each.lastNanos > SILENCE_NANOS);
    }

    private List<Request> own() {
        return waiting.values().stream().map(each -> each.request).toList();
    }

    private void publishSoon() {
        if (!publishing && !closed && !own().equals(shown)) {
            publishing = true;
            runtime.timers().schedule(PAUSE_NANOS, this::publish);
        }
    }

    private void publish() {
        publishing = false;
        if (closed) {
            return;
        }
        forgetSilent();
        List<Request> now = own();
        if (now.isEmpty()) {
            shown = now;
            var unused = dht.remove(KEY).exceptionally(failure -> null);
            return;
        }
        shown = now;
        WaitingRequests.Builder value = WaitingRequests.newBuilder();
        now.forEach(each -> value.addRequests(WaitingRequest.newBuilder()
                .setKey(each.key())
                .setHostName(each.hostName())
                .setSinceEpochMillis(each.sinceEpochMillis())));
        var unused = dht.put(KEY, value.build().toByteArray(), TTL_SECONDS).exceptionally(failure -> null);
        // Who stops knocking is to go from the list even if nobody else comes.
        runtime.timers().schedule(SILENCE_NANOS, this::publishIfSilent);
    }

    private void publishIfSilent() {
        forgetSilent();
        publishSoon();
    }

    /** Who waits at any door. */
    CompletableFuture<List<Request>> all() {
        return dht.get(KEY, GetOptions.MAJORITY).thenApply(found -> {
            Map<ByteString, Request> all = new LinkedHashMap<>();
            forgetSilent();
            own().forEach(each -> all.put(each.key(), each));
            for (DhtRecord record : found.records()) {
                for (Request each : read(record.value())) {
                    all.merge(
                            each.key(),
                            each,
                            (one, other) -> one.sinceEpochMillis() <= other.sinceEpochMillis() ? one : other);
                }
            }
            return List.copyOf(all.values());
        });
    }

    private static List<Request> read(byte[] value) {
        List<Request> requests = new ArrayList<>();
        try {
            for (WaitingRequest each : WaitingRequests.parseFrom(value).getRequestsList()) {
                boolean right = each.getKey().size() == KEY_BYTES && Names.isName(each.getHostName());
                if (right && requests.size() < WAITING_MAX) {
                    requests.add(new Request(each.getKey(), each.getHostName(), each.getSinceEpochMillis()));
                }
            }
        } catch (InvalidProtocolBufferException e) {
            return List.of();
        }
        return requests;
    }

    void close() {
        closed = true;
    }
}
