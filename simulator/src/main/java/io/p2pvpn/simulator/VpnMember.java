package io.p2pvpn.simulator;

import io.p2pvpn.nat.punch.PunchBudget;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.node.BootstrapTarget;
import io.p2pvpn.overlay.relay.RelayLimits;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.names.NameAnswers;
import io.p2pvpn.vpn.names.NameServices;
import io.p2pvpn.vpn.namespace.DeviceProvider;
import io.p2pvpn.vpn.namespace.Membership;
import io.p2pvpn.vpn.namespace.MembershipOptions;
import io.p2pvpn.vpn.namespace.MembershipState;
import io.p2pvpn.vpn.node.NodeDaemon;
import io.p2pvpn.vpn.node.VpnNodeListener;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.tun.TapDevice;
import io.p2pvpn.vpn.tun.TunDevice;
import io.p2pvpn.vpn.tun.TunException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A host with its identity, and the whole node that runs on it as in a daemon, or none; its device is in memory.
 * Confined to the world's thread.
 */
public class VpnMember implements VpnNodeListener, DeviceProvider {
    private final SimHost host;
    private final String namespace;
    private @Nullable NameAnswers answers;
    private int nameChanges;
    private final Map<String, String> paths = new TreeMap<>();
    private final List<String> leases = new ArrayList<>();
    private final List<String> notices = new ArrayList<>();
    private final List<ControlException> failures = new ArrayList<>();
    private final List<Cidr> localPrefixes = new ArrayList<>();
    private boolean refusesDevices;
    private @Nullable Identity identity;
    private @Nullable NodeDaemon daemon;
    private @Nullable SimTun tun;
    private @Nullable SimTap tap;

    /** A host that runs nothing yet, of whose memberships that of {@code namespace} is looked at. */
    public VpnMember(SimHost host, String namespace) {
        this.host = host;
        this.namespace = namespace;
    }

    /** Where it runs. */
    public final SimHost host() {
        return host;
    }

    /** Whose node it is, or was last. */
    public final Identity identity() {
        return Objects.requireNonNull(identity);
    }

    final void setIdentity(Identity newIdentity) {
        identity = newIdentity;
    }

    /** What runs there; something must. */
    public final NodeDaemon daemon() {
        if (daemon == null) {
            throw new IllegalStateException(host.name() + " does not run");
        }
        return daemon;
    }

    final boolean isRunning() {
        return daemon != null;
    }

    final SimTun tun() {
        if (tun == null) {
            throw new IllegalStateException(host.name() + " has no device");
        }
        return tun;
    }

    final SimTap tap() {
        if (tap == null) {
            throw new IllegalStateException(host.name() + " has no Ethernet device");
        }
        return tap;
    }

    final boolean hasReceived(long number) {
        return tun != null && tun.received().contains(number);
    }

    /** Its membership, or null before there is one. */
    public final @Nullable Membership membership() {
        return daemon == null ? null : daemon.membership(namespace);
    }

    /** Whether it is a member, with an address. */
    public final boolean isMember() {
        Membership membership = membership();
        return membership != null && membership.state() == MembershipState.JOINED;
    }

    final int address() {
        Membership membership = membership();
        return membership == null ? 0 : membership.ipv4();
    }

    final @Nullable OverlayId namespaceId() {
        Membership membership = membership();
        var descriptor = membership == null ? null : membership.descriptor();
        return descriptor == null ? null : descriptor.id();
    }

    /** What people were told, of all its lives. */
    final List<String> notices() {
        return notices;
    }

    /** Why it could not be a member: of the first join, and later. */
    public final List<ControlException> failures() {
        return failures;
    }

    final long counter(String name) {
        return daemon().node().runtime().counters().counter(name).value();
    }

    /** Starts the host's node, after a crash with the identity and the state it had. */
    public final void start(@Nullable MembershipOptions options, List<BootstrapTarget> bootstraps) {
        crash();
        SimRuntime runtime = host.start();
        if (identity == null) {
            identity = Identity.generate(runtime.keys());
        }
        daemon = new NodeDaemon(runtime, identity, this, List::of, RelayLimits.DEFAULT, PunchBudget.DEFAULT, this);
        var unused = daemon.joined().whenComplete((done, failure) -> {
            if (failure instanceof ControlException known) {
                failures.add(known);
            }
        });
        daemon.start(bootstraps, options, true);
    }

    /** As kill -9. */
    public final void crash() {
        host.crash();
        daemon = null;
        answers = null;
        tun = null;
        tap = null;
    }

    /** It can have no device from now on, or again. */
    final void setRefusesDevices(boolean refuses) {
        refusesDevices = refuses;
    }

    @Override
    public final void onPath(String overlayId, String path) {
        paths.put(overlayId, path);
    }

    @Override
    public final void onLease(String changed, @Nullable String virtualIp) {
        leases.add(virtualIp == null ? "none" : virtualIp);
    }

    /** The last path of each node that was told of, by node ID. */
    final Map<String, String> pathsTold() {
        return paths;
    }

    /** Addresses that were told of, in order; "none" for one that was lost. */
    final List<String> leasesTold() {
        return leases;
    }

    @Override
    public final void onNotice(String line) {
        notices.add(line);
    }

    @Override
    public final void onFailed(String failed, ControlException reason) {
        failures.add(reason);
    }

    @Override
    public final TunDevice open(
            @Nullable String name, int ipv4, Cidr prefix, long ulaHigh, int mtuBytes, boolean offload)
            throws TunException {
        if (refusesDevices) {
            throw new TunException("no device here", "take another host", false);
        }
        tun = new SimTun(daemon().node().runtime().timers(), ipv4);
        tun.setQueues(daemon().node().runtime().queues().size() + 1);
        return tun;
    }

    @Override
    public final TapDevice openTap(
            @Nullable String name,
            int ipv4,
            Cidr prefix,
            long ulaHigh,
            int mtuBytes,
            boolean offload,
            byte[] hardwareAddress) {
        tap = new SimTap(daemon().node().runtime().timers(), hardwareAddress);
        return tap;
    }

    /** What the host reaches by other devices: live, for a test to change. */
    final List<Cidr> localPrefixes() {
        return localPrefixes;
    }

    @Override
    public final NameServices names() {
        return (zone, device, ipv4, source) -> {
            answers = new NameAnswers(zone, source);
            source.onChanged(() -> nameChanges++);
            return NameServices.NONE.offer(zone, device, ipv4, source);
        };
    }

    /** How often it was told that there are other names. */
    public final int nameChanges() {
        return nameChanges;
    }

    /** What its programs would be answered about names; null before it has a name. */
    public final @Nullable NameAnswers answers() {
        return answers;
    }

    @Override
    public final List<Cidr> localPrefixes(@Nullable String exceptDevice) {
        return List.copyOf(localPrefixes);
    }
}
