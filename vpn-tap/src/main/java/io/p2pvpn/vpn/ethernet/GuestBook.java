package io.p2pvpn.vpn.ethernet;

import io.p2pvpn.overlay.noise.Digests;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.data.TokenBucket;
import io.p2pvpn.vpn.ethernet.Guest.State;
import io.p2pvpn.vpn.packet.BigEndian;
import io.p2pvpn.vpn.tun.Cidr;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The guests of a device, by hardware address, and their leases. A guest gets the address of last time, else the one it
 * wishes, else ones that follow from its hardware address: the same again at each node that it comes to. Confined to
 * the loop.
 */
final class GuestBook {
    /** Guests with an address at a time: their leases and names must fit what a member may have in the DHT. */
    static final int GUESTS_MAX = 24;
    /** Guests that are remembered. */
    static final int KNOWN_MAX = 128;
    /** How long a guest has its address without asking again. */
    static final int LEASE_SECONDS = 1800;

    static final long OFFER_NANOS = 60_000_000_000L;

    private static final int TRIES_MAX = 16;
    private static final int FIRST_DERIVED = 2;
    private static final int REPEATS_MAX = 20;
    private static final long AGAIN_NANOS = 300_000_000L;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    /** New addresses that are taken: who makes hardware addresses up does not fill the DHT at speed. */
    private static final long TAKE_NANOS = 1_000_000_000L;

    private static final int TAKE_BURST = 8;
    /** Each new guest leaves a record for an hour: no more than a member may have. */
    private static final long NEWCOMER_NANOS = 240_000_000_000L;

    private final NodeRuntime runtime;
    private final EthernetShare share;
    private final GuestLeases leases;
    private final GuestStore store;
    private final Consumer<String> onNotice;
    private final TokenBucket takes;
    private final TokenBucket newcomers;
    private final TreeMap<Long, Guest> guests = new TreeMap<>();
    private boolean closed;

    GuestBook(
            NodeRuntime runtime, EthernetShare share, GuestLeases leases, GuestStore store, Consumer<String> onNotice) {
        this.runtime = runtime;
        this.share = share;
        this.leases = leases;
        this.store = store;
        this.onNotice = onNotice;
        long now = runtime.clock().nanoTime();
        this.takes = new TokenBucket(TAKE_NANOS, TAKE_BURST, now);
        this.newcomers = new TokenBucket(NEWCOMER_NANOS, GUESTS_MAX, now);
    }

    /** Takes the addresses again that guests had when the node was stopped. */
    void restore() {
        for (GuestStore.Kept kept : store.read()) {
            if (guests.size() < KNOWN_MAX && MacAddress.isStation(kept.mac())) {
                Guest guest = new Guest(kept.mac(), kept.ipv4(), kept.hostName());
                guests.put(guest.mac(), guest);
                long nanos = Math.min(kept.secondsLeft(), LEASE_SECONDS) * NANOS_PER_SECOND;
                if (nanos > 0 && active() < GUESTS_MAX && isFree(guest, guest.ipv4())) {
                    guest.taking(null);
                    long until = runtime.clock().nanoTime() + nanos;
                    attempt(guest, new Attempt(0, State.BOUND, until), 0);
                }
            }
        }
    }

    /** What is known of that station; null if nothing. */
    @Nullable
    Guest get(long mac) {
        return guests.get(mac);
    }

    List<Guest> bound() {
        List<Guest> bound = new ArrayList<>();
        guests.values().stream().filter(each -> each.state() == State.BOUND).forEach(bound::add);
        return bound;
    }

    private int active() {
        int count = 0;
        for (Guest guest : guests.values()) {
            count += guest.state() == State.IDLE ? 0 : 1;
        }
        return count;
    }

    /**
     * Takes an address for a station, unless it has one.
     *
     * @param wished by it, or 0
     * @param whenTaken told of the guest, once it has one
     * @return false if there is no room for it now
     */
    boolean take(long mac, int wished, String hostName, Consumer<Guest> whenTaken) {
        Guest guest = guests.get(mac);
        if (guest != null && guest.holdsAddress()) {
            whenTaken.accept(guest);
            return true;
        }
        if (guest != null && guest.state() == State.TAKING) {
            guest.taking(whenTaken);
            return true;
        }
        long now = runtime.clock().nanoTime();
        boolean newcomer = guest == null || guest.ipv4() == 0;
        if (active() >= GUESTS_MAX || !takes.tryTake(now) || (newcomer && !newcomers.tryTake(now))) {
            return false;
        }
        if (guest == null) {
            makeRoom();
            guest = new Guest(mac, 0, hostName);
            guests.put(mac, guest);
        }
        if (!hostName.isEmpty()) {
            guest.setHostName(hostName);
        }
        guest.taking(whenTaken);
        attempt(guest, new Attempt(wished, State.OFFERED, 0), 0);
        return true;
    }

    private void makeRoom() {
        if (guests.size() >= KNOWN_MAX) {
            for (Guest guest : guests.values()) {
                if (guest.state() == State.IDLE) {
                    guests.remove(guest.mac());
                    return;
                }
            }
        }
    }

    /** How an address is being taken. */
    private record Attempt(int wished, State next, long untilNanos) {}

    private void attempt(Guest guest, Attempt attempt, int firstTry) {
        for (int at = firstTry; at < FIRST_DERIVED + TRIES_MAX; at++) {
            int address = candidate(guest, attempt.wished(), at);
            if (isFree(guest, address)) {
                claim(guest, attempt, at, address, 0);
                return;
            }
        }
        runtime.counters().counter("ethernet.drop.no-address").increment();
        guest.idle();
    }

    private int candidate(Guest guest, int wished, int at) {
        return switch (at) {
            case 0 -> guest.ipv4();
            case 1 -> wished;
            default -> derived(guest.mac(), guest.declined() + at - FIRST_DERIVED);
        };
    }

    private int derived(long mac, int tries) {
        byte[] what = new byte[10];
        MacAddress.put(what, 0, mac);
        BigEndian.putInt(what, 6, tries);
        Cidr prefix = share.neighbours().prefix();
        int hosts = (1 << (32 - prefix.prefixLength())) - 2;
        int host = 1 + Integer.remainderUnsigned(BigEndian.getInt(Digests.sha256(what), 0), hosts);
        return BigEndian.getInt(prefix.addressBytes(), 0) + host;
    }

    private boolean isFree(Guest guest, int address) {
        Neighbours neighbours = share.neighbours();
        if (!neighbours.isMember(address) || address == neighbours.own()) {
            return false;
        }
        for (Guest other : guests.values()) {
            if (other != guest && other.ipv4() == address && other.state() != State.IDLE) {
                return false;
            }
        }
        return true;
    }

    private void claim(Guest guest, Attempt attempt, int at, int address, int repeats) {
        Completions.whenDone(
                runtime.timers(),
                leases.take(address, guest.hostName(), () -> onLost(guest, address)),
                (ours, failure) -> {
                    if (closed) {
                        return;
                    }
                    if (guest.state() != State.TAKING) {
                        leases.release(address, guest.hostName());
                    } else if (failure != null && repeats < REPEATS_MAX) {
                        // Too few replicas answered: the ring is still settling.
                        runtime.timers().schedule(AGAIN_NANOS, () -> claim(guest, attempt, at, address, repeats + 1));
                    } else if (failure != null) {
                        guest.idle();
                    } else if (ours && isFree(guest, address)) {
                        onTaken(guest, attempt, address);
                    } else {
                        attempt(guest, attempt, at + 1);
                    }
                });
    }

    private void onTaken(Guest guest, Attempt attempt, int address) {
        boolean restored = attempt.next() == State.BOUND && address == guest.ipv4();
        long until = restored ? attempt.untilNanos() : runtime.clock().nanoTime() + OFFER_NANOS;
        guest.take(address, restored ? State.BOUND : State.OFFERED, until);
        publish();
        guest.told();
    }

    private void onLost(Guest guest, int address) {
        if (!closed && guest.ipv4() == address && guest.state() != State.IDLE) {
            onNotice.accept("another member holds the address of the guest " + MacAddress.text(guest.mac())
                    + " by an older right: it gets another when it asks again");
            guest.decline();
            changed();
        }
    }

    /** The guest has its address from now on, for {@link #LEASE_SECONDS} unless it asks again. */
    void bind(Guest guest) {
        long until = runtime.clock().nanoTime() + LEASE_SECONDS * NANOS_PER_SECOND;
        guest.take(guest.ipv4(), State.BOUND, until);
        changed();
    }

    /** The guest gives its address back; it gets it again, if it is free then. */
    void release(Guest guest) {
        if (guest.holdsAddress()) {
            leases.release(guest.ipv4(), guest.hostName());
        }
        guest.idle();
        changed();
    }

    /** The guest has found its address with somebody else. */
    void decline(Guest guest) {
        if (guest.holdsAddress()) {
            leases.release(guest.ipv4(), guest.hostName());
        }
        guest.decline();
        changed();
    }

    /** Each second: what is over is given back. */
    void onTick() {
        long now = runtime.clock().nanoTime();
        for (Guest guest : List.copyOf(guests.values())) {
            if (guest.holdsAddress() && now - guest.untilNanos() >= 0) {
                runtime.counters().counter("ethernet.lease.expired").increment();
                release(guest);
            }
        }
    }

    private void changed() {
        publish();
        store.write(guests.values());
    }

    private void publish() {
        TreeMap<Integer, Long> byAddress = new TreeMap<>();
        for (Guest guest : bound()) {
            byAddress.put(guest.ipv4(), guest.mac());
        }
        share.publish(share.neighbours().withGuests(byAddress));
    }

    void close() {
        closed = true;
    }
}
