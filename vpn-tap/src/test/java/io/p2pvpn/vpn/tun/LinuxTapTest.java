package io.p2pvpn.vpn.tun;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.p2pvpn.vpn.packet.BigEndian;
import io.p2pvpn.vpn.packet.VnetHeader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An Ethernet device of the real kernel. */
@Tag("netns")
final class LinuxTapTest {
    private static final long PID = ProcessHandle.current().pid();
    private static final String DEVICE = "p2pe" + PID % 1_000_000;
    private static final String PREFIX = "10.212." + PID % 256 + ".";
    private static final String OWN = PREFIX + 1;
    private static final String PEER = PREFIX + 2;
    private static final byte[] OWN_MAC = {(byte) 0xfe, 1, 2, 3, 4, 5};
    private static final byte[] PEER_MAC = {2, 1, 2, 3, 4, 6};
    private static final int WAIT_SECONDS = 10;
    private static final int ARP = 0x0806;
    private static final int IPV4 = 0x0800;

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final IoEventLoop loop = group.next();
    private final LinkedBlockingQueue<byte[]> datagrams = new LinkedBlockingQueue<>();

    @BeforeEach
    void needsRoot() {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root: opens a TAP device");
        Assumptions.assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs /dev/net/tun");
    }

    @AfterEach
    void stop() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private LinuxTun openAndConfigure() throws Exception {
        LinuxTun tap = LinuxTun.openTap(DEVICE, true, 1);
        try (NetworkConfig config = NetworkConfig.open()) {
            config.setHardwareAddress(DEVICE, OWN_MAC);
            config.setUp(DEVICE, 1400, 500);
            assertThat(config.addAddress(DEVICE, InetAddress.getByName(OWN), 24))
                    .isTrue();
        }
        tap.setListener(new TunDevice.Listener() {
            @Override
            public void onReadable() {
                byte[] buffer = new byte[TunDevice.READ_BYTES_MAX];
                for (int n = tap.read(buffer); n > 0; n = tap.read(buffer)) {
                    onFrame(tap, buffer, n);
                }
            }

            @Override
            public void onGone() {
                throw new AssertionError("gone");
            }
        });
        tap.attach(loop);
        loop.submit(tap::resumeReading).sync();
        return tap;
    }

    private void onFrame(LinuxTun tap, byte[] buffer, int length) {
        int type = BigEndian.getShort(tap.frameHeader(), 12);
        boolean toPeer = type == IPV4 && buffer[VnetHeader.LENGTH + 9] == 17;
        if (type == ARP) {
            byte[] reply = Arrays.copyOf(buffer, length);
            int arp = VnetHeader.LENGTH;
            BigEndian.putShort(reply, arp + 6, 2);
            System.arraycopy(buffer, arp + 8, reply, arp + 18, 10);
            System.arraycopy(PEER_MAC, 0, reply, arp + 8, 6);
            System.arraycopy(buffer, arp + 24, reply, arp + 14, 4);
            assertThat(tap.write(header(ARP), reply, 0, length)).isTrue();
        } else if (toPeer && Arrays.equals(Arrays.copyOf(tap.frameHeader(), 6), PEER_MAC)) {
            datagrams.add(Arrays.copyOf(buffer, length));
        }
    }

    private static byte[] header(int type) {
        byte[] header = new byte[TapDevice.HEADER_BYTES];
        System.arraycopy(OWN_MAC, 0, header, 0, 6);
        System.arraycopy(PEER_MAC, 0, header, 6, 6);
        BigEndian.putShort(header, 12, type);
        return header;
    }

    /** With the offload header of a TUN, in both directions. */
    @Test
    void udp_readAndSentBack_arrives() throws Exception {
        LinuxTun tap = openAndConfigure();
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(WAIT_SECONDS * 1000);
            socket.send(new DatagramPacket(new byte[99], 99, InetAddress.getByName(PEER), 7));
            byte[] packet = datagrams.poll(WAIT_SECONDS, TimeUnit.SECONDS);
            assertThat(packet).isNotNull();
            assertThat(packet).hasSize(VnetHeader.LENGTH + 28 + 99);
            assertThat(VnetHeader.flags(packet, 0) & VnetHeader.FLAG_NEEDS_CSUM).isNotZero();
            assertThat(VnetHeader.csumStart(packet, 0)).isEqualTo(20);
            byte[] back = packet.clone();
            int ip = VnetHeader.LENGTH;
            System.arraycopy(packet, ip + 12, back, ip + 16, 4);
            System.arraycopy(packet, ip + 16, back, ip + 12, 4);
            System.arraycopy(packet, ip + 20, back, ip + 22, 2);
            System.arraycopy(packet, ip + 22, back, ip + 20, 2);
            assertThat(loop.submit(() -> tap.write(header(IPV4), back, 0, back.length))
                            .get())
                    .isTrue();
            DatagramPacket received = new DatagramPacket(new byte[200], 200);
            socket.receive(received);
            assertThat(received.getLength()).isEqualTo(99);
        }
        loop.submit(tap::close).sync();
        assertThat(NetworkInterface.getByName(DEVICE)).isNull();
    }

    @Test
    void link_andAddresses_areWhatWasSet() throws Exception {
        LinuxTun tap = openAndConfigure();
        InetAddress own = InetAddress.getByName(OWN);
        try (NetworkConfig config = NetworkConfig.open()) {
            assertThat(config.link(DEVICE)).isEqualTo(new NetworkConfig.Link(DEVICE, 0xfe01_0203_0405L, 0));
            assertThat(config.link("p2pnone")).isNull();
            assertThat(config.devicesWith(own)).containsExactly(DEVICE);
            config.removeAddress(DEVICE, own, 24);
            config.removeAddress(DEVICE, own, 24);
            assertThat(config.devicesWith(own)).isEmpty();
        }
        loop.submit(tap::close).sync();
    }
}
