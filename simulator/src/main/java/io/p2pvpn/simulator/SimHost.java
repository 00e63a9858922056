package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.InterfaceUse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A machine of the world: addresses, files, a clock, and at most one running node. Confined to the world's thread; its
 * methods may be called between events and by actions of the scenario.
 */
public final class SimHost {
    private static final long SECOND_NANOS = 1_000_000_000L;

    /** What is longer in the queue of an uplink is dropped there, as by a box without active queue management. */
    private static final long UPLINK_QUEUE_NANOS = SECOND_NANOS / 4;

    private static final int EPHEMERAL_PORT_MIN = 49_152;
    private static final int EPHEMERAL_PORTS = 65_536 - EPHEMERAL_PORT_MIN;

    private final SimNetwork network;
    private final Region region;
    private final Realm realm;
    private final int id;
    private final String name;
    private final NavigableMap<String, byte[]> files = new TreeMap<>();
    private final Map<Endpoint, InterfaceUse> uses = new TreeMap<>();
    private List<Endpoint> addresses;
    private boolean isUp = true;
    private boolean acceptsStreams = true;
    private int tlsPort;
    private long uplinkBytesPerSecond;
    private long uplinkFreeNanos;
    private int queues = 1;
    private int mtuBytes = LinkModel.ETHERNET_MTU_BYTES;
    private long wallClockSkewMillis;
    private boolean diskFull;
    private long awakeFromNanos;
    private long sleptNanos;
    private long pausedUntilNanos;
    private int lives;
    private int ephemeralPorts;
    private @Nullable SimRuntime runtime;

    SimHost(SimNetwork network, Realm realm, int id, String name, List<Endpoint> addresses) {
        this.network = network;
        this.region = network.world().regionOf(id);
        this.realm = realm;
        this.id = id;
        this.name = name;
        this.addresses = addresses;
    }

    /** Number of this host, from 0 in the order in which hosts were added. */
    public int id() {
        return id;
    }

    /** The name it was added under. */
    public String name() {
        return name;
    }

    /** The UDP endpoint others reach it at: the first of {@link #addresses}. */
    public Endpoint address() {
        return addresses.get(0);
    }

    /** Its UDP endpoints; what it sends comes from the first one of the destination's address family. */
    public List<Endpoint> addresses() {
        return addresses;
    }

    /** Its files, live: a test may look at them and damage them. They outlive every node. */
    public NavigableMap<String, byte[]> files() {
        return files;
    }

    /** Lets writes fail from now on, or succeed again. */
    public void setDiskFull(boolean full) {
        diskFull = full;
    }

    boolean isDiskFull() {
        return diskFull;
    }

    /** The running node's environment, or null. */
    public @Nullable SimRuntime runtime() {
        return runtime;
    }

    /** Starts a node: a fresh environment with the files and addresses of this host. None may be running. */
    public SimRuntime start() {
        if (runtime != null) {
            throw new IllegalStateException(name + " runs already");
        }
        world().record(History.LIFE, id, lives);
        runtime = new SimRuntime(this, lives++);
        return runtime;
    }

    /** Ends the node as kill -9 does: nothing of it happens any more, its streams are closed by the system. */
    public void crash() {
        SimRuntime running = runtime;
        if (running != null) {
            world().record(History.LIFE, id, -1);
            runtime = null;
            running.stop();
        }
    }

    /** {@link #crash}, then {@link #start}. */
    public SimRuntime restart() {
        crash();
        return start();
    }

    /** Connects or disconnects the host: while it is down nothing leaves or reaches it, and it does not notice. */
    public void setUp(boolean newUp) {
        world().record(History.LIFE, id, newUp ? -2 : -3);
        isUp = newUp;
    }

    /** True while the host is connected. */
    public boolean isUp() {
        return isUp;
    }

    /** Moves the host to other UDP endpoints, of which at least one. What is on its way to the old ones is lost. */
    public void roam(Endpoint... newAddresses) {
        world().record(History.LIFE, id, -4);
        addresses = network.rebind(this, List.of(newAddresses));
    }

    /** The system tells the running node that the host's addresses, or its connection, are others than before. */
    public void tellNetworkChanged() {
        SimRuntime running = runtime;
        if (running != null) {
            running.transport().networkChanged();
        }
    }

    /**
     * Suspends the machine: for that long nothing runs, datagrams to it are lost, and its monotonic clock stands still
     * (as CLOCK_MONOTONIC does); the wall clock goes on.
     */
    public void sleep(long durationNanos) {
        world().record(History.LIFE, id, -5);
        awakeFromNanos = Math.max(nowNanos(), awakeFromNanos) + SimWorld.checkedDelay(durationNanos);
        sleptNanos += durationNanos;
    }

    /** Stops the node as SIGSTOP or a garbage collection does: clocks go on, datagrams and timers wait. */
    public void pause(long durationNanos) {
        world().record(History.LIFE, id, -6);
        pausedUntilNanos = nowNanos() + SimWorld.checkedDelay(durationNanos);
    }

    /** Sets its wall clock ahead of the world's by that much, or behind if negative. */
    public void setWallClockSkewMillis(long skewMillis) {
        wallClockSkewMillis = skewMillis;
    }

    /** What the interface that has this address of the host may be used for; on at first. */
    public void setUse(Endpoint address, InterfaceUse use) {
        uses.put(address, use);
    }

    /** What the interface may be used for that leads to {@code to}. */
    InterfaceUse useOf(Endpoint to) {
        Endpoint source = uses.isEmpty() ? null : sourceFor(to);
        return source == null ? InterfaceUse.ON : uses.getOrDefault(source, InterfaceUse.ON);
    }

    /** The addresses whose interfaces are not off, what is on first. */
    List<Endpoint> usable() {
        List<Endpoint> usable = new ArrayList<>(addresses);
        usable.removeIf(address -> useOf(address) == InterfaceUse.OFF);
        usable.sort(Comparator.comparing(this::useOf));
        return usable;
    }

    /** Whether it takes TCP streams from others; true at first. */
    public void setAcceptsStreams(boolean newAcceptsStreams) {
        acceptsStreams = newAcceptsStreams;
    }

    /** Takes TLS streams at that port too; 0 for none, as at first. To be said before a node is started. */
    public void setTlsPort(int newTlsPort) {
        tlsPort = newTlsPort;
    }

    /** How many queues the data plane of the node has that is started next, its loop included; 1 at first. */
    public void setQueues(int newQueues) {
        queues = newQueues;
    }

    int queues() {
        return queues;
    }

    /** The MTU of its interfaces; 1500 at first. What a link takes is the link's own affair. */
    public void setMtuBytes(int newMtuBytes) {
        mtuBytes = newMtuBytes;
    }

    /**
     * How fast datagrams leave it at most; what comes faster waits up to a quarter of a second, and is lost beyond
     * that. 0, as at first, for no limit. Streams are not slowed.
     */
    public void setUplinkBytesPerSecond(long bytesPerSecond) {
        uplinkBytesPerSecond = bytesPerSecond;
    }

    /** How long a datagram of that size, headers included, takes to have left; -1 if the queue is full. */
    long queueNanos(int bytes) {
        if (uplinkBytesPerSecond == 0) {
            return 0;
        }
        long nowNanos = nowNanos();
        long startNanos = Math.max(nowNanos, uplinkFreeNanos);
        if (startNanos - nowNanos > UPLINK_QUEUE_NANOS) {
            return -1;
        }
        uplinkFreeNanos = startNanos + bytes * SECOND_NANOS / uplinkBytesPerSecond;
        return uplinkFreeNanos - nowNanos;
    }

    int mtuBytes() {
        return mtuBytes;
    }

    /** Where TLS streams are taken at the address of {@code datagrams}, or null if they are not. */
    @Nullable
    Endpoint tlsAt(Endpoint datagrams) {
        return tlsPort == 0 ? null : Endpoint.of(Endpoint.Kind.TLS, datagrams.address(), tlsPort);
    }

    @Override
    public String toString() {
        return name + "(" + address().toHostPort() + ")";
    }

    /** Whose events its own are among. */
    Region region() {
        return region;
    }

    /** World time, as far as it has come here. */
    private long nowNanos() {
        return region.nowNanos();
    }

    /** See {@link SimEvent#touch(int)}. */
    int touch(int step) {
        SimRuntime running = runtime;
        if (step == 1) {
            return queues + addresses.size();
        }
        return running == null ? 0 : running.touch(step - 1);
    }

    SimNetwork network() {
        return network;
    }

    Realm realm() {
        return realm;
    }

    SimWorld world() {
        return network.world();
    }

    boolean acceptsStreams() {
        return acceptsStreams;
    }

    long wallClockSkewMillis() {
        return wallClockSkewMillis;
    }

    boolean isAsleep() {
        return awakeFromNanos > nowNanos();
    }

    /** When whatever is due now may reach the node: now, or at the end of a pause. */
    long attentiveNanos() {
        return Math.max(nowNanos(), pausedUntilNanos);
    }

    /** Its monotonic clock. */
    long localNanos() {
        return Math.max(nowNanos(), awakeFromNanos) - sleptNanos;
    }

    /** World time of an instant of its monotonic clock, as far as its sleeps are known. */
    long worldNanos(long localNanos) {
        return SimWorld.saturatedAdd(localNanos, sleptNanos);
    }

    /** World time at which a task of that deadline may run. */
    long taskNanos(long deadlineNanos) {
        return Math.max(worldNanos(deadlineNanos), pausedUntilNanos);
    }

    /** The address it sends from to reach {@code to}, or null if it has none of that family. */
    @Nullable
    Endpoint sourceFor(Endpoint to) {
        for (int i = 0; i < addresses.size(); i++) {
            Endpoint address = addresses.get(i);
            if (address.isIpv6() == to.isIpv6()) {
                return address;
            }
        }
        return null;
    }

    /** True while {@code local} has an address of this host; the port does not matter. */
    boolean ownsAddressOf(Endpoint local) {
        for (int i = 0; i < addresses.size(); i++) {
            if (addresses.get(i).address().equals(local.address())) {
                return true;
            }
        }
        return false;
    }

    int nextEphemeralPort() {
        return EPHEMERAL_PORT_MIN + ephemeralPorts++ % EPHEMERAL_PORTS;
    }
}
