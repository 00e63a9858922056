package io.p2pvpn.vpn.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.p2pvpn.vpn.rules.Gates;
import io.p2pvpn.vpn.tun.Cidr;
import io.p2pvpn.vpn.tun.LinuxTun;
import io.p2pvpn.vpn.tun.TunDevice;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two devices of the real kernel in two network namespaces, joined by two data planes without encryption: the kernel
 * judges whether cut and merged packets are right.
 */
@Tag("netns")
final class KernelTransferTest {
    private static final long PID = ProcessHandle.current().pid();
    private static final String[] SPACES = {"p2pt-a" + PID, "p2pt-b" + PID};
    private static final int[] ADDRESSES = {0x0a010001, 0x0a010002};
    private static final long ULA = 0xfd00L << 48;
    private static final int SECONDS_MAX = 30;
    private static final int PING_AT_ONCE_SECONDS = 5;

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final IoEventLoop loop = group.next();
    private final FakeRuntime runtime = new FakeRuntime();
    private final LinuxTun[] devices = new LinuxTun[2];
    private final List<Process> servers = new ArrayList<>();

    @BeforeEach
    void connect() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root: makes network namespaces");
        Assumptions.assumeTrue(Files.exists(Path.of("/dev/net/tun")), "needs /dev/net/tun");
        Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/iperf3")), "needs iperf3");
        DataPlane[] planes = new DataPlane[2];
        FakeTunnel[] tunnels = {new FakeTunnel(), new FakeTunnel()};
        for (int i = 0; i < 2; i++) {
            int own = ADDRESSES[i];
            int peer = ADDRESSES[1 - i];
            devices[i] = LinuxTun.open(null);
            configure(SPACES[i], devices[i].name(), i + 1);
            ForwardingTable table = new ForwardingTable();
            tunnels[i].keeping = false;
            table.put(new MemberRoute(tunnels[i], peer, ULA, Gates.open()));
            VirtualNetwork network = new VirtualNetwork(own, Cidr.of4(own, 16), ULA, 1400);
            planes[i] = new DataPlane(
                    runtime,
                    devices[i],
                    network,
                    table,
                    (destination, packet, length) -> {},
                    new FakeMisdirected(),
                    GroupHandler.NONE);
        }
        for (int i = 0; i < 2; i++) {
            tunnels[i].peer = planes[1 - i];
            tunnels[i].peersRouteToUs = new MemberRoute(tunnels[i], ADDRESSES[i], ULA, Gates.open());
            DataPlane plane = planes[i];
            devices[i].setListener(new TunDevice.Listener() {
                @Override
                public void onReadable() {
                    plane.onReadable();
                }

                @Override
                public void onGone() {}
            });
            devices[i].attach(loop);
            loop.submit(plane::start).sync();
        }
    }

    private static void configure(String space, String device, int host) throws Exception {
        run("ip", "netns", "add", space);
        run("ip", "link", "set", device, "netns", space);
        run("ip", "-n", space, "link", "set", device, "mtu", "1400", "up");
        run("ip", "-n", space, "addr", "add", "10.1.0." + host + "/16", "dev", device);
        run("ip", "-n", space, "addr", "add", "fd00::10.1.0." + host + "/64", "dev", device, "nodad");
    }

    @AfterEach
    void stop() throws Exception {
        servers.forEach(Process::destroy);
        for (LinuxTun device : devices) {
            if (device != null) {
                loop.submit(device::close).sync();
                new ProcessBuilder("ip", "netns", "del", SPACES[device == devices[0] ? 0 : 1])
                        .start()
                        .waitFor();
            }
        }
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(String.join(" ", command) + ": " + output)
                .isZero();
        return output;
    }

    private static String in(int space, String command) throws Exception {
        return run(("ip netns exec " + SPACES[space] + " " + command).split(" "));
    }

    /** Errors that the receiving kernel counted. */
    private static long errors(int space) throws Exception {
        String counts = in(space, "nstat -asz IpInHdrErrors TcpInCsumErrors UdpInCsumErrors Udp6InCsumErrors");
        Matcher matcher = Pattern.compile("(?m)^\\S+\\s+(\\d+)").matcher(counts);
        long sum = 0;
        while (matcher.find()) {
            sum += Long.parseLong(matcher.group(1));
        }
        return sum;
    }

    @Test
    @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void pingAndTransfers_throughTwoKernels_noErrorsAndNothingDropped() throws Exception {
        for (String peer : List.of("10.1.0.2", "fd00::10.1.0.2")) {
            in(0, "ping -c3 -i0.01 -W" + PING_AT_ONCE_SECONDS + " " + peer);
            for (String options : List.of("-n 300M", "-n 300M -R", "-n 100M -M 600", "-u -b 100M -l 1300 -n 10M")) {
                Process server = new ProcessBuilder(
                                "ip", "netns", "exec", SPACES[1], "iperf3", "-s", "-1", "--forceflush")
                        .redirectErrorStream(true)
                        .start();
                servers.add(server);
                server.inputReader().readLine();
                server.inputReader().readLine();
                String report = in(0, "iperf3 -f m " + options + " -c " + peer);
                assertThat(server.waitFor(SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
                report.lines().filter(line -> line.contains("receiver")).forEach(System.out::println);
            }
        }
        assertThat(errors(0) + errors(1)).isZero();
        loop.submit(() -> System.out.println(runtime.counters().snapshot())).sync();
        for (String reason : List.of("malformed", "source", "destination", "kind", "toobig", "foreign", "device")) {
            assertThat(runtime.count("data.drop." + reason)).as(reason).isZero();
        }
    }
}
