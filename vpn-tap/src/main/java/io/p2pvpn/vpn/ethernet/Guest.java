package io.p2pvpn.vpn.ethernet;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One guest as this node knows it. Mutable; confined to the loop. */
final class Guest {
    /** What it has of its address. */
    enum State {
        /** Nothing now; the address is that of last time. */
        IDLE,
        /** An address is being taken for it. */
        TAKING,
        /** It is ours, and offered. */
        OFFERED,
        /** The guest has it. */
        BOUND
    }

    private final long mac;
    private int ipv4;
    private String hostName;
    private State state = State.IDLE;
    private long untilNanos;
    private int declined;
    private @Nullable Consumer<Guest> onTaken;

    Guest(long mac, int ipv4, String hostName) {
        this.mac = mac;
        this.ipv4 = ipv4;
        this.hostName = hostName;
    }

    long mac() {
        return mac;
    }

    /** The one it has, or had last; 0 if none. */
    int ipv4() {
        return ipv4;
    }

    String hostName() {
        return hostName;
    }

    State state() {
        return state;
    }

    long untilNanos() {
        return untilNanos;
    }

    /** How many addresses it has found to be somebody else's. */
    int declined() {
        return declined;
    }

    boolean holdsAddress() {
        return state == State.OFFERED || state == State.BOUND;
    }

    void setHostName(String name) {
        hostName = name;
    }

    void taking(@Nullable Consumer<Guest> whenTaken) {
        state = State.TAKING;
        onTaken = whenTaken;
    }

    void take(int address, State next, long until) {
        ipv4 = address;
        state = next;
        untilNanos = until;
    }

    void told() {
        Consumer<Guest> waiting = onTaken;
        onTaken = null;
        if (waiting != null) {
            waiting.accept(this);
        }
    }

    void idle() {
        state = State.IDLE;
        onTaken = null;
    }

    void decline() {
        idle();
        ipv4 = 0;
        declined++;
    }
}
