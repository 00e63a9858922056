package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.p2pvpn.nat.punch.PunchBudget;
import io.p2pvpn.overlay.host.HostOptions;
import io.p2pvpn.overlay.host.HostRuntime;
import io.p2pvpn.overlay.host.ListenAddress;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.node.BootstrapTarget;
import io.p2pvpn.overlay.relay.RelayLimits;
import io.p2pvpn.overlay.runtime.Counters.Counter;
import io.p2pvpn.vpn.namespace.DeviceProvider;
import io.p2pvpn.vpn.namespace.MembershipOptions;
import io.p2pvpn.vpn.node.NodeDaemon;
import io.p2pvpn.vpn.node.VpnNodeListener;
import io.p2pvpn.vpn.packet.Checksum;
import io.p2pvpn.vpn.packet.VnetHeader;
import io.p2pvpn.vpn.rules.RuleSet;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.tun.TunDevice;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.Security;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.crypto.spec.GCMParameterSpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Packets cross two whole nodes and real sockets on loopback, and no object is made for any of them but the parameters
 * that the Java platform's interface to ciphers asks for.
 *
 * <p>The ciphers are {@link FreeCiphers}; what real ones allocate is for {@code CipherProviderTest} of overlay-core.
 */
@EnabledOnOs(OS.LINUX)
final class DataPathAllocationTest {
    /** Less than one small object in 16 packets: timers that packets set. */
    private static final double OWN_BYTES_PER_PACKET_MAX = 1;

    private static final int PACKETS = 100_000;
    private static final int ROUNDS_MAX = 40;
    private static final int UPKEEP_SECONDS = 3;
    private static final int MTU_BYTES = 1400;
    private static final int TCP_PAYLOAD_BYTES = MTU_BYTES - 40;
    private static final long WAIT_SECONDS = 20;
    private static final long POLL_NANOS = 20_000;
    private static final String NAMESPACE = "garbage";

    private static final FreeCiphers CIPHERS = new FreeCiphers();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private double upkeepBytesPerNano;

    /** A node on this host, and its device. */
    private static final class Node implements DeviceProvider, VpnNodeListener, AutoCloseable {
        private final HostRuntime runtime;
        private final NodeDaemon daemon;
        private volatile @Nullable CountingTun device;

        Node(Path state) throws Exception {
            runtime = HostRuntime.open(HostOptions.of(state, 0)
                    .withListen(List.of(ListenAddress.of(InetAddress.getLoopbackAddress(), 0))));
            daemon = on(() -> new NodeDaemon(
                    runtime,
                    Identity.generate(runtime.keys()),
                    this,
                    List::of,
                    RelayLimits.DEFAULT,
                    PunchBudget.DEFAULT,
                    this));
        }

        <T> T on(Callable<T> task) throws Exception {
            return runtime.eventLoop().submit(task).get(WAIT_SECONDS, TimeUnit.SECONDS);
        }

        CompletableFuture<?> join(List<BootstrapTarget> bootstraps) throws Exception {
            MembershipOptions options = new MembershipOptions(
                    NAMESPACE, null, true, null, "n" + bootstraps.size(), null, null, null, true, MTU_BYTES, true);
            on(() -> {
                daemon.start(bootstraps, bootstraps.isEmpty() ? null : options, false);
                if (bootstraps.isEmpty()) {
                    daemon.join(options);
                }
                return "";
            });
            return daemon.joined();
        }

        CountingTun device() throws InterruptedException {
            for (int tenths = 0; device == null && tenths < 10 * WAIT_SECONDS; tenths++) {
                Thread.sleep(100);
            }
            CountingTun there = device;
            if (there == null) {
                throw new AssertionError("no device");
            }
            return there;
        }

        void setRules(String text) throws Exception {
            CompletableFuture<RuleSet> set = on(() -> Objects.requireNonNull(daemon.membership(NAMESPACE))
                    .administration()
                    .setRules(text));
            set.get(WAIT_SECONDS, TimeUnit.SECONDS);
        }

        Counter received() throws Exception {
            return on(() -> runtime.counters().counter("data.received.packets"));
        }

        @Override
        public TunDevice open(
                @Nullable String name, int ipv4, Cidr prefix, long ulaHigh, int mtuBytes, boolean offload) {
            CountingTun made = new CountingTun(ipv4);
            device = made;
            return made;
        }

        @Override
        public List<Cidr> localPrefixes(@Nullable String exceptDevice) {
            return List.of();
        }

        @Override
        public void close() {
            runtime.close();
        }
    }

    @BeforeAll
    static void takeCiphers() {
        Security.insertProviderAt(CIPHERS, 1);
    }

    @AfterAll
    static void giveBackCiphers() {
        Security.removeProvider(CIPHERS.getName());
    }

    @Test
    void deviceToDevice_overLoopback_makesNoGarbageOfItsOwn(@TempDir Path state) throws Exception {
        try (Node a = new Node(state.resolve("a"));
                Node b = new Node(state.resolve("b"))) {
            a.join(List.of()).get(WAIT_SECONDS, TimeUnit.SECONDS);
            int from = a.device().ipv4();
            int port = a.runtime.transport().boundEndpoints().get(0).port();
            b.join(List.of(new BootstrapTarget("127.0.0.1", port, null))).get(WAIT_SECONDS, TimeUnit.SECONDS);
            int to = b.device().ipv4();
            byte[] small = packet(from, to, false, 64);
            awaitFirst(a, b, small);
            upkeepBytesPerNano = upkeepBytesPerNano();

            measure("UDP, 64 bytes, 256 at a time", a, b, small, 1, 256);
            measure("TCP, acknowledgements, 256 at a time", a, b, packet(from, to, true, 0), 1, 256);
            measure("TCP, full packets, 64 at a time", a, b, packet(from, to, true, TCP_PAYLOAD_BYTES), 1, 64);
            measure("TCP, super-packets of 45", a, b, packet(from, to, true, 45 * TCP_PAYLOAD_BYTES), 45, 32);
            a.setRules("default deny\nallow * -> * : udp/5002");
            TimeUnit.SECONDS.sleep(1);
            measure("UDP, 64 bytes, let in by rules", a, b, small, 1, 256);
        }
    }

    /** The least that the nodes allocate by the clock, whatever passes: on a busy host that is more for each packet. */
    private static double upkeepBytesPerNano() throws InterruptedException {
        double least = Double.MAX_VALUE;
        for (int second = 0; second < UPKEEP_SECONDS; second++) {
            long before = allocatedBytes();
            long startNanos = System.nanoTime();
            TimeUnit.SECONDS.sleep(1);
            least = Math.min(least, (allocatedBytes() - before) / (double) (System.nanoTime() - startNanos));
        }
        return least;
    }

    private static void awaitFirst(Node a, Node b, byte[] packet) throws Exception {
        Counter received = b.received();
        for (int tries = 0; received.value() == 0; tries++) {
            assertThat(tries).isLessThan(200);
            a.runtime.eventLoop().execute(new Burst(a, packet, 1));
            Thread.sleep(100);
        }
    }

    /** The host sends one packet so many times, in as many turns of the loop as that takes. */
    private static final class Burst implements Runnable {
        private final Node node;
        private final CountingTun device;
        private final byte[] packet;
        private final int times;

        Burst(Node node, byte[] packet, int times) throws InterruptedException {
            this.node = node;
            this.device = node.device();
            this.packet = packet;
            this.times = times;
        }

        @Override
        public void run() {
            if (device.isEmpty()) {
                device.send(packet, times);
            } else {
                device.poll();
            }
            if (!device.isEmpty()) {
                node.runtime.eventLoop().execute(this);
            }
        }
    }

    private void measure(String what, Node a, Node b, byte[] packet, int segments, int times) throws Exception {
        double parameters = parameterBytes() * 2;
        double least = Double.MAX_VALUE;
        Burst burst = new Burst(a, packet, times);
        // Read across threads: late, but it makes no garbage on the loop.
        Counter received = b.received();
        for (int round = 0; round < ROUNDS_MAX && least > OWN_BYTES_PER_PACKET_MAX; round++) {
            long receivedBefore = received.value();
            long before = allocatedBytes();
            long startNanos = System.nanoTime();
            for (int sent = 0; sent < PACKETS; sent += times * segments) {
                long goal = received.value() + (long) times * segments;
                a.runtime.eventLoop().execute(burst);
                for (int tries = 0; received.value() < goal && tries < 100_000; tries++) {
                    LockSupport.parkNanos(POLL_NANOS);
                }
            }
            long moved = received.value() - receivedBefore;
            assertThat(moved).isGreaterThan(PACKETS * 9L / 10);
            double upkeepBytes = upkeepBytesPerNano * (System.nanoTime() - startNanos);
            least = Math.min(least, (allocatedBytes() - before - upkeepBytes) / moved - parameters);
        }
        System.out.printf(
                "%s: %.2f bytes per packet of our own beside %.0f of cipher parameters%n", what, least, parameters);
        assertThat(least).as(what).isLessThan(OWN_BYTES_PER_PACKET_MAX);
    }

    /** Of the nodes' own threads. */
    private static long allocatedBytes() {
        long sum = 0;
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("p2pvpn-")) {
                sum += THREADS.getThreadAllocatedBytes(thread.getId());
            }
        }
        return sum;
    }

    /** What the parameters of one operation take. */
    private static double parameterBytes() {
        byte[] nonce = new byte[12];
        GCMParameterSpec[] kept = new GCMParameterSpec[10_000];
        long thread = Thread.currentThread().getId();
        long before = THREADS.getThreadAllocatedBytes(thread);
        for (int i = 0; i < kept.length; i++) {
            kept[i] = new GCMParameterSpec(128, nonce);
        }
        return Math.floor((THREADS.getThreadAllocatedBytes(thread) - before) / (double) kept.length);
    }

    /** An IPv4 packet behind its virtio header, its checksum partial; to be cut if it exceeds the MTU. */
    private static byte[] packet(int source, int destination, boolean tcp, int payloadBytes) {
        int headerBytes = 20 + (tcp ? 20 : 8);
        byte[] packet = new byte[VnetHeader.LENGTH + headerBytes + payloadBytes];
        VnetHeader.writePartial(packet, 0, 20, tcp ? 16 : 6);
        if (headerBytes + payloadBytes > MTU_BYTES) {
            VnetHeader.writeGso(packet, 0, VnetHeader.GSO_TCPV4, headerBytes, TCP_PAYLOAD_BYTES);
        }
        ByteBuffer ip = ByteBuffer.wrap(packet, VnetHeader.LENGTH, headerBytes).slice();
        ip.put((byte) 0x45).put((byte) 0).putShort((short) (headerBytes + payloadBytes));
        ip.putShort((short) 1)
                .putShort((short) 0x4000)
                .put((byte) 64)
                .put((byte) (tcp ? 6 : 17))
                .putShort((short) 0);
        ip.putInt(source).putInt(destination).putShort((short) 5001).putShort((short) 5002);
        if (tcp) {
            ip.putInt(1).putInt(1).put((byte) 0x50).put((byte) 0x10).putShort((short) 501);
        } else {
            ip.putShort((short) (8 + payloadBytes));
        }
        Checksum.writeIpv4Header(packet, VnetHeader.LENGTH, 20);
        return packet;
    }
}
