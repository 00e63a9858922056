package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Endpoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A box that translates addresses between a realm of its own and the one around, as RFC 4787 describes it. Boxes may
 * stand behind boxes (a carrier's NAT). Confined to the world's thread.
 *
 * <p>Streams go out through it, unless it is told otherwise, and do not come in.
 */
public final class SimNat {
    /** Mappings at a time; the one idle for longest gives way. */
    static final int MAPPINGS_MAX = 4096;
    /** Destinations that a mapping remembers having written to; the one written to longest ago gives way. */
    static final int WRITTEN_MAX = 4096;

    private static final int PORT_MIN = 1024;
    private static final int PORTS = 65_536 - PORT_MIN;
    /** The port of the hosts behind it. */
    private static final int INSIDE_PORT = SimNetwork.DEFAULT_PORT;

    private static final int HOSTS_MAX = 250;

    /** One inside endpoint, one outside port, and when who was written to from there. */
    private static final class Mapping {
        private final Endpoint inside;
        private final String key;
        private final int port;
        private final Map<Endpoint, Long> writtenNanos = new LinkedHashMap<>();
        private long usedNanos;

        Mapping(Endpoint inside, String key, int port) {
            this.inside = inside;
            this.key = key;
            this.port = port;
        }
    }

    private final SimNetwork network;
    private final Realm around;
    private final Realm inside;
    private final Dice dice;
    private final List<SimHost> hosts = new ArrayList<>();
    private final List<SimNat> boxes = new ArrayList<>();
    private final Map<String, Mapping> byKey = new TreeMap<>();
    private final Map<Integer, Mapping> byPort = new TreeMap<>();
    private final NatBehaviour behaviour;
    private Endpoint outside;
    private boolean passesUdp = true;
    private boolean passesOnlyWeb;
    private int lastPort = PORT_MIN;
    private int lastStreamPort = PORT_MIN;
    /** Inside addresses that were given away. */
    private int taken;

    SimNat(SimNetwork network, Realm around, Endpoint outside, NatBehaviour behaviour, long seed) {
        this.network = network;
        this.around = around;
        this.outside = outside;
        this.behaviour = behaviour;
        this.dice = new Dice(seed);
        this.inside = new Realm(this);
        around.bind(this, outside);
    }

    /**
     * Adds a host behind the box: 192.168.1.2 and so on, port {@link SimNetwork#DEFAULT_PORT}; the same behind every
     * box.
     */
    public SimHost addHost(String name) {
        SimHost host = network.addHost(inside, name, insideAddress(taken++));
        hosts.add(host);
        return host;
    }

    /** Adds a box behind this one. */
    public SimNat addNat(NatBehaviour itsBehaviour) {
        SimNat box = network.addNat(inside, insideAddress(taken++), itsBehaviour);
        boxes.add(box);
        return box;
    }

    private static Endpoint insideAddress(int number) {
        if (number >= HOSTS_MAX) {
            throw new IllegalArgumentException("too many hosts behind one box");
        }
        Endpoint address = Endpoint.of(
                Endpoint.Kind.UDP, new byte[] {(byte) 192, (byte) 168, 1, (byte) (2 + number)}, INSIDE_PORT);
        if (address == null) {
            throw new IllegalStateException("no endpoint for number " + number);
        }
        return address;
    }

    /** Its address in the realm around; the port means nothing. */
    public Endpoint outside() {
        return outside;
    }

    /** Mappings that stand. */
    public int mappings() {
        expire();
        return byKey.size();
    }

    /** Forgets all mappings, as a restart does. */
    public void flush() {
        byKey.clear();
        byPort.clear();
    }

    /** Whether it lets UDP pass at all; true at first. */
    public void setPassesUdp(boolean newPassesUdp) {
        passesUdp = newPassesUdp;
    }

    /** Whether it lets nothing pass but streams to the ports of the web, 80 and 443; false at first. */
    public void setWebOnly(boolean newWebOnly) {
        passesOnlyWeb = newWebOnly;
    }

    private boolean passesDatagrams() {
        return passesUdp && !passesOnlyWeb;
    }

    /** Whether a new stream to that port may leave. */
    boolean passesStreamsTo(int port) {
        return !passesOnlyWeb || port == 80 || port == 443;
    }

    /** Moves the box to another outside address; mappings are lost. */
    public void setOutside(Endpoint newOutside) {
        around.unbind(outside);
        around.bind(this, newOutside);
        outside = newOutside;
        flush();
    }

    Realm around() {
        return around;
    }

    Realm inside() {
        return inside;
    }

    /** A datagram leaves: the source that it has from here on, or null if it is swallowed. */
    @Nullable
    Endpoint outbound(Endpoint from, Endpoint to) {
        boolean isHairpin = to.address().equals(outside.address());
        if (!passesDatagrams() || from.isIpv6() || (isHairpin && !behaviour.hairpinning())) {
            return null;
        }
        String key = from + scope(behaviour.mapping(), to);
        Mapping mapping = byKey.get(key);
        if (mapping != null && isOver(mapping)) {
            remove(mapping);
            mapping = null;
        }
        if (mapping == null) {
            mapping = add(from, key);
        }
        mapping.usedNanos = network.world().nanoTime();
        mapping.writtenNanos.remove(to);
        mapping.writtenNanos.put(to, mapping.usedNanos);
        if (mapping.writtenNanos.size() > WRITTEN_MAX) {
            mapping.writtenNanos.remove(mapping.writtenNanos.keySet().iterator().next());
        }
        return Endpoint.of(Endpoint.Kind.UDP, outside.address(), mapping.port);
    }

    /** A datagram arrives at the outside: where it goes inside, or null if it is filtered. */
    @Nullable
    Endpoint inbound(Endpoint from, Endpoint to) {
        Mapping mapping = passesDatagrams() ? byPort.get(to.port()) : null;
        if (mapping == null) {
            return null;
        }
        if (isOver(mapping)) {
            remove(mapping);
            return null;
        }
        boolean isAwaited = behaviour.filtering() == NatBehaviour.Scope.ENDPOINT_INDEPENDENT
                || mapping.writtenNanos.entrySet().stream()
                        .anyMatch(written -> !isOver(written.getValue()) && isSame(written.getKey(), from));
        return isAwaited ? mapping.inside : null;
    }

    private boolean isSame(Endpoint written, Endpoint from) {
        return behaviour.filtering() == NatBehaviour.Scope.ADDRESS_DEPENDENT
                ? written.address().equals(from.address())
                : written.equals(from);
    }

    /** Somebody whom a datagram to {@code to} may reach, or null: for the link's properties. */
    @Nullable
    SimHost guess(Endpoint to) {
        Mapping mapping = byPort.get(to.port());
        if (mapping == null) {
            return anyHost();
        }
        SimNat box = inside.natAt(mapping.inside);
        return box == null ? inside.hostAt(mapping.inside) : box.guess(mapping.inside);
    }

    private @Nullable SimHost anyHost() {
        return !hosts.isEmpty()
                ? hosts.get(0)
                : boxes.isEmpty() ? null : boxes.get(0).anyHost();
    }

    private static String scope(NatBehaviour.Scope scope, Endpoint other) {
        return switch (scope) {
            case ENDPOINT_INDEPENDENT -> "";
            case ADDRESS_DEPENDENT -> "|" + other.address().getHostAddress();
            case ADDRESS_AND_PORT_DEPENDENT -> "|" + other;
        };
    }

    private boolean isOver(Mapping mapping) {
        return isOver(mapping.usedNanos);
    }

    private boolean isOver(long usedNanos) {
        return network.world().nanoTime() - usedNanos > behaviour.timeoutNanos();
    }

    private void expire() {
        byKey.values().removeIf(this::isOver);
        byPort.values().removeIf(this::isOver);
    }

    private Mapping add(Endpoint from, String key) {
        expire();
        if (byKey.size() >= MAPPINGS_MAX) {
            Mapping oldest = null;
            for (Mapping each : byKey.values()) {
                oldest = oldest == null || each.usedNanos < oldest.usedNanos ? each : oldest;
            }
            remove(oldest);
        }
        Mapping mapping = new Mapping(from, key, choosePort(from.port()));
        byKey.put(key, mapping);
        byPort.put(mapping.port, mapping);
        return mapping;
    }

    private void remove(@Nullable Mapping mapping) {
        if (mapping != null) {
            byKey.remove(mapping.key);
            byPort.remove(mapping.port);
        }
    }

    private int choosePort(int insidePort) {
        int port = switch (behaviour.ports()) {
            case PRESERVING -> insidePort;
            case SEQUENTIAL -> after(lastPort);
            case RANDOM -> PORT_MIN + (int) (dice.nextUnit() * PORTS);
        };
        while (byPort.containsKey(port)) {
            port = after(port);
        }
        lastPort = port;
        return port;
    }

    int nextStreamPort() {
        lastStreamPort = after(lastStreamPort);
        return lastStreamPort;
    }

    private static int after(int port) {
        return PORT_MIN + (port + 1 - PORT_MIN) % PORTS;
    }
}
