package io.p2pvpn.overlay.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Endpoint.Kind;
import io.p2pvpn.overlay.runtime.Timers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TlsStreamsTest {
    private static final int TRIES_MAX = 200;

    @TempDir
    Path directory;

    private TestNode node(String name, boolean epoll) throws Exception {
        return new TestNode(directory.resolve(name), epoll, ListenAddress.parse("tls:127.0.0.1:0"));
    }

    /** The first stream makes the node prepare TLS, which drops what it is for, as a network may. */
    private static TestNode.Frame firstFrame(TestNode from, TestNode at, Endpoint to) throws Exception {
        for (int i = 0; i < TRIES_MAX; i++) {
            from.send(to, new byte[] {9}, 1);
            TestNode.Frame frame = at.frames.poll(100, TimeUnit.MILLISECONDS);
            if (frame != null) {
                Thread.sleep(20);
                at.frames.clear();
                return frame;
            }
        }
        throw new AssertionError("no stream to " + to);
    }

    private static SSLSocket client(int port) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        return (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    }

    private static void readToTheEnd(Socket socket) {
        try {
            while (socket.getInputStream().read() >= 0) {
                // An alert may come first.
            }
        } catch (IOException reset) {
            // That is an end, too.
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void send_batchesOfManySizes_arriveAsSent(boolean epoll) throws Exception {
        int[][] batches = {{1, 1}, {1436, 1436}, {64_620, 1436}, {6400, 100}, {65_000, 65_000}};
        try (TestNode a = node("a", epoll);
                TestNode b = node("b", epoll)) {
            Endpoint to = b.endpoint(Kind.TLS, "127.0.0.1");
            firstFrame(a, b, to);
            for (int[] batch : batches) {
                byte[] sent = new byte[batch[0]];
                new Random(batch[0]).nextBytes(sent);

                assertThat(a.send(to, sent, batch[1])).isTrue();

                int at = 0;
                for (byte[] frame : b.nextFrames((batch[0] + batch[1] - 1) / batch[1])) {
                    assertThat(frame).isEqualTo(Arrays.copyOfRange(sent, at, at + frame.length));
                    at += frame.length;
                }
                assertThat(at).isEqualTo(sent.length);
            }
            assertThat(a.failures).isEmpty();
            assertThat(b.failures).isEmpty();
            assertThat(b.count("transport.stream.tls-failed")).isZero();
        }
    }

    @Test
    void reply_usesTheSameStream_andItsEndIsReported() throws Exception {
        try (TestNode a = node("a", true);
                TestNode b = node("b", true)) {
            Endpoint to = b.endpoint(Kind.TLS, "127.0.0.1");
            Endpoint back = firstFrame(a, b, to).from();
            assertThat(back.kind()).isEqualTo(Kind.TLS);

            b.send(back, new byte[] {2}, 1);
            assertThat(a.nextFrame().from()).isEqualTo(to);
            a.onLoop(() -> {
                a.runtime.transport().close(to);
                return true;
            });

            assertThat(b.next(b.closedStreams, "report")).isEqualTo(back);
            assertThat(b.count("transport.stream.opened")).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\u0016\u0003\u0001\u0000\u0005aaaaaaaaaaaaaaaaaaaaaaaa"})
    void garbageInsteadOfClientHello_endsTheStreamAndNothingElse(String garbage) throws Exception {
        try (TestNode a = node("a", true);
                TestNode b = node("b", true);
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), b.port())) {
            socket.getOutputStream().write(garbage.getBytes(StandardCharsets.ISO_8859_1));

            readToTheEnd(socket);

            b.next(b.closedStreams, "report");
            assertThat(b.count("transport.stream.tls-failed")).isEqualTo(1);
            assertThat(b.failures).isEmpty();
            firstFrame(a, b, b.endpoint(Kind.TLS, "127.0.0.1"));
        }
    }

    @Test
    void serverWithoutTls_isReportedAsClosed() throws Exception {
        try (TestNode a = node("a", true);
                ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            Endpoint to = Endpoint.of(Kind.TLS, InetAddress.getLoopbackAddress(), server.getLocalPort());
            try (Socket socket = acceptFrom(a, to, server)) {
                socket.getOutputStream().write("SSH-2.0-OpenSSH_9\r\n".getBytes(StandardCharsets.US_ASCII));

                assertThat(a.next(a.closedStreams, "report")).isEqualTo(to);
            }
            assertThat(a.count("transport.stream.tls-failed")).isEqualTo(1);
            assertThat(a.failures).isEmpty();
        }
    }

    private static Socket acceptFrom(TestNode node, Endpoint to, ServerSocket server) throws Exception {
        server.setSoTimeout(100);
        for (int i = 0; i < TRIES_MAX; i++) {
            node.send(to, new byte[] {9}, 1);
            try {
                return server.accept();
            } catch (SocketTimeoutException notYet) {
                // TLS is being prepared.
            }
        }
        throw new AssertionError("no stream to " + to);
    }

    @Test
    void streamThatIsNotFrames_isEnded() throws Exception {
        try (TestNode b = node("b", true);
                SSLSocket socket = client(b.port())) {
            socket.getOutputStream().write(new byte[] {0, 1, 42, 0, 0, 9});

            assertThat(b.nextFrame().bytes()).containsExactly(42);
            readToTheEnd(socket);
            assertThat(b.count("transport.stream.bad-length")).isEqualTo(1);
            b.next(b.closedStreams, "report");
        }
    }

    @Test
    void handshakeThatNeverEnds_isGivenUp() throws Exception {
        Timers immediately = new Timers() {
            @Override
            public Timer schedule(long delayNanos, Runnable task) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void execute(Runnable task) {
                task.run();
            }
        };
        Counters counters = new Counters();
        HostBlocking crypto = new HostBlocking(immediately, "test-tls", 1);
        StreamLayers layers = new StreamLayers(StreamOptions.DEFAULT, crypto, new TransportCounters(counters));
        layers.prepareServer();
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.freezeTime();
        Endpoint remote = Endpoint.of(Kind.TLS, InetAddress.getLoopbackAddress(), 5);
        layers.addServer(channel, new TcpStream(null, remote, true));

        channel.advanceTimeBy(StreamLayers.HANDSHAKE_MILLIS - 1, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        assertThat(channel.isOpen()).isTrue();
        channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();

        assertThat(channel.isOpen()).isFalse();
        assertThat(counters.counter("transport.stream.tls-failed").value()).isEqualTo(1);
        crypto.finish(0);
    }

    @Test
    void clientHello_looksLikeABrowsers() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
                TestNode a = node("a", true)) {
            Endpoint to = Endpoint.of(Kind.TLS, InetAddress.getLoopbackAddress(), server.getLocalPort());
            a.onLoop(() -> {
                a.runtime.transport().learnName(to.address(), "vpn.example.net");
                return true;
            });
            Socket socket = acceptFrom(a, to, server);
            byte[] hello = socket.getInputStream().readNBytes(200);
            socket.close();

            assertThat(hello[0]).isEqualTo((byte) 22);
            assertThat(new String(hello, StandardCharsets.ISO_8859_1)).contains("vpn.example.net");
        }
    }

    @Test
    void certificateOfTheOperator_isShown() throws Exception {
        Path certificate = directory.resolve("c.pem");
        Path key = directory.resolve("k.pem");
        TestCertificates.write("CN=web.example", certificate, key);
        StreamOptions streams = new StreamOptions(certificate, key, null);
        try (TestNode b = new TestNode(directory.resolve("b"), true, ListenAddress.parse("tls:127.0.0.1:0"), streams);
                SSLSocket socket = client(b.port())) {
            socket.startHandshake();

            X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            assertThat(shown.getSubjectX500Principal().getName()).isEqualTo("CN=web.example");
        }
    }

    @Test
    void certificateThatCannotBeUsed_isNamedInOneLine() throws Exception {
        Path good = directory.resolve("good.pem");
        Path key = directory.resolve("key.pem");
        TestCertificates.write("CN=web.example", good, key);
        Path garbage = Files.writeString(directory.resolve("garbage.pem"), "no certificate");
        Path other = directory.resolve("other.pem");
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(1024);
        Files.writeString(
                other,
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(
                                        generator.generateKeyPair().getPrivate().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");
        List<StreamOptions> wrong = List.of(
                new StreamOptions(directory.resolve("missing.pem"), key, null),
                new StreamOptions(garbage, key, null),
                new StreamOptions(good, garbage, null),
                new StreamOptions(good, directory, null),
                new StreamOptions(good, other, null));
        for (StreamOptions streams : wrong) {
            HostOptions options = HostOptions.of(directory.resolve("b"), 0)
                    .withListen(List.of(ListenAddress.parse("tls:127.0.0.1:0")))
                    .withStreams(streams);
            assertThatThrownBy(() -> HostRuntime.open(options))
                    .isInstanceOf(HostException.class)
                    .hasMessageContaining("TLS")
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void portOfPlainTcp_isRefused() throws Exception {
        for (List<String> listen :
                List.of(List.of("127.0.0.1:4443", "tls:4443"), List.of("tls:127.0.0.1:4443", "tcp:127.0.0.1:4443"))) {
            List<ListenAddress> addresses =
                    List.of(ListenAddress.parse(listen.get(0)), ListenAddress.parse(listen.get(1)));
            HostOptions options = HostOptions.of(directory, 0).withListen(addresses);

            assertThatThrownBy(() -> HostRuntime.open(options))
                    .isInstanceOf(HostException.class)
                    .hasMessageContaining("plain TCP too")
                    .hasMessageContaining("--listen udp:4443");
        }
    }

    @Test
    void portTaken_saysSo() throws Exception {
        try (TestNode b = node("b", true)) {
            HostOptions options = HostOptions.of(directory.resolve("c"), 0)
                    .withListen(List.of(ListenAddress.parse("tls:127.0.0.1:" + b.port())));

            assertThatThrownBy(() -> HostRuntime.open(options))
                    .isInstanceOf(HostException.class)
                    .hasMessageContaining("cannot listen on TLS 127.0.0.1:" + b.port())
                    .hasMessageContaining("taken by another program");
        }
    }
}
