package io.p2pvpn.vpn.namespace;

import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.ethernet.NameService;
import io.p2pvpn.vpn.names.NameServices;
import io.p2pvpn.vpn.names.NameSource;
import io.p2pvpn.vpn.names.NameZone;
import io.p2pvpn.vpn.names.ServiceInstance;
import io.p2pvpn.vpn.names.ServiceType;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The names of a namespace's members, for the programs of this host. Confined to the node's loop. */
final class NamespaceNames implements NameSource {
    private final NodeRuntime runtime;
    private final NameServices host;
    private final NameZone zone;
    private final Directory directory;
    private final MemberWalk walk;
    private final Services services;
    private final IntPredicate isGuest;
    private final Consumer<String> onNotice;
    private NameServices.@Nullable Offer offer;
    private boolean refused;
    private Runnable onChanged = () -> {};
    /** Each is for one address: what comes of an earlier one is taken back. */
    private int turn;

    NamespaceNames(
            NodeRuntime runtime,
            DeviceProvider devices,
            NameZone zone,
            Directory directory,
            MemberWalk walk,
            Services services,
            IntPredicate isGuest,
            Consumer<String> onNotice) {
        this.runtime = runtime;
        this.host = devices.names();
        this.zone = zone;
        this.directory = directory;
        this.walk = walk;
        this.services = services;
        this.isGuest = isGuest;
        this.onNotice = onNotice;
    }

    /** A member says that it has come, or goes. */
    void changed() {
        onChanged.run();
    }

    @Override
    public void onChanged(Runnable listener) {
        onChanged = listener;
    }

    /** Offers them to the host's programs, through that device. */
    void open(String device, int ipv4) {
        int mine = ++turn;
        Completions.whenDone(runtime.timers(), host.offer(zone, device, ipv4, this), (made, failure) -> {
            refused = failure != null && mine == turn;
            if (failure != null) {
                onNotice.accept("names in " + zone.domain() + " cannot be looked up on this host: "
                        + (failure.getCause() == null ? failure : failure.getCause()).getMessage());
            } else if (mine == turn) {
                offer = made;
            } else {
                var unused = made.withdraw();
            }
        });
    }

    /** Takes them back; completes when the host is as before. */
    CompletableFuture<?> close() {
        turn++;
        NameServices.Offer open = offer;
        offer = null;
        return open == null ? CompletableFuture.completedFuture(null) : open.withdraw();
    }

    @Override
    public boolean mayAsk(int ipv4) {
        return isGuest.test(ipv4);
    }

    /** Whether they can be asked for at our own address. */
    NameService service() {
        if (offer == null) {
            return refused ? NameService.NONE : NameService.UNKNOWN;
        }
        return offer.how().equals("off") ? NameService.NONE : NameService.HERE;
    }

    /** By what they are offered; null if they are not. */
    @Nullable
    String how() {
        return offer == null ? null : offer.how();
    }

    @Override
    public CompletableFuture<Optional<Integer>> address(String hostName) {
        return directory.address(hostName);
    }

    /** A lease says any name: it counts if the name leads back to the address. */
    @Override
    public CompletableFuture<Optional<String>> hostName(int ipv4) {
        return directory.lease(ipv4).thenCompose(lease -> {
            String name = lease.map(Lease::hostName).orElse("");
            if (name.isEmpty()) {
                return CompletableFuture.completedFuture(Optional.empty());
            }
            return directory
                    .address(name)
                    .thenApply(found -> found.filter(named -> named == ipv4).map(named -> name));
        });
    }

    @Override
    public CompletableFuture<List<ServiceInstance>> services(ServiceType type) {
        return services.find(type);
    }

    @Override
    public CompletableFuture<List<Entry>> entries() {
        return walk.walk()
                .thenApply(members -> members.stream()
                        .filter(member ->
                                !member.hostName().isEmpty() && zone.prefix().contains4(member.ipv4()))
                        .map(member -> new Entry(member.hostName(), member.ipv4()))
                        .toList());
    }
}
