package io.p2pvpn.nat.portmap;

import io.p2pvpn.nat.portmap.GatewayAccess.Gateway;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this node's ports mapped at the home router, as long as there is one that maps ports.
 *
 * <p>A round asks for all ports, by the protocol that worked before, else by each in turn. Mappings are asked for ten
 * minutes, so that what a killed node leaves behind is gone soon, and renewed at half of what was granted. Between
 * rounds the gateway is asked every minute whether it has restarted. Without success the next round comes after 15 s,
 * then ever later, up to 10 minutes; at once when addresses change. Confined to the node's loop.
 */
public final class PortMapper {
    /** What is asked for. */
    static final long LIFETIME_SECONDS = 600;

    private static final Logger LOG = LoggerFactory.getLogger(PortMapper.class);
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    /** Devices and observed addresses are compared, and what is due is done, so often. */
    private static final long LOOK_NANOS = 2 * NANOS_PER_SECOND;

    /** Peers can make up the addresses that they report: what they cause is not more than a round in this time. */
    private static final long ROUND_GAP_NANOS = 5 * NANOS_PER_SECOND;

    private static final long CHECK_NANOS = 60 * NANOS_PER_SECOND;
    private static final long RETRY_FIRST_NANOS = 15 * NANOS_PER_SECOND;
    private static final long RETRY_MAX_NANOS = 600 * NANOS_PER_SECOND;
    /** A gateway that is silent at renewal is asked again after half of the rest, but not more often than this. */
    private static final long RENEW_AGAIN_NANOS_MIN = 5 * NANOS_PER_SECOND;

    private static final long CLOSE_NANOS = NANOS_PER_SECOND;
    private static final int PORTS_MAX = 4;
    private static final int LIFETIME_SECONDS_MAX = 86_400;

    private final NodeRuntime runtime;
    private final GatewayAccess access;
    private final PortMapping mode;
    private final Supplier<List<String>> ownDevices;
    private final Runnable onChange;
    private final NetworkWatch network;

    private @Nullable Gateway gateway;
    private @Nullable MappingClient client;
    private List<Mapping> mappings = List.of();
    private long expiryNanos;
    private long dueNanos;
    private long begunNanos;
    private long checkNanos;
    private long retryNanos = RETRY_FIRST_NANOS;
    private @Nullable CompletableFuture<Void> underWay;
    private boolean again;
    private boolean closed;
    private @Nullable Timer timer;

    /**
     * A mapper that has not begun.
     *
     * @param mode which protocols to try
     * @param ownDevices names of our tunnel devices, through which no gateway is looked for
     * @param observed how peers see this node
     * @param onChange called when {@link #endpoints} has changed
     */
    public PortMapper(
            NodeRuntime runtime,
            GatewayAccess access,
            PortMapping mode,
            Supplier<List<String>> ownDevices,
            Supplier<List<Endpoint>> observed,
            Runnable onChange) {
        this.runtime = runtime;
        this.access = access;
        this.mode = mode;
        this.ownDevices = ownDevices;
        this.onChange = onChange;
        this.network = new NetworkWatch(() -> runtime.transport().interfaceEndpoints(ownDevices.get()), observed);
    }

    /** Begins; does nothing if all protocols are off. */
    public void start() {
        if (mode != PortMapping.OFF) {
            var unused = network.look();
            beginRound();
            timer = runtime.timers().schedule(LOOK_NANOS, this::look);
        }
    }

    /** Where the router makes this node reachable; the external addresses are of the same kind as our ports. */
    public List<Endpoint> endpoints() {
        return mappings.stream().map(Mapping::external).toList();
    }

    /** {@code none}, {@code pcp}, {@code nat-pmp} or {@code upnp}: what the mappings that stand were made by. */
    public String protocol() {
        MappingClient granting = client;
        return granting == null || mappings.isEmpty()
                ? "none"
                : granting.protocol().word();
    }

    /** True if a mapped address is not one of the Internet: another NAT stands between the router and the world. */
    public boolean isBehindAnotherNat() {
        return mappings.stream()
                .anyMatch(mapping -> !Ipv4Text.isGlobal(mapping.external().addressBytes()));
    }

    /** Gives the mappings back; completes when the router has confirmed, or after a second. */
    public CompletableFuture<Void> close() {
        closed = true;
        if (timer != null) {
            timer.cancel();
        }
        CompletableFuture<Void> last = underWay == null ? CompletableFuture.completedFuture(null) : underWay;
        CompletableFuture<Void> given =
                last.handle((done, failure) -> null).thenCompose(unused -> unmapAll(List.copyOf(mappings)));
        return Completions.atMost(runtime.timers(), CLOSE_NANOS, given);
    }

    private CompletableFuture<Void> unmapAll(List<Mapping> rest) {
        MappingClient granting = client;
        if (granting == null || rest.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        return granting.unmap(rest.get(0))
                .handle((done, failure) -> null)
                .thenCompose(unused -> unmapAll(rest.subList(1, rest.size())));
    }

    // ----------------------------------------------------------------------- clock

    private void look() {
        timer = runtime.timers().schedule(LOOK_NANOS, this::look);
        long now = runtime.clock().nanoTime();
        if (network.look()) {
            retryNanos = RETRY_FIRST_NANOS;
            dueNanos = now + Math.max(0, begunNanos + ROUND_GAP_NANOS - now);
            again |= underWay != null;
        }
        if (underWay != null) {
            return;
        }
        if (!mappings.isEmpty() && now - expiryNanos >= 0) {
            lose("expired");
            beginRound();
        } else if (now - dueNanos >= 0) {
            beginRound();
        } else if (!mappings.isEmpty() && now - checkNanos >= 0) {
            check();
        }
    }

    private void begin(CompletableFuture<?> work) {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        underWay = ended;
        Completions.whenDone(runtime.timers(), work, (result, failure) -> {
            underWay = null;
            ended.complete(null);
            if (again && !closed) {
                beginRound();
            }
        });
    }

    private void check() {
        MappingClient granting = client;
        if (granting == null) {
            return;
        }
        checkNanos = runtime.clock().nanoTime() + CHECK_NANOS;
        begin(granting.isForgotten(mappings.get(0)).handle((forgotten, failure) -> {
            if (forgotten != null && forgotten) {
                runtime.counters().counter("portmap.restarts").increment();
                LOG.info("the router has forgotten the port mapping: asking again");
                again = true;
            }
            return null;
        }));
    }

    // ---------------------------------------------------------------------- rounds

    private void beginRound() {
        if (underWay != null) {
            again = true;
            return;
        }
        again = false;
        begunNanos = runtime.clock().nanoTime();
        begin(access.defaultGateway(ownDevices.get()).thenCompose(this::round).handle((done, failure) -> {
            if (failure != null) {
                onFailed(failure);
            }
            return null;
        }));
    }

    private CompletableFuture<Void> round(@Nullable Gateway now) {
        if (now == null || !now.equals(gateway)) {
            lose("another gateway");
            client = null;
            gateway = now;
        }
        List<MappedPort> ports = now == null ? List.of() : ports(now);
        if (now == null || ports.isEmpty()) {
            return CompletableFuture.failedFuture(new PortMapException(PortMapException.Kind.NO_ANSWER, "no gateway"));
        }
        MappingClient granting = client;
        if (granting != null) {
            return mapAll(granting, ports);
        }
        return search(new PortMapHost(runtime, access, now), mode.protocols(), ports);
    }

    /** Our ports that a router could send IPv4 packets to. */
    private List<MappedPort> ports(Gateway towards) {
        List<MappedPort> ports = new ArrayList<>();
        for (Endpoint bound : runtime.transport().boundEndpoints()) {
            boolean reached =
                    bound.address().isAnyLocalAddress() || bound.address().equals(towards.ownAddress());
            MappedPort port = new MappedPort(bound.kind(), bound.port());
            if (reached && !ports.contains(port) && ports.size() < PORTS_MAX) {
                ports.add(port);
            }
        }
        return ports;
    }

    private CompletableFuture<Void> search(PortMapHost host, List<PortMapping> protocols, List<MappedPort> ports) {
        MappingClient candidate = switch (protocols.get(0)) {
            case PCP -> new PcpClient(host);
            case NAT_PMP -> new NatPmpClient(host);
            case UPNP, AUTO, OFF -> new UpnpClient(host);
        };
        List<PortMapping> rest = protocols.subList(1, protocols.size());
        return mapAll(candidate, ports).exceptionallyCompose(failure -> {
            if (rest.isEmpty() || closed) {
                return CompletableFuture.failedFuture(failure);
            }
            LOG.debug("no port mapping by {}: {}", candidate.protocol().word(), text(failure));
            return search(host, rest, ports);
        });
    }

    /** Asks for each port in turn. The first must succeed; the others are a bonus. */
    private CompletableFuture<Void> mapAll(MappingClient asked, List<MappedPort> ports) {
        return mapRest(asked, ports, new ArrayList<>()).thenAccept(granted -> onGranted(asked, granted));
    }

    private CompletableFuture<List<Mapping>> mapRest(
            MappingClient asked, List<MappedPort> ports, List<Mapping> granted) {
        if (ports.isEmpty() || (closed && !granted.isEmpty())) {
            return CompletableFuture.completedFuture(granted);
        }
        MappedPort port = ports.get(0);
        return asked.map(port, asked == client ? last(port) : null)
                .handle((mapping, failure) -> {
                    if (failure != null && granted.isEmpty()) {
                        throw new CompletionException(failure);
                    }
                    if (failure == null && !isOfHost(mapping)) {
                        granted.add(mapping);
                    } else if (failure == null && granted.isEmpty()) {
                        throw new CompletionException(new PortMapException(
                                PortMapException.Kind.REFUSED, "an external address inside a host"));
                    }
                    return granted;
                })
                .thenCompose(unused -> mapRest(asked, ports.subList(1, ports.size()), granted));
    }

    private @Nullable Mapping last(MappedPort port) {
        return mappings.stream()
                .filter(mapping -> mapping.port().equals(port))
                .findFirst()
                .orElse(null);
    }

    /** Nobody is told to call itself: a router that names such an address is broken or worse. */
    private static boolean isOfHost(Mapping mapping) {
        var address = mapping.external().address();
        return address.isLoopbackAddress() || address.isLinkLocalAddress();
    }

    private void onGranted(MappingClient granting, List<Mapping> granted) {
        List<Endpoint> before = endpoints();
        long lifetimeSeconds = LIFETIME_SECONDS_MAX;
        for (Mapping mapping : granted) {
            lifetimeSeconds = Math.min(lifetimeSeconds, mapping.lifetimeSeconds());
        }
        long lifetimeNanos = lifetimeSeconds * NANOS_PER_SECOND;
        client = granting;
        mappings = List.copyOf(granted);
        long now = runtime.clock().nanoTime();
        expiryNanos = now + lifetimeNanos;
        dueNanos = now + lifetimeNanos / 2;
        checkNanos = now + CHECK_NANOS;
        retryNanos = RETRY_FIRST_NANOS;
        runtime.counters().counter("portmap.granted").increment();
        if (!before.equals(endpoints())) {
            LOG.info("port mapping by {}: {}", protocol(), endpoints());
            onChange.run();
        }
    }

    private void onFailed(Throwable failure) {
        long now = runtime.clock().nanoTime();
        PortMapException known = PortMapException.in(failure);
        if (!mappings.isEmpty()) {
            if (known != null && known.kind() == PortMapException.Kind.REFUSED) {
                lose(text(failure));
                client = null;
                dueNanos = now;
            } else {
                // RFC 6887 section 11.2.1: again after half of what is left, and so on until it has run out.
                dueNanos = now + Math.max(RENEW_AGAIN_NANOS_MIN, (expiryNanos - now) / 2);
            }
            return;
        }
        client = null;
        runtime.counters().counter("portmap.failed").increment();
        LOG.debug("no port mapping: {}", text(failure));
        dueNanos = now + retryNanos + runtime.random().nextLong(retryNanos / 8);
        retryNanos = Math.min(2 * retryNanos, RETRY_MAX_NANOS);
    }

    /** What stood is gone. */
    private void lose(String reason) {
        if (!mappings.isEmpty()) {
            LOG.info("the port mapping is lost: {}", reason);
            runtime.counters().counter("portmap.lost").increment();
            mappings = List.of();
            client = null;
            onChange.run();
        }
    }

    private static String text(Throwable failure) {
        PortMapException known = PortMapException.in(failure);
        return String.valueOf((known == null ? failure : known).getMessage());
    }
}
