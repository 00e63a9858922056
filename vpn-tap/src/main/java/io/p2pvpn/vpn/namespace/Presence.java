package io.p2pvpn.vpn.namespace;

import io.p2pvpn.dht.Dht;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.vpn.ethernet.NameService;
import io.p2pvpn.vpn.names.NameZone;
import io.p2pvpn.vpn.names.ServiceInstance;
import io.p2pvpn.vpn.names.ServiceType;
import io.p2pvpn.vpn.trust.MemberCredential;
import io.p2pvpn.vpn.trust.NamespaceDescriptor;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How this member is found in a namespace once it has an address: its record, its name and its services there, and the
 * names of all of them here. Confined to the node's loop.
 */
public final class Presence {
    /** The broadcast of a member whose name is there, or goes. It tells nothing but that: whoever cares looks. */
    private static final String NAMES_CHANGED = "names";

    private final Timers timers;
    private final Ring ring;
    private final NamespaceTrust trust;
    private final MemberRecord record;
    private final Leases leases;
    private final Services services;
    private final NamespaceNames names;
    private final TapSide tapSide;
    private final String hostName;
    private final String namespace;
    private final Consumer<String> onNotice;
    private int turn;

    Presence(
            MembershipHost parts,
            MembershipOptions options,
            NamespaceTrust trust,
            Ring ring,
            Dht dht,
            Directory directory,
            MemberWalk walk,
            Leases leases,
            String hostName,
            Consumer<String> onNotice) {
        NodeRuntime runtime = parts.node().runtime();
        NamespaceDescriptor descriptor = trust.descriptor();
        NameZone zone = new NameZone(options.name(), descriptor.prefix(), descriptor.ulaHigh());
        this.timers = runtime.timers();
        this.ring = ring;
        this.trust = trust;
        this.record = new MemberRecord(parts.node(), dht, ring.self(), hostName);
        this.leases = leases;
        this.services = new Services(dht, trust, runtime.store(), NamespaceStore.fileName(options.name()), hostName);
        this.tapSide = new TapSide(
                parts, options, descriptor, ring.self(), dht, directory, hostName, this::nameService, onNotice);
        this.names = new NamespaceNames(
                runtime, parts.devices(), zone, directory, walk, services, tapSide::isGuest, onNotice);
        this.hostName = hostName;
        this.namespace = options.name();
        this.onNotice = onNotice;
        ring.broadcasts().handle(NAMES_CHANGED, told -> names.changed());
    }

    /**
     * We have that address now.
     *
     * @param device that has it too, or null
     */
    void begin(int ipv4, @Nullable String device) {
        int mine = ++turn;
        record.publish(ipv4);
        services.start();
        Completions.whenDone(timers, leases.takeName(ipv4), (taken, failure) -> {
            if (failure != null) {
                onNotice.accept("the name " + hostName + " is taken in " + namespace
                        + ": this node is reachable by its address only; choose another with --name");
            }
            if (mine == turn) {
                tellOfNames();
            }
            if (device != null && mine == turn) {
                names.open(device, ipv4);
            }
        });
    }

    /** The device goes: done when nobody looks names up through it any more. */
    CompletableFuture<?> endHere() {
        turn++;
        return names.close();
    }

    /** Takes back what the others know of this member's services. */
    CompletableFuture<?> giveUp() {
        tellOfNames();
        return CompletableFuture.allOf(services.giveUp(), tapSide.giveUp());
    }

    private void tellOfNames() {
        var unused = ring.broadcasts().send(NAMES_CHANGED, new byte[0]);
    }

    /** Offers a service, in place of one of the same kind; completes when the others can find it. */
    public CompletableFuture<?> publish(ServiceType type, int port) {
        return services.publish(type, port);
    }

    /** Offers it no more. */
    public CompletableFuture<?> withdraw(ServiceType type) {
        return services.withdraw(type);
    }

    /** What this member offers. */
    public List<ServiceInstance> ownServices() {
        return services.own();
    }

    /** Who offers that kind of service; a sample where there are very many. */
    public CompletableFuture<List<ServiceInstance>> findServices(ServiceType type) {
        return services.find(type);
    }

    /** The Ethernet of a TAP device, and machines behind it. */
    public TapSide tapSide() {
        return tapSide;
    }

    private NameService nameService() {
        return names.service();
    }

    /** How programs of this host look members' names up, as a word; null if they cannot. */
    public @Nullable String namesHow() {
        return names.how();
    }

    /** What a member is called: as its certificate says; in an open namespace as it says itself. May be empty. */
    public String nameOf(RingPeer peer) {
        MemberCredential shown = trust.shownBy(peer.session().nodeId());
        String said = MemberNotes.hostName(peer.note());
        return shown != null ? shown.member().name() : said == null ? "" : said;
    }

    /** A member's full name. */
    public static String fullName(String namespace, String hostName) {
        return hostName.toLowerCase(Locale.ROOT) + "." + NameZone.domain(namespace);
    }

    void close() {
        record.close();
    }
}
