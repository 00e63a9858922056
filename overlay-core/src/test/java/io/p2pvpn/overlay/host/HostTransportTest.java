package io.p2pvpn.overlay.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Endpoint.Kind;
import io.p2pvpn.overlay.runtime.Transport;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HostTransportTest {
    @TempDir
    Path directory;

    private TestNode node(String name, boolean epoll) throws Exception {
        return TestNode.onLoopback(directory.resolve(name), epoll);
    }

    private static byte[] randomBytes(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static byte[] joined(List<byte[]> frames, int length) {
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] frame : frames) {
            System.arraycopy(frame, 0, all, at, frame.length);
            at += frame.length;
        }
        assertThat(at).isEqualTo(length);
        return all;
    }

    @ParameterizedTest
    @CsvSource({
        "true, UDP",
        "true, TCP",
        "false, UDP",
        "false, TCP",
    })
    void send_batchesOfManySizes_arriveAsSent(boolean epoll, Kind kind) throws Exception {
        int[][] batches = {
            {1, 1}, {36, 36}, {1436, 1436}, {1437, 1436}, {64_620, 1436}, {6400, 100}, {10, 1}, {65_000, 65_000}
        };
        try (TestNode a = node("a", epoll);
                TestNode b = node("b", epoll)) {
            Endpoint to = b.endpoint(kind, "127.0.0.1");
            for (int[] batch : batches) {
                byte[] sent = randomBytes(batch[0], batch[0]);
                int frames = (batch[0] + batch[1] - 1) / batch[1];

                assertThat(a.send(to, sent, batch[1])).isTrue();
                List<byte[]> received = b.nextFrames(frames);

                assertThat(joined(received, sent.length)).isEqualTo(sent);
                assertThat(received.subList(0, frames - 1)).allMatch(frame -> frame.length == batch[1]);
            }
            assertThat(b.batchEnds).hasPositiveValue();
            assertThat(a.failures).isEmpty();
            assertThat(b.failures).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void send_fromBoundSocket_showsItsEndpoint(boolean epoll) throws Exception {
        try (TestNode a = node("a", epoll);
                TestNode b = node("b", epoll)) {
            a.send(b.endpoint(Kind.UDP, "127.0.0.1"), new byte[] {7}, 1);

            TestNode.Frame frame = b.nextFrame();

            assertThat(frame.from()).isEqualTo(a.endpoint(Kind.UDP, "127.0.0.1"));
        }
    }

    @Test
    void send_largeBatch_crossesTheKernelWhole() throws Exception {
        try (TestNode a = node("a", true);
                TestNode b = node("b", true)) {
            a.send(b.endpoint(Kind.UDP, "127.0.0.1"), randomBytes(1, 45 * 1436), 1436);
            b.nextFrames(45);

            assertThat(a.count("transport.send.calls")).isEqualTo(1);
            assertThat(a.count("transport.send.frames")).isEqualTo(45);
            assertThat(a.count("transport.send.segmentation-refused")).isZero();
            assertThat(b.batchSizes).containsExactly(45 * 1436);
        }
    }

    @Test
    void send_singleDatagramsInOneTurn_arriveJoined() throws Exception {
        try (TestNode a = node("a", true);
                TestNode b = node("b", true)) {
            Endpoint to = b.endpoint(Kind.UDP, "127.0.0.1");
            a.onLoop(() -> {
                for (int i = 0; i < 200; i++) {
                    byte[] frame = new byte[100];
                    Arrays.fill(frame, (byte) i);
                    a.runtime.transport().send(to, frame, 0, 100, 100, Transport.CLASS_DEFAULT);
                }
                a.runtime.transport().flush();
                return true;
            });

            List<byte[]> received = b.nextFrames(200);

            for (int i = 0; i < 200; i++) {
                assertThat(received.get(i)).hasSize(100).containsOnly((byte) i);
            }
        }
    }

    @Test
    void send_withoutFlush_leavesAtTheEndOfTheTurn() throws Exception {
        try (TestNode a = node("a", true);
                TestNode b = node("b", true)) {
            Endpoint to = b.endpoint(Kind.UDP, "127.0.0.1");
            a.onLoop(() -> a.runtime.transport().send(to, new byte[] {1, 2, 3}, 1, 2, 2, Transport.CLASS_DEFAULT));

            assertThat(b.nextFrame().bytes()).containsExactly(2, 3);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void send_anyAddress_servesBothFamilies(boolean epoll) throws Exception {
        try (TestNode a = new TestNode(directory.resolve("a"), epoll, ListenAddress.anyAddress(0));
                TestNode b = new TestNode(directory.resolve("b"), epoll, ListenAddress.anyAddress(0))) {
            for (Kind kind : List.of(Kind.UDP, Kind.TCP)) {
                a.send(b.endpoint(kind, "127.0.0.1"), new byte[] {4}, 1);
                TestNode.Frame four = b.nextFrame();
                assertThat(four.bytes()).containsExactly(4);
                assertThat(four.from().isIpv6()).isFalse();

                a.send(b.endpoint(kind, "::1"), new byte[] {6}, 1);
                TestNode.Frame six = b.nextFrame();
                assertThat(six.bytes()).containsExactly(6);
                assertThat(six.from().isIpv6()).isTrue();
            }
        }
    }

    @Test
    void send_toNowhere_isCountedAndHurtsNobody() throws Exception {
        try (TestNode a = node("a", true);
                TestNode b = node("b", true)) {
            Endpoint loopbackCannot = TestNode.endpointAt(Kind.UDP, "192.0.2.1", 9);
            Endpoint otherFamily = TestNode.endpointAt(Kind.UDP, "::1", 9);
            Endpoint nobody = Endpoint.of(Kind.UDP, InetAddress.getLoopbackAddress(), 1);
            Endpoint to = b.endpoint(Kind.UDP, "127.0.0.1");
            a.onLoop(() -> {
                for (Endpoint target : List.of(loopbackCannot, otherFamily, nobody, to, loopbackCannot, to)) {
                    assertThat(a.runtime.transport().send(target, new byte[200], 0, 200, 100, Transport.CLASS_DEFAULT))
                            .isTrue();
                }
                a.runtime.transport().flush();
                return true;
            });

            b.nextFrames(4);

            long dropped = a.count("transport.drop.unreachable") + a.count("transport.drop.send-error");
            assertThat(dropped).isGreaterThanOrEqualTo(1);
            assertThat(a.failures).isEmpty();
        }
    }

    @Test
    void tcp_reply_usesTheSameStream() throws Exception {
        try (TestNode a = node("a", true);
                TestNode b = node("b", true)) {
            Endpoint to = b.endpoint(Kind.TCP, "127.0.0.1");
            a.send(to, new byte[] {1}, 1);
            Endpoint back = b.nextFrame().from();

            b.send(back, new byte[] {2}, 1);
            TestNode.Frame reply = a.nextFrame();

            assertThat(reply.from()).isEqualTo(to);
            assertThat(reply.bytes()).containsExactly(2);
            assertThat(b.count("transport.stream.opened")).isZero();
        }
    }

    @Test
    void tcp_closedByOneSide_isReportedByTheOther() throws Exception {
        try (TestNode a = node("a", true);
                TestNode b = node("b", true)) {
            Endpoint to = b.endpoint(Kind.TCP, "127.0.0.1");
            a.send(to, new byte[] {1}, 1);
            Endpoint back = b.nextFrame().from();

            a.onLoop(() -> {
                a.runtime.transport().close(to);
                return true;
            });

            assertThat(b.next(b.closedStreams, "report")).isEqualTo(back);
            assertThat(a.closedStreams).isEmpty();
        }
    }

    @Test
    void tcp_refusedConnection_isReported() throws Exception {
        int freePort;
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            freePort = probe.getLocalPort();
        }
        try (TestNode a = node("a", true)) {
            Endpoint to = Endpoint.of(Kind.TCP, InetAddress.getLoopbackAddress(), freePort);

            a.send(to, new byte[] {1}, 1);

            assertThat(a.next(a.closedStreams, "report")).isEqualTo(to);
        }
    }

    @Test
    void tcp_badLength_closesTheStream() throws Exception {
        try (TestNode b = node("b", true);
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), b.port())) {
            OutputStream out = socket.getOutputStream();
            out.write(new byte[] {0, 1, 42, 0, 0, 9, 9});

            assertThat(b.nextFrame().bytes()).containsExactly(42);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            assertThat(b.count("transport.stream.bad-length")).isEqualTo(1);
            b.next(b.closedStreams, "report");
        }
    }

    @Test
    void tcp_tooManyFromOneAddress_areRefused() throws Exception {
        try (TestNode b = node("b", true)) {
            Socket[] sockets = new Socket[TcpStreams.INBOUND_PER_ADDRESS_MAX + 1];
            try {
                for (int i = 0; i < sockets.length; i++) {
                    sockets[i] = new Socket(InetAddress.getLoopbackAddress(), b.port());
                    sockets[i].getOutputStream().write(new byte[] {0, 1, (byte) i});
                    if (i < TcpStreams.INBOUND_PER_ADDRESS_MAX) {
                        b.nextFrame();
                    }
                }

                assertThat(readQuietly(sockets[sockets.length - 1])).isEqualTo(-1);
                assertThat(b.count("transport.stream.refused")).isEqualTo(1);
            } finally {
                for (Socket socket : sockets) {
                    if (socket != null) {
                        socket.close();
                    }
                }
            }
        }
    }

    private static int readQuietly(Socket socket) {
        try {
            return socket.getInputStream().read();
        } catch (IOException reset) {
            return -1;
        }
    }

    @Test
    void tcp_readerThatStops_fillsTheQueueAndThenFreesIt() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                TestNode a = node("a", true)) {
            Endpoint to = Endpoint.of(Kind.TCP, InetAddress.getLoopbackAddress(), server.getLocalPort());
            byte[] batch = new byte[60_000];
            boolean accepted = a.send(to, batch, 1000);
            try (Socket socket = server.accept()) {
                int sends = 0;
                while (accepted && sends++ < 10_000) {
                    // Not after the refusal: the kernel may take more at once, and the report of that is the last.
                    a.writableReports.clear();
                    accepted = a.send(to, batch, 1000);
                }
                assertThat(accepted).isFalse();
                assertThat(a.count("transport.drop.queue-full")).isEqualTo(1);

                byte[] sink = new byte[1 << 16];
                long drained = 0;
                boolean isFree = false;
                while (!isFree && drained < (1L << 30)) {
                    isFree = !a.writableReports.isEmpty()
                            && a.onLoop(() -> a.runtime.transport().isWritable());
                    drained += isFree ? 0 : socket.getInputStream().read(sink);
                }
                assertThat(isFree).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void open_portTaken_saysSo(boolean epoll) throws Exception {
        try (TestNode a = node("a", epoll)) {
            for (String kind : List.of("udp:", "tcp:")) {
                HostOptions options = HostOptions.of(directory.resolve("b"), 0)
                        .withEpoll(epoll)
                        .withListen(List.of(ListenAddress.parse(kind + "127.0.0.1:" + a.port())));

                assertThatThrownBy(() -> HostRuntime.open(options))
                        .isInstanceOf(HostException.class)
                        .hasMessageContaining("127.0.0.1:" + a.port())
                        .hasMessageContaining("taken by another program")
                        .hasMessageContaining("--listen");
            }
        }
    }

    @Test
    void open_foreignAddress_saysSo() throws Exception {
        HostOptions options = HostOptions.of(directory, 0).withListen(List.of(ListenAddress.parse("192.0.2.1:0")));

        assertThatThrownBy(() -> HostRuntime.open(options))
                .isInstanceOf(HostException.class)
                .hasMessageContaining("does not have that address");
    }

    @Test
    void boundEndpoints_portZero_samePortForBoth() throws Exception {
        try (TestNode a = node("a", true)) {
            List<Endpoint> bound = a.runtime.transport().boundEndpoints();

            assertThat(bound).hasSize(2);
            assertThat(bound.get(0).kind()).isEqualTo(Kind.UDP);
            assertThat(bound.get(1)).isEqualTo(bound.get(0).withKind(Kind.TCP));
            assertThat(a.onLoop(() -> a.runtime.transport().interfaceEndpoints(List.of())))
                    .isEqualTo(bound);
        }
    }

    @Test
    void interfaceEndpoints_anyAddress_leavesLoopbackOut() throws Exception {
        try (TestNode a = new TestNode(directory, true, ListenAddress.anyAddress(0))) {
            List<Endpoint> endpoints = a.onLoop(() -> a.runtime.transport().interfaceEndpoints(List.of()));

            assertThat(endpoints).allMatch(endpoint -> endpoint.port() == a.port());
            assertThat(endpoints)
                    .noneMatch(endpoint -> endpoint.address().isLoopbackAddress()
                            || endpoint.address().isLinkLocalAddress()
                            || endpoint.address().isAnyLocalAddress());
        }
    }

    @Test
    void socketHook_thatRefuses_stopsTheStart() {
        HostOptions options = HostOptions.of(directory, 0).withSocketHook(fd -> {
            throw new HostException("no socket " + (fd >= 0));
        });

        assertThatThrownBy(() -> HostRuntime.open(options))
                .isInstanceOf(HostException.class)
                .hasMessage("no socket true");
    }

    @Test
    void socketHook_seesEveryKindOfSocket() throws Exception {
        AtomicInteger seen = new AtomicInteger();
        HostOptions options = HostOptions.of(directory.resolve("a"), 0)
                .withListen(List.of(ListenAddress.parse("127.0.0.1:0")))
                .withSocketHook(fd -> seen.incrementAndGet());
        try (HostRuntime runtime = HostRuntime.open(options);
                TestNode b = node("b", true)) {
            assertThat(seen).hasValue(2);
            Endpoint to = b.endpoint(Kind.TCP, "127.0.0.1");

            runtime.timers()
                    .execute(() -> runtime.transport().send(to, new byte[] {1}, 0, 1, 1, Transport.CLASS_DEFAULT));
            b.nextFrame();

            assertThat(seen).hasValue(3);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "true, UDP",
        "true, TCP",
        "false, UDP",
        "false, TCP",
    })
    void receiver_thatThrows_isReportedAsFailure(boolean epoll, Kind kind) throws Exception {
        try (TestNode a = node("a", epoll);
                TestNode b = node("b", epoll)) {
            b.breakReceiver();

            a.send(b.endpoint(kind, "127.0.0.1"), new byte[] {1}, 1);

            assertThat(b.next(b.failures, "failure")).hasMessage("broken receiver");
        }
    }
}
