package io.p2pvpn.overlay.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Endpoint.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ProxiedStreamsTest {
    private static final int TRIES_MAX = 200;
    private static final String PUBLIC = "203.0.113.9";

    @TempDir
    Path directory;

    /** Answers every request with one text, and then, if that is a yes, pipes to one port whatever was asked for. */
    private static final class FakeProxy implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        private final LinkedBlockingQueue<String> requests = new LinkedBlockingQueue<>();
        private final String answer;
        private final int targetPort;

        FakeProxy(String answer, int targetPort) throws IOException {
            this.answer = answer;
            this.targetPort = targetPort;
            inBackground(this::acceptAll);
        }

        private interface Work {
            void run() throws IOException;
        }

        private static void inBackground(Work work) {
            Thread thread = new Thread(() -> {
                try {
                    work.run();
                } catch (IOException ended) {
                    // The test is over, or a stream.
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        private void acceptAll() throws IOException {
            while (true) {
                Socket socket = server.accept();
                inBackground(() -> serve(socket));
            }
        }

        private void serve(Socket client) throws IOException {
            StringBuilder request = new StringBuilder();
            while (request.indexOf("\r\n\r\n") < 0) {
                request.append((char) client.getInputStream().read());
            }
            requests.add(request.toString());
            client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
            if (!answer.startsWith("HTTP/1.1 200")) {
                client.close();
                return;
            }
            try (Socket target = new Socket(InetAddress.getLoopbackAddress(), targetPort)) {
                inBackground(() -> pipe(target, client));
                pipe(client, target);
            }
        }

        private static void pipe(Socket from, Socket to) throws IOException {
            InputStream in = from.getInputStream();
            byte[] block = new byte[8192];
            for (int read = in.read(block); read >= 0; read = in.read(block)) {
                to.getOutputStream().write(block, 0, read);
            }
            to.close();
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    private TestNode behind(FakeProxy proxy, String credentials) throws Exception {
        HttpProxy parsed = HttpProxy.parse("http://" + credentials + "127.0.0.1:" + proxy.server.getLocalPort());
        return new TestNode(
                directory.resolve("a"),
                true,
                ListenAddress.parse("127.0.0.1:0"),
                StreamOptions.DEFAULT.withProxy(parsed));
    }

    private static TestNode.Frame firstFrame(TestNode from, TestNode at, Endpoint to) throws Exception {
        for (int i = 0; i < TRIES_MAX; i++) {
            from.send(to, new byte[] {9}, 1);
            TestNode.Frame frame = at.frames.poll(100, TimeUnit.MILLISECONDS);
            if (frame != null) {
                return frame;
            }
        }
        throw new AssertionError("no stream to " + to);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"TCP", "TLS"})
    void send_throughTheProxy_arrivesAndIsAnswered(Kind kind) throws Exception {
        String listen = kind == Kind.TLS ? "tls:127.0.0.1:0" : "tcp:127.0.0.1:0";
        try (TestNode b = new TestNode(directory.resolve("b"), true, ListenAddress.parse(listen));
                FakeProxy proxy = new FakeProxy("HTTP/1.1 200 fine\r\nVia: x\r\n\r\n", b.port());
                TestNode a = behind(proxy, "me:p%40ss@")) {
            Endpoint to = TestNode.endpointAt(kind, PUBLIC, 443);

            Endpoint back = firstFrame(a, b, to).from();
            b.send(back, new byte[] {2, 3}, 2);

            TestNode.Frame answer = a.nextFrame();
            assertThat(answer.from()).isEqualTo(to);
            assertThat(answer.bytes()).containsExactly(2, 3);
            String basic = Base64.getEncoder().encodeToString("me:p@ss".getBytes(StandardCharsets.UTF_8));
            assertThat(proxy.requests.take())
                    .startsWith("CONNECT " + PUBLIC + ":443 HTTP/1.1\r\n")
                    .containsIgnoringCase("proxy-authorization: Basic " + basic);
        }
    }

    @Test
    void send_knownName_isLeftToTheProxyToLookUp() throws Exception {
        try (TestNode b = new TestNode(directory.resolve("b"), true, ListenAddress.parse("tcp:127.0.0.1:0"));
                FakeProxy proxy = new FakeProxy("HTTP/1.1 200 fine\r\n\r\n", b.port());
                TestNode a = behind(proxy, "")) {
            Endpoint to = TestNode.endpointAt(Kind.TCP, PUBLIC, 4001);
            a.onLoop(() -> {
                a.runtime.transport().learnName(to.address(), "vpn.example.net");
                return true;
            });

            firstFrame(a, b, to);

            assertThat(proxy.requests.take())
                    .startsWith("CONNECT vpn.example.net:4001 HTTP/1.1\r\n")
                    .doesNotContainIgnoringCase("authorization");
        }
    }

    @Test
    void send_nearAddress_goesStraight() throws Exception {
        try (TestNode b = new TestNode(directory.resolve("b"), true, ListenAddress.parse("127.0.0.1:0"));
                FakeProxy proxy = new FakeProxy("HTTP/1.1 200 fine\r\n\r\n", 1);
                TestNode a = behind(proxy, "")) {
            a.send(b.endpoint(Kind.TCP, "127.0.0.1"), new byte[] {7}, 1);
            assertThat(b.nextFrame().bytes()).containsExactly(7);
            a.send(b.endpoint(Kind.UDP, "127.0.0.1"), new byte[] {8}, 1);
            assertThat(b.nextFrame().bytes()).containsExactly(8);
            assertThat(proxy.requests).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 503 no\r\n\r\n",
                "SSH-2.0-OpenSSH_9\r\n",
                "",
                "HTTP/1.1 long"
            })
    void badAnswer_isCountedAndEndsTheStream(String answer) throws Exception {
        String text = answer.endsWith("long") ? answer + "\r\nX: " + "a".repeat(100_000) : answer;
        try (FakeProxy proxy = new FakeProxy(text, 1);
                TestNode a = behind(proxy, "")) {
            Endpoint to = TestNode.endpointAt(Kind.TCP, PUBLIC, 443);

            a.send(to, new byte[] {1}, 1);

            assertThat(a.next(a.closedStreams, "report")).isEqualTo(to);
            assertThat(a.count("transport.stream.proxy-failed")).isEqualTo(1);
            assertThat(a.failures).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "secret",
                "http://",
                "http://h",
                "http://h:0",
                "http://h:70000",
                "https://h:1",
                "socks5://h:1",
                "http://secret@h:1",
                "http://u:secret@h:1/path",
                "http://u:secret%0a@h:1",
                "http://u:secret @h:1"
            })
    void parse_malformed_isRefusedWithoutRepeatingIt(String text) {
        assertThatThrownBy(() -> HttpProxy.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a proxy is http://")
                .hasMessageNotContaining("secret")
                .hasNoCause();
    }

    @Test
    void parse_credentials_areReadAndNotShown() {
        HttpProxy proxy = HttpProxy.parse("http://us%3Aer:pa:s%2Fs@[2001:db8::1]:3128/");

        assertThat(proxy.user()).isEqualTo("us:er");
        assertThat(proxy.password()).isEqualTo("pa:s/s");
        assertThat(proxy.host()).isEqualTo("2001:db8::1");
        assertThat(proxy).hasToString("http://[2001:db8::1]:3128");
        assertThat(new StreamOptions(null, null, proxy).toString()).doesNotContain("pa:s");
    }
}
