package io.p2pvpn.vpn.node;

import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.control.StatusReport.Health;
import io.p2pvpn.vpn.control.StatusReport.Severity;
import io.p2pvpn.vpn.namespace.DeviceProvider;
import io.p2pvpn.vpn.namespace.Membership;
import io.p2pvpn.vpn.tun.Cidr;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Looks now and then whether this host has come to reach a network by another way that lies in the addresses of a
 * namespace, or the other way round: another VPN, a container engine, a hotel. Confined to the node's loop.
 */
final class RouteWatch {
    static final long LOOK_NANOS = 15_000_000_000L;

    private final NodeRuntime runtime;
    private final DeviceProvider devices;
    private final Supplier<List<Membership>> memberships;
    private final Consumer<String> onNotice;
    /** Namespace to what is in its way. */
    private final Map<String, String> collisions = new LinkedHashMap<>();

    private boolean stopped;

    RouteWatch(
            NodeRuntime runtime,
            DeviceProvider devices,
            Supplier<List<Membership>> memberships,
            Consumer<String> onNotice) {
        this.runtime = runtime;
        this.devices = devices;
        this.memberships = memberships;
        this.onNotice = onNotice;
    }

    void start() {
        runtime.timers().schedule(LOOK_NANOS, this::lookAndAgain);
    }

    void stop() {
        stopped = true;
    }

    private void lookAndAgain() {
        if (!stopped) {
            List<Membership> now = memberships.get();
            collisions
                    .keySet()
                    .removeIf(name ->
                            now.stream().noneMatch(each -> each.options().name().equals(name)));
            now.forEach(this::look);
            start();
        }
    }

    private void look(Membership membership) {
        String device = membership.deviceName();
        var descriptor = membership.descriptor();
        if (device == null || descriptor == null) {
            return;
        }
        String name = membership.options().name();
        Cidr prefix = descriptor.prefix();
        Completions.whenDone(
                runtime.timers(), runtime.blocking().call(() -> devices.localPrefixes(device)), (local, failure) -> {
                    // What cannot be looked at now is looked at again.
                    if (failure == null && !stopped) {
                        settle(name, prefix, local);
                    }
                });
    }

    private void settle(String name, Cidr prefix, List<Cidr> local) {
        String text = null;
        for (Cidr other : local) {
            if (prefix.overlaps(other)) {
                text = "this host reaches " + other + " by another device, and the addresses of " + name + " ("
                        + prefix + ") collide with that: leave that network, or found the namespace anew with another"
                        + " --cidr";
            }
        }
        if (text != null && !text.equals(collisions.get(name))) {
            onNotice.accept(text);
        }
        if (text == null) {
            collisions.remove(name);
        } else {
            collisions.put(name, text);
        }
    }

    /** What is to be said of it now. */
    List<Health> health() {
        List<Health> health = new ArrayList<>();
        collisions.values().forEach(text -> health.add(new Health("route-collision", Severity.WARNING, text)));
        return health;
    }
}
