package io.p2pvpn.vpn.namespace;

import io.p2pvpn.dht.Dht;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.wire.Endpoints;
import io.p2pvpn.vpn.wire.proto.MemberValue;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What this member says of itself in the namespace's DHT: address, name, endpoints. Said again as soon as one of them
 * changes, so that others find it after it moved. Confined to the node's loop.
 */
final class MemberRecord {
    private static final int TTL_SECONDS = 3600;
    /** However often the endpoints change, they are not published more often. */
    private static final long PAUSE_NANOS = 3_000_000_000L;

    private final OverlayNode node;
    private final Dht dht;
    private final OverlayId key;
    private final String hostName;
    private @Nullable TreeSet<Endpoint> published;
    private Timers.@Nullable Timer timer;
    private long publishedNanos;
    private int ipv4;
    private boolean closed;

    /** A record that is not published yet. */
    MemberRecord(OverlayNode node, Dht dht, OverlayId ringId, String hostName) {
        this.node = node;
        this.dht = dht;
        this.key = Directory.memberKey(ringId);
        this.hostName = hostName;
    }

    /** Publishes it, and keeps it true from now on. */
    void publish(int newIpv4) {
        ipv4 = newIpv4;
        publish();
        if (timer == null) {
            timer = node.runtime().timers().everySecond(this::watch);
        }
    }

    private void watch() {
        long sinceNanos = node.runtime().clock().nanoTime() - publishedNanos;
        if (sinceNanos >= PAUSE_NANOS && !new TreeSet<>(node.candidates()).equals(published)) {
            publish();
        }
    }

    private void publish() {
        List<Endpoint> endpoints = node.candidates();
        published = new TreeSet<>(endpoints);
        publishedNanos = node.runtime().clock().nanoTime();
        byte[] value = MemberValue.newBuilder()
                .setIpv4(ipv4)
                .setHostName(hostName)
                .setEndpoints(Endpoints.encode(endpoints))
                .build()
                .toByteArray();
        Completions.whenDone(node.runtime().timers(), dht.put(key, value, TTL_SECONDS), (record, failure) -> {
            if (failure != null && !closed) {
                published = null;
            }
        });
    }

    void close() {
        closed = true;
        if (timer != null) {
            timer.cancel();
        }
    }
}
