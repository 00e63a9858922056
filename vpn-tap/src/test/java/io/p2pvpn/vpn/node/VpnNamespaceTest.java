package io.p2pvpn.vpn.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.vpn.names.ServiceType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an application does with a namespace: three nodes on loopback, without devices, as any user. */
class VpnNamespaceTest {
    private static final int MEMBERS = 3;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path directory;

    private static final List<VpnNode> NODES = new ArrayList<>();
    private static final Queue<String> LEASES = new ConcurrentLinkedQueue<>();
    private static final Queue<String> PEERS = new ConcurrentLinkedQueue<>();

    @BeforeAll
    static void start() throws Exception {
        VpnNode bootstrap = VpnNode.builder()
                .listen("127.0.0.1:0")
                .stateDirectory(directory.resolve("bootstrap"))
                .withoutLanDiscovery()
                .listener(new VpnNodeListener() {
                    @Override
                    public void onPeerUp(String overlayId) {
                        PEERS.add(overlayId);
                    }
                })
                .build()
                .start();
        NODES.add(bootstrap);
        bootstrap.joined().get(20, TimeUnit.SECONDS);
        String entry = bootstrap.status().get(5, TimeUnit.SECONDS).endpoints().stream()
                .map(each -> each.uri())
                .filter(uri -> uri.startsWith(Endpoint.Kind.UDP.name().toLowerCase(Locale.ROOT)))
                .map(uri -> uri.substring(uri.lastIndexOf(':') + 1))
                .findFirst()
                .orElseThrow();
        for (int i = 0; i < MEMBERS; i++) {
            VpnNode member = VpnNode.builder()
                    .bootstrap("127.0.0.1:" + entry)
                    .namespace("lab")
                    .open()
                    .hostName("node" + i)
                    .withoutDevice()
                    .withoutLanDiscovery()
                    .stateDirectory(directory.resolve("member" + i))
                    .listener(new VpnNodeListener() {
                        @Override
                        public void onLease(String namespace, @Nullable String virtualIp) {
                            LEASES.add(namespace + " " + virtualIp);
                        }
                    })
                    .build()
                    .start();
            NODES.add(member);
            member.joined().get(30, TimeUnit.SECONDS);
        }
    }

    @AfterAll
    static void stop() {
        NODES.forEach(VpnNode::stop);
        NODES.forEach(each -> each.exited().join());
    }

    private static VpnNamespace lab(int member) {
        return NODES.get(1 + member).namespace("lab");
    }

    private static <T extends @Nullable Object> T done(CompletableFuture<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** A name is claimed soon after its member has joined, not before. */
    private static void awaitNames() throws Exception {
        for (int i = 0; i < 100; i++) {
            try {
                done(lab(0).call("node1", "test.none", bytes("")));
            } catch (ExecutionException known) {
                if (String.valueOf(known.getCause().getMessage()).contains("nobody answers")) {
                    return;
                }
            }
            Thread.sleep(100);
        }
        throw new AssertionError("node1 is not known by name");
    }

    @Test
    void events_ofLeases_areTold() {
        assertThat(LEASES).hasSize(MEMBERS).doesNotHaveDuplicates().allMatch(told -> told.startsWith("lab 10."));
    }

    @Test
    void listener_hearsOfEveryPeer() throws Exception {
        for (VpnNode member : NODES.subList(1, NODES.size())) {
            assertThat(PEERS).contains(done(member.status()).overlayId());
        }
    }

    @Test
    void members_areAllThatAnswer() throws Exception {
        assertThat(done(lab(0).members()))
                .extracting(VpnNamespace.Member::name)
                .containsExactlyInAnyOrder("node0", "node1", "node2");
    }

    @Test
    void call_isAnsweredByTheMemberOfThatName_whoKnowsWhoAsks() throws Exception {
        awaitNames();
        done(lab(1).handle(
                        "test.echo",
                        (from, request) ->
                                CompletableFuture.completedFuture(bytes(from.name() + " says " + text(request)))));
        assertThat(text(done(lab(0).call("node1", "test.echo", bytes("hello")))))
                .isEqualTo("node0 says hello");
        assertThat(text(done(lab(2).call("NODE1", "test.echo", bytes("x"))))).isEqualTo("node2 says x");
        byte[] large = new byte[VpnNamespace.CALL_BYTES_MAX - 20];
        assertThat(done(lab(0).call("node1", "test.echo", large))).hasSize(large.length + "node0 says ".length());

        done(lab(1).handle("test.echo", null));
        assertThatThrownBy(() -> done(lab(0).call("node1", "test.echo", bytes(""))))
                .hasMessageContaining("nobody answers test.echo here");
    }

    @Test
    void call_thatCannotBe_saysWhy() {
        assertThatThrownBy(() -> done(lab(0).call("nobody", "m", bytes(""))))
                .hasMessageContaining("nobody in lab is called nobody");
        assertThatThrownBy(() -> done(lab(0).call("10.255.255.1", "m", bytes(""))))
                .hasMessageContaining("nobody holds 10.255.255.1");
        assertThatThrownBy(() -> done(lab(0).call("node1", "", bytes("")))).hasMessageContaining("characters");
        assertThatThrownBy(() -> done(lab(0).call("node1", "m", new byte[16 * 1024 + 1])))
                .hasMessageContaining("at most 16384 bytes");
        assertThatThrownBy(() -> done(NODES.get(1).namespace("other").members()))
                .hasMessageContaining("not a member of other");
    }

    @Test
    void broadcast_reachesEveryOtherMemberOnce() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        for (int i = 0; i < MEMBERS; i++) {
            String who = "node" + i;
            done(lab(i).onBroadcast("news", (source, payload) -> heard.add(who + " " + text(payload))));
        }
        assertThat(done(lab(1).broadcast("news", bytes("hear")))).isTrue();
        List<String> all = new ArrayList<>();
        all.add(heard.poll(10, TimeUnit.SECONDS));
        all.add(heard.poll(10, TimeUnit.SECONDS));
        assertThat(all).containsExactlyInAnyOrder("node0 hear", "node2 hear");
        assertThat(heard.poll(500, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void records_areFoundByAll_untilTheyAreRemoved() throws Exception {
        done(lab(0).put("test.key", bytes("zero"), Duration.ofMinutes(10)));
        done(lab(1).put("test.key", bytes("one"), Duration.ofMinutes(10)));
        assertThat(done(lab(2).get("test.key")))
                .extracting(entry -> text(entry.value()))
                .containsExactlyInAnyOrder("zero", "one");
        done(lab(0).remove("test.key"));
        assertThat(done(lab(2).get("test.key")))
                .extracting(entry -> text(entry.value()))
                .containsExactly("one");
        done(lab(0).claim("test.claim", bytes("mine"), Duration.ofMinutes(10)));
        assertThatThrownBy(() -> done(lab(1).claim("test.claim", bytes("mine"), Duration.ofMinutes(10))))
                .isInstanceOf(ExecutionException.class);
    }

    @Test
    void services_areFoundByAll() throws Exception {
        ServiceType http = ServiceType.parse("http");
        done(lab(2).publish(http, 8080));
        assertThat(done(lab(0).services(http)))
                .extracting(each -> each.hostName() + ":" + each.port())
                .containsExactly("node2:8080");
        done(lab(2).unpublish(http));
        assertThat(done(lab(0).services(http))).isEmpty();
    }

    @Test
    void handler_thatFails_isAFailedCall() throws Exception {
        awaitNames();
        done(lab(1).handle(
                        "test.fail",
                        (from, request) -> CompletableFuture.failedFuture(
                                new CompletionException(new IllegalStateException("broken")))));
        assertThatThrownBy(() -> done(lab(0).call("node1", "test.fail", bytes(""))))
                .hasMessageContaining("no answer");
    }

    @Test
    void stream_toAMember_carriesBytesBothWays_whoKnowsWhoOpened() throws Exception {
        done(lab(1).acceptStreams("test.digest", stream -> {
            Thread thread = new Thread(() -> answerDigest(stream));
            thread.setDaemon(true);
            thread.start();
        }));
        awaitNames();
        byte[] content = new byte[5_000_000];
        new Random(1).nextBytes(content);
        try (VpnStream stream = done(lab(0).openStream("node1", "test.digest"))) {
            assertThat(stream.peer().name()).isEqualTo("node1");
            stream.output().write(content, 0, 1_000_000);
            stream.output().write(content, 1_000_000, 4_000_000);
            done(stream.finish());
            assertThat(text(stream.input().readAllBytes())).isEqualTo("node0 " + digest(content));
        }
    }

    private static String digest(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void answerDigest(VpnStream stream) {
        try (stream) {
            byte[] content = stream.input().readAllBytes();
            stream.output().write(bytes(stream.peer().name() + " " + digest(content)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void stream_resetByTheOtherEnd_failsWithItsCode() throws Exception {
        done(lab(2).acceptStreams("test.reset", stream -> stream.reset(77)));
        VpnStream stream = done(lab(0).openStream(addressOf(2), "test.reset"));
        assertThatThrownBy(() -> done(stream.read(new byte[10], 0, 10)))
                .cause()
                .isInstanceOfSatisfying(
                        StreamException.class,
                        failed -> assertThat(failed.applicationCode()).isEqualTo(77));
        assertThatThrownBy(() -> stream.output().write(1)).isInstanceOf(StreamException.class);
    }

    private static String addressOf(int member) throws Exception {
        return String.valueOf(
                done(NODES.get(1 + member).status()).namespaces().get(0).virtualIp());
    }

    @Test
    void stream_thatCannotBe_saysWhy() {
        assertThatThrownBy(() -> done(lab(0).openStream(addressOf(1), "test.nothing")))
                .hasMessageContaining("nobody serves that there");
        assertThatThrownBy(() -> done(lab(0).openStream("10.255.255.1", "x")))
                .hasMessageContaining("nobody holds 10.255.255.1");
        assertThatThrownBy(() -> done(lab(0).openStream(addressOf(0), "x"))).hasMessageContaining("this member itself");
        assertThatThrownBy(() -> done(lab(0).openStream(addressOf(1), ""))).hasMessageContaining("1 to 64 bytes");
    }

    @Test
    void stream_finishedTwice_orWrittenTo_afterwards_fails() throws Exception {
        done(lab(1).acceptStreams("test.half", stream -> {}));
        VpnStream stream = done(lab(0).openStream(addressOf(1), "test.half"));
        done(stream.finish());
        done(stream.finish());
        assertThatThrownBy(() -> done(stream.write(bytes("x")))).hasMessageContaining("finished already");
        CompletableFuture<Integer> read = stream.read(new byte[1], 0, 1);
        stream.close();
        assertThatThrownBy(() -> done(read)).cause().isInstanceOf(StreamException.class);
    }
}
