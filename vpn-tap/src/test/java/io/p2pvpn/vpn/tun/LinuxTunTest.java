package io.p2pvpn.vpn.tun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.p2pvpn.overlay.host.HostOptions;
import io.p2pvpn.overlay.host.HostRuntime;
import io.p2pvpn.overlay.posix.LinuxConstants;
import io.p2pvpn.overlay.posix.NativeBuffer;
import io.p2pvpn.overlay.posix.Posix;
import io.p2pvpn.vpn.packet.BigEndian;
import io.p2pvpn.vpn.packet.Checksum;
import io.p2pvpn.vpn.packet.IpPacket;
import io.p2pvpn.vpn.packet.VnetHeader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device of the real kernel. */
@Tag("netns")
final class LinuxTunTest {
    // Two runs on one host must not meet.
    private static final long PID = ProcessHandle.current().pid();
    private static final String DEVICE = "p2pt" + PID % 1_000_000;
    private static final String PREFIX = "10.211." + PID % 256 + ".";
    private static final String OWN = PREFIX + 1;
    private static final String PEER = PREFIX + 2;
    private static final String PREFIX_6 = "fd21:1:" + PID % 10_000 + "::";
    private static final String OWN_6 = PREFIX_6 + 1;
    private static final String PEER_6 = PREFIX_6 + 2;
    private static final int WAIT_SECONDS = 10;
    private static final int SO_RCVTIMEO = 20;
    private static final int RING_PACKETS = 500;
    private static final int KERNEL_RINGS_MAX = 256;

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final IoEventLoop loop = group.next();
    private final LinkedBlockingQueue<byte[]> packets = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();

    @BeforeEach
    void needsRoot() {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root: opens a TUN device");
        Assumptions.assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs /dev/net/tun");
    }

    @AfterEach
    void stop() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private LinuxTun openAndConfigure() throws Exception {
        LinuxTun tun = LinuxTun.open(DEVICE);
        try (NetworkConfig config = NetworkConfig.open()) {
            config.setUp(DEVICE, 1400, RING_PACKETS);
            assertThat(config.addAddress(DEVICE, InetAddress.getByName(OWN), 24))
                    .isTrue();
            config.addAddress(DEVICE, InetAddress.getByName(OWN_6), 64);
        }
        tun.setListener(new TunDevice.Listener() {
            @Override
            public void onReadable() {
                byte[] buffer = new byte[TunDevice.READ_BYTES_MAX];
                for (int n = tun.read(buffer); n > 0; n = tun.read(buffer)) {
                    packets.add(Arrays.copyOf(buffer, n));
                }
            }

            @Override
            public void onGone() {
                events.add("gone");
            }
        });
        tun.attach(loop);
        loop.submit(tun::resumeReading).sync();
        return tun;
    }

    /** The next packet of that protocol; the kernel sends neighbour and group messages of its own. */
    private byte[] next(int protocol) throws InterruptedException {
        IpPacket ip = new IpPacket();
        while (true) {
            byte[] packet = packets.poll(WAIT_SECONDS, TimeUnit.SECONDS);
            assertThat(packet).as("a packet of protocol " + protocol).isNotNull();
            assertThat(ip.parse(packet, VnetHeader.LENGTH, packet.length - VnetHeader.LENGTH))
                    .isTrue();
            boolean multicast = ip.version() == 6 && ip.destination6High() >>> 56 == 0xff;
            if (ip.protocol() == protocol && !multicast) {
                return packet;
            }
        }
    }

    @Test
    void pingIntoTheDevice_answeredByUs_pingSucceeds() throws Exception {
        LinuxTun tun = openAndConfigure();
        for (boolean ipv6 : new boolean[] {false, true}) {
            Process ping = new ProcessBuilder("ping", "-c1", "-W" + WAIT_SECONDS, ipv6 ? PEER_6 : PEER)
                    .redirectErrorStream(true)
                    .start();
            byte[] packet = next(ipv6 ? IpPacket.PROTOCOL_ICMPV6 : IpPacket.PROTOCOL_ICMP);
            int icmp = VnetHeader.LENGTH + (ipv6 ? 40 : 20);
            int addresses = VnetHeader.LENGTH + (ipv6 ? 8 : 12);
            int bytes = ipv6 ? 16 : 4;
            byte[] reply = packet.clone();
            System.arraycopy(packet, addresses, reply, addresses + bytes, bytes);
            System.arraycopy(packet, addresses + bytes, reply, addresses, bytes);
            reply[icmp] = (byte) (ipv6 ? 129 : 0);
            int checksum = BigEndian.getShort(packet, icmp + 2);
            BigEndian.putShort(reply, icmp + 2, Checksum.update(checksum, ipv6 ? 0x8000 : 0x0800, ipv6 ? 0x8100 : 0));
            assertThat(loop.submit(() -> tun.write(reply, 0, reply.length)).get())
                    .isTrue();
            assertThat(ping.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(ping.exitValue()).isZero();
        }
        loop.submit(tun::close).sync();
        assertThat(NetworkInterface.getByName(DEVICE)).isNull();
    }

    @Test
    void addressOfATunnel_isNoCandidate(@TempDir Path directory) throws Exception {
        openAndConfigure();
        HostOptions options = HostOptions.of(directory, 0);
        try (HostRuntime runtime = HostRuntime.open(options)) {
            assertThat(runtime.eventLoop()
                            .submit(() -> runtime.transport().interfaceEndpoints(List.of()))
                            .get())
                    .noneMatch(endpoint -> endpoint.address().getHostAddress().equals(OWN));
        }
    }

    @Test
    void udpIntoTheDevice_whilePausedWaits_arrivesWithPartialChecksum() throws Exception {
        LinuxTun tun = openAndConfigure();
        assertThat(tun.hasOffloads()).isTrue();
        loop.submit(tun::pauseReading).sync();
        packets.clear();
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.send(new DatagramPacket(new byte[99], 99, InetAddress.getByName(PEER), 7));
        }
        loop.submit(() -> assertThat(packets).isEmpty()).sync();
        loop.submit(tun::resumeReading).sync();
        byte[] packet = next(IpPacket.PROTOCOL_UDP);
        assertThat(packet).hasSize(VnetHeader.LENGTH + 28 + 99);
        assertThat(VnetHeader.flags(packet, 0) & VnetHeader.FLAG_NEEDS_CSUM).isNotZero();
        assertThat(VnetHeader.csumStart(packet, 0)).isEqualTo(20);
        loop.submit(tun::close).sync();
    }

    /** Swapping addresses and ports leaves the checksums as they are. */
    private static void turnAround(byte[] packet) {
        byte[] before = packet.clone();
        int ip = VnetHeader.LENGTH;
        System.arraycopy(before, ip + 12, packet, ip + 16, 4);
        System.arraycopy(before, ip + 16, packet, ip + 12, 4);
        System.arraycopy(before, ip + 20, packet, ip + 22, 2);
        System.arraycopy(before, ip + 22, packet, ip + 20, 2);
    }

    @Test
    void udpSuperPacket_readAndWrittenBack_arrivesAsDatagrams() throws Exception {
        LinuxTun tun = openAndConfigure();
        Assumptions.assumeTrue(tun.hasUdpSegmentation(), "needs a kernel with USO on TUN devices (6.2)");
        Posix posix = Posix.get();
        int socket = posix.socket(LinuxConstants.AF_INET, LinuxConstants.SOCK_DGRAM, 0);
        NativeBuffer block = NativeBuffer.allocate(4096);
        block.putInt(0, 500);
        assertThat(posix.setsockopt(socket, LinuxConstants.SOL_UDP, LinuxConstants.UDP_SEGMENT, block.address(), 4))
                .isZero();
        block.putLong(0, WAIT_SECONDS);
        assertThat(posix.setsockopt(socket, LinuxConstants.SOL_SOCKET, SO_RCVTIMEO, block.address(), 16))
                .isZero();
        block.putShort(0, LinuxConstants.AF_INET);
        block.put(2, new byte[] {0, 7}, 0, 2);
        block.put(4, InetAddress.getByName(PEER).getAddress(), 0, 4);
        assertThat(posix.connect(socket, block.address(), 16)).isZero();
        assertThat(posix.write(socket, block.address(100), 2200)).isEqualTo(2200);

        byte[] packet = next(IpPacket.PROTOCOL_UDP);
        assertThat(packet).hasSize(VnetHeader.LENGTH + 28 + 2200);
        assertThat(VnetHeader.gsoType(packet, 0)).isEqualTo(VnetHeader.GSO_UDP_L4);
        assertThat(VnetHeader.gsoSize(packet, 0)).isEqualTo(500);
        turnAround(packet);
        assertThat(loop.submit(() -> tun.write(packet, 0, packet.length)).get()).isTrue();
        for (int expected : new int[] {500, 500, 500, 500, 200}) {
            assertThat(posix.recv(socket, block.address(), 4000, 0)).isEqualTo(expected);
        }
        posix.close(socket);
        loop.submit(tun::close).sync();
    }

    /** Waits for the datagram that is on its way, and sends it back; the ring that its flow has from now on. */
    private int settle(LinuxTun tun, DatagramSocket socket) throws Exception {
        socket.setSoTimeout(WAIT_SECONDS * 1000);
        socket.send(new DatagramPacket(new byte[99], 99, InetAddress.getByName(PEER), 7));
        byte[] packet = next(IpPacket.PROTOCOL_UDP);
        turnAround(packet);
        assertThat(loop.submit(() -> tun.write(packet, 0, packet.length)).get()).isTrue();
        socket.receive(new DatagramPacket(new byte[99], 99));
        return LinuxTun.ringOf(packet, VnetHeader.LENGTH, packet.length - VnetHeader.LENGTH, tun.ringCount());
    }

    @Test
    void backlogOfOneFlow_anotherFlow_isReadAtOnceAndLosesNothing() throws Exception {
        LinuxTun tun = openAndConfigure();
        assertThat(tun.ringCount()).isEqualTo(LinuxTun.RINGS);
        try (DatagramSocket bulk = new DatagramSocket()) {
            int ring = settle(tun, bulk);
            assertThat(ring).isPositive();
            DatagramSocket thin = new DatagramSocket();
            while (settle(tun, thin) == ring) {
                thin.close();
                thin = new DatagramSocket();
            }
            loop.submit(tun::pauseReading).sync();
            for (int i = 0; i < 2 * RING_PACKETS; i++) {
                bulk.send(new DatagramPacket(new byte[1300], 1300, InetAddress.getByName(PEER), 7));
            }
            for (int i = 0; i < 5; i++) {
                thin.send(new DatagramPacket(new byte[5], 5, InetAddress.getByName(PEER), 7));
            }
            thin.close();
            packets.clear();
            loop.submit(tun::resumeReading).sync();
            int atThin = 0;
            // A message of the kernel's own may have had a place in the full ring, and one fewer of the flow is there.
            for (int i = 0, ofThin = 0; ofThin < 5; i++) {
                if (next(IpPacket.PROTOCOL_UDP).length < 99) {
                    ofThin++;
                    atThin = i;
                }
            }
            assertThat(atThin).isLessThan(FairRings.QUANTUM_BYTES / 1300 + 10);
        }
        loop.submit(tun::close).sync();
    }

    @Test
    void open_severalParts_eachHasItsRings() throws Exception {
        LinuxTun tun = LinuxTun.open(DEVICE, true, 4);
        try {
            assertThat(tun.linuxQueues()).hasSize(3);
            assertThat(tun.ringCount()).isEqualTo(LinuxTun.RINGS_MAX / 4);
            assertThat(tun.linuxQueues()).allMatch(part -> part.ringCount() == LinuxTun.RINGS_MAX / 4);
        } finally {
            tun.linuxQueues().forEach(LinuxTun::close);
            tun.close();
        }
        assertThat(NetworkInterface.getByName(DEVICE)).isNull();
    }

    @Test
    void open_moreThanTheKernelHas_asManyAsThereAre() throws Exception {
        LinuxTun tun = new TunOpener(Posix.get(), /* tap= */ false).open(DEVICE, true, 2, KERNEL_RINGS_MAX);
        try {
            assertThat(tun.ringCount()).isEqualTo(KERNEL_RINGS_MAX / 2);
            assertThat(tun.linuxQueues()).singleElement().matches(part -> part.ringCount() == KERNEL_RINGS_MAX / 2);
        } finally {
            tun.linuxQueues().forEach(LinuxTun::close);
            tun.close();
        }
    }

    @Test
    void localPrefixes_withTheDevice_holdItsPrefixesUnlessExcluded() throws Exception {
        LinuxTun tun = openAndConfigure();
        try (NetworkConfig config = NetworkConfig.open()) {
            Cidr own = Cidr.parse(OWN + "/24");
            assertThat(config.localPrefixes(null)).contains(own, Cidr.parse("127.0.0.0/8"));
            assertThat(config.localPrefixes(DEVICE)).doesNotContain(own).contains(Cidr.parse("127.0.0.0/8"));
        }
        loop.submit(tun::close).sync();
    }

    @Test
    void removedBySomeoneElse_listenerToldOnceAndWritesRefused() throws Exception {
        LinuxTun tun = openAndConfigure();
        assertThat(new ProcessBuilder("ip", "link", "del", DEVICE).start().waitFor())
                .isZero();
        assertThat(events.poll(WAIT_SECONDS, TimeUnit.SECONDS)).isEqualTo("gone");
        assertThat(loop.submit(() -> tun.write(new byte[38], 0, 38)).get()).isFalse();
        loop.submit(tun::close).sync();
        assertThat(events).isEmpty();
    }

    @Test
    void open_nameTakenOrImpossible_saysSo() throws Exception {
        try (LinuxTun first = LinuxTun.open(DEVICE);
                LinuxTun unnamed = LinuxTun.open(null)) {
            assertThat(first.name()).isEqualTo(DEVICE);
            assertThat(unnamed.name()).startsWith("p2p");
            assertThatThrownBy(() -> LinuxTun.open(DEVICE).close())
                    .isInstanceOf(TunException.class)
                    .hasMessageContaining(DEVICE + " exists already: choose another name");
        }
        assertThatThrownBy(() -> LinuxTun.open("a/b").close()).hasMessageContaining("cannot name a device");
    }
}
