package io.p2pvpn.vpn.namespace;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.dht.Dht;
import io.p2pvpn.dht.DhtKeys;
import io.p2pvpn.dht.DhtRecord;
import io.p2pvpn.dht.GetOptions;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.Store;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.names.ServiceInstance;
import io.p2pvpn.vpn.names.ServiceType;
import io.p2pvpn.vpn.trust.MemberCredential;
import io.p2pvpn.vpn.trust.Names;
import io.p2pvpn.vpn.wire.proto.ServiceValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The services that members say they offer: records of a namespace's DHT under the kind of service, one for each member
 * (at most). What this member offers is kept over restarts. Confined to the node's loop.
 */
final class Services {
    /** Services of one member. */
    static final int OWN_MAX = 32;

    private static final int TTL_SECONDS = 3600;
    private static final Pattern LINE = Pattern.compile("([a-z0-9-]+)/(tcp|udp) ([1-9][0-9]{0,4})");
    private static final int PORT_MAX = 65_535;

    private final Dht dht;
    private final NamespaceTrust trust;
    private final Store store;
    private final String file;
    private final String hostName;
    private final TreeMap<ServiceType, Integer> own = new TreeMap<>();

    /** Reads what this member offered when it ran last; nothing is published yet. */
    Services(Dht dht, NamespaceTrust trust, Store store, String shortName, String hostName) {
        this.dht = dht;
        this.trust = trust;
        this.store = store;
        this.file = fileOf(shortName);
        this.hostName = hostName;
        byte[] kept = store.read(file);
        if (kept != null) {
            new String(kept, StandardCharsets.US_ASCII).lines().limit(OWN_MAX).forEach(this::readLine);
        }
    }

    static String fileOf(String shortName) {
        return "services/" + shortName;
    }

    /** A line that is damaged is one service less: whoever wants it publishes it again. */
    private void readLine(String line) {
        Matcher matcher = LINE.matcher(line);
        if (matcher.matches() && Integer.parseInt(matcher.group(3)) <= PORT_MAX) {
            ServiceType type = ServiceType.ofLabels("_" + matcher.group(1), "_" + matcher.group(2));
            if (type != null) {
                own.put(type, Integer.parseInt(matcher.group(3)));
            }
        }
    }

    /** What this member offers. */
    List<ServiceInstance> own() {
        List<ServiceInstance> all = new ArrayList<>();
        own.forEach((type, port) -> all.add(new ServiceInstance(type, hostName, port)));
        return all;
    }

    /** Tells the others, from now on, what this member offers. */
    void start() {
        own.forEach((type, port) -> {
            var unused = put(type, port).exceptionally(failure -> null);
        });
    }

    /** Offers a service, in place of one of the same kind; completes when the others can find it. */
    CompletableFuture<?> publish(ServiceType type, int port) {
        if (!own.containsKey(type) && own.size() >= OWN_MAX) {
            return CompletableFuture.failedFuture(new ControlException(
                    ControlException.Kind.FAILED,
                    "this member offers " + OWN_MAX + " services already: take one back with p2pvpn unpublish"));
        }
        own.put(type, port);
        return CompletableFuture.allOf(write(), put(type, port));
    }

    /** Offers it no more. */
    CompletableFuture<?> withdraw(ServiceType type) {
        if (own.remove(type) == null) {
            return CompletableFuture.failedFuture(
                    new ControlException(ControlException.Kind.NOT_FOUND, "this member does not offer " + type));
        }
        return CompletableFuture.allOf(write(), dht.remove(key(type)));
    }

    private CompletableFuture<Void> write() {
        StringBuilder text = new StringBuilder();
        own.forEach((type, port) -> text.append(type).append(' ').append(port).append('\n'));
        return own.isEmpty()
                ? store.remove(file)
                : store.write(file, text.toString().getBytes(StandardCharsets.US_ASCII));
    }

    private CompletableFuture<?> put(ServiceType type, int port) {
        byte[] value = ServiceValue.newBuilder()
                .setHostName(hostName)
                .setPort(port)
                .build()
                .toByteArray();
        return dht.put(key(type), value, TTL_SECONDS);
    }

    private static OverlayId key(ServiceType type) {
        return DhtKeys.of("service", type.toString().getBytes(StandardCharsets.US_ASCII));
    }

    /** Who offers it, by name; a sample where there are very many. */
    CompletableFuture<List<ServiceInstance>> find(ServiceType type) {
        return dht.get(key(type), GetOptions.MAJORITY).thenApply(result -> {
            List<ServiceInstance> found = new ArrayList<>();
            for (DhtRecord record : result.records()) {
                ServiceInstance instance = instance(type, record);
                if (instance != null) {
                    found.add(instance);
                }
            }
            found.sort(Comparator.comparing(ServiceInstance::hostName));
            return List.copyOf(found);
        });
    }

    private @Nullable ServiceInstance instance(ServiceType type, DhtRecord record) {
        try {
            ServiceValue value = ServiceValue.parseFrom(record.value());
            MemberCredential owner = trust.descriptor().open() ? null : trust.parse(record.credential());
            String name = owner == null ? value.getHostName() : owner.member().name();
            boolean valid = trust.placeOf(record.owner(), record.credential()) != null
                    && Names.isName(name)
                    && value.getPort() > 0
                    && value.getPort() <= PORT_MAX;
            return valid ? new ServiceInstance(type, name, value.getPort()) : null;
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    /** Takes back all that this member offers, for good. */
    CompletableFuture<?> giveUp() {
        List<CompletableFuture<?>> removed = new ArrayList<>();
        own.keySet().forEach(type -> removed.add(dht.remove(key(type)).exceptionally(failure -> null)));
        removed.add(store.remove(file).exceptionally(failure -> null));
        return CompletableFuture.allOf(removed.toArray(new CompletableFuture<?>[0]));
    }
}
