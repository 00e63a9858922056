package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * The way of a datagram through NAT boxes: out of as many as it takes until its destination means something, then in.
 * What is outside is settled when it is sent, what is inside when it arrives, since a mapping may come to be meanwhile.
 *
 * @param realm where the destination is looked for
 * @param source the sender's address there
 */
record NatWay(Realm realm, Endpoint source) {
    /** Boxes one behind the other. */
    private static final int DEPTH_MAX = 4;

    /** The way out, or null if a box swallows the datagram. */
    static @Nullable NatWay out(Realm start, Endpoint from, Endpoint to) {
        Realm realm = start;
        Endpoint source = from;
        for (int i = 0; i < DEPTH_MAX; i++) {
            SimNat gateway = realm.gateway();
            if (gateway == null || realm.hostAt(to) != null || realm.natAt(to) != null) {
                return new NatWay(realm, source);
            }
            Endpoint translated = gateway.outbound(source, to);
            if (translated == null) {
                return null;
            }
            source = translated;
            realm = gateway.around();
        }
        return null;
    }

    /** A new outside for a stream's local end, as its remote one sees it. */
    static Endpoint outsideOf(Realm start, Endpoint local, Endpoint remote) {
        Endpoint outside = local;
        Realm realm = start;
        SimNat gateway = realm.gateway();
        while (gateway != null && realm.streamHostAt(remote) == null) {
            outside = Endpoint.of(local.kind(), gateway.outside().address(), gateway.nextStreamPort());
            realm = gateway.around();
            gateway = realm.gateway();
        }
        return outside;
    }

    /** Who will probably get it, or null: for the properties of the link. */
    @Nullable
    SimHost guess(Endpoint to) {
        SimHost host = realm.hostAt(to);
        SimNat nat = host == null ? realm.natAt(to) : null;
        return nat == null ? host : nat.guess(to);
    }

    /** The host and the address of its own that a datagram ends at. */
    record End(SimHost host, Endpoint local) {}

    /** Who gets a datagram that has arrived in a realm, or null if nobody does. */
    static @Nullable End in(Realm start, Endpoint from, Endpoint to) {
        Realm realm = start;
        Endpoint target = to;
        for (int i = 0; i < DEPTH_MAX; i++) {
            SimHost host = realm.hostAt(target);
            SimNat nat = host == null ? realm.natAt(target) : null;
            if (nat == null) {
                return host == null ? null : new End(host, target);
            }
            Endpoint inside = nat.inbound(from, target);
            if (inside == null) {
                return null;
            }
            target = inside;
            realm = nat.inside();
        }
        return null;
    }
}
