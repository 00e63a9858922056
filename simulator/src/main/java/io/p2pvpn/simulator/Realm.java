package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Endpoint;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where an address means one and the same host: the public network, or what is behind one NAT box (RFC 2663, "address
 * realm"). Confined to the world's thread.
 */
final class Realm {
    private final @Nullable SimNat gateway;

    /** Looked up only, never iterated: the order of a hash map must not reach the history. */
    private final Map<Endpoint, SimHost> hostByAddress = new HashMap<>();

    private final Map<InetAddress, SimNat> natByAddress = new HashMap<>();

    private final List<SimLan> lans = new ArrayList<>();

    Realm(@Nullable SimNat gateway) {
        this.gateway = gateway;
    }

    /** The box that leads out of here, or null in the public network. */
    @Nullable
    SimNat gateway() {
        return gateway;
    }

    /** Who listens on the link in here, in the order in which they began; live. */
    List<SimLan> lans() {
        return lans;
    }

    @Nullable
    SimHost hostAt(Endpoint address) {
        return hostByAddress.get(address);
    }

    /** Who takes a stream to that TCP or TLS endpoint, or null if nobody is there. */
    @Nullable
    SimHost streamHostAt(Endpoint remote) {
        if (remote.kind() == Endpoint.Kind.TCP) {
            return hostAt(remote.withKind(Endpoint.Kind.UDP));
        }
        // A node has one port for datagrams and plain streams, and TLS has its own.
        Endpoint datagrams = Endpoint.of(Endpoint.Kind.UDP, remote.address(), SimNetwork.DEFAULT_PORT);
        SimHost host = hostAt(datagrams);
        return host != null && remote.equals(host.tlsAt(datagrams)) ? host : null;
    }

    /** The box whose outside has this address here, or null. */
    @Nullable
    SimNat natAt(Endpoint address) {
        return natByAddress.isEmpty() ? null : natByAddress.get(address.address());
    }

    void bind(SimHost host, List<Endpoint> addresses) {
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("a host needs an address");
        }
        for (Endpoint address : addresses) {
            if (address.kind() != Endpoint.Kind.UDP) {
                throw new IllegalArgumentException("not a UDP endpoint: " + address);
            }
            SimHost owner = hostByAddress.putIfAbsent(address, host);
            if (owner != null) {
                throw new IllegalArgumentException(address + " belongs to " + owner.name());
            }
        }
    }

    void unbind(List<Endpoint> addresses) {
        addresses.forEach(hostByAddress::remove);
    }

    void bind(SimNat nat, Endpoint outside) {
        SimNat owner = natByAddress.putIfAbsent(outside.address(), nat);
        if (owner != null) {
            throw new IllegalArgumentException(outside + " belongs to another box");
        }
    }

    void unbind(Endpoint outside) {
        natByAddress.remove(outside.address());
    }
}
