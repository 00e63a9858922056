package io.p2pvpn.vpn.namespace;

import io.p2pvpn.dht.Dht;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.session.SessionQueue;
import io.p2pvpn.vpn.data.ForwardingTable;
import io.p2pvpn.vpn.ethernet.AddressResolver;
import io.p2pvpn.vpn.ethernet.EthernetPort;
import io.p2pvpn.vpn.ethernet.EthernetSettings;
import io.p2pvpn.vpn.ethernet.NameService;
import io.p2pvpn.vpn.names.NameZone;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import io.p2pvpn.vpn.tun.TapDevice;
import io.p2pvpn.vpn.tun.TunDevice;
import io.p2pvpn.vpn.tun.TunException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a namespace has to do with the Ethernet of a TAP device, if it has one. Confined to the node's loop. */
public final class TapSide {
    private final MembershipHost parts;
    private final MembershipOptions options;
    private final NamespaceDescriptor descriptor;
    private final OverlayId self;
    private final Directory directory;
    private final MemberGuestLeases leases;
    private final Supplier<NameService> names;
    private final Consumer<String> onNotice;
    private @Nullable EthernetPort port;
    private @Nullable Runnable endOfService;

    TapSide(
            MembershipHost parts,
            MembershipOptions options,
            NamespaceDescriptor descriptor,
            OverlayId self,
            Dht dht,
            Directory directory,
            String hostName,
            Supplier<NameService> names,
            Consumer<String> onNotice) {
        this.parts = parts;
        this.options = options;
        this.descriptor = descriptor;
        this.self = self;
        this.directory = directory;
        this.leases = new MemberGuestLeases(parts.node().runtime(), dht, descriptor.open(), hostName);
        this.names = names;
        this.onNotice = onNotice;
    }

    /** Where the guests of that namespace are remembered. */
    static String fileOf(String shortName) {
        return "guests/" + shortName;
    }

    /**
     * Makes a TAP device.
     *
     * @return the device for the data plane
     * @throws TunException when the host refuses
     */
    TunDevice open(int ipv4, int mtuBytes, ForwardingTable table) throws TunException {
        OverlayNode node = parts.node();
        EthernetSettings settings = new EthernetSettings(
                ipv4,
                descriptor.prefix(),
                descriptor.ulaHigh(),
                descriptor.id(),
                self,
                mtuBytes,
                NameZone.domain(options.name()),
                fileOf(NamespaceStore.fileName(options.name())));
        TapDevice tap = parts.devices()
                .openTap(
                        options.device(),
                        ipv4,
                        descriptor.prefix(),
                        descriptor.ulaHigh(),
                        mtuBytes,
                        options.offload(),
                        settings.deviceMac());
        leases.setMember(ipv4);
        List<Counters> counters = node.sessions().dataQueues().stream()
                .map(SessionQueue::counters)
                .toList();
        EthernetPort opened =
                new EthernetPort(node.runtime(), tap, counters, settings, new Resolver(table), leases, names, onNotice);
        port = opened;
        serve(opened, ipv4);
        return opened.device();
    }

    private void serve(EthernetPort opened, int ipv4) {
        Completions.whenDone(parts.node().runtime().timers(), parts.devices().serve(opened, ipv4), (end, failure) -> {
            if (failure != null) {
                onNotice.accept("another program of this host has the DHCP port: machines behind the device get"
                        + " their addresses, but cannot give them back before their time is over");
            } else if (opened.equals(port)) {
                endOfService = end;
            } else {
                end.run();
            }
        });
    }

    /** Who holds an address, as the namespace knows. */
    private final class Resolver implements AddressResolver {
        private final ForwardingTable table;

        Resolver(ForwardingTable table) {
            this.table = table;
        }

        @Override
        public boolean isKnown(int ipv4) {
            return table.get(ipv4) != null;
        }

        @Override
        public CompletableFuture<Boolean> isHeldByAnother(int ipv4) {
            return directory
                    .lease(ipv4)
                    .thenApply(
                            lease -> lease.isPresent() && !lease.get().place().equals(self));
        }
    }

    /** Its Ethernet while there is one, or null. */
    public @Nullable EthernetPort port() {
        return port;
    }

    /** Whether a machine behind the device has that address. */
    boolean isGuest(int ipv4) {
        return port != null && port.isGuest(ipv4);
    }

    /** The device is closed. */
    void close() {
        if (port != null) {
            port.close();
            port = null;
        }
        if (endOfService != null) {
            endOfService.run();
            endOfService = null;
        }
    }

    /** Gives back what guests hold. */
    CompletableFuture<?> giveUp() {
        return leases.releaseAll();
    }
}
