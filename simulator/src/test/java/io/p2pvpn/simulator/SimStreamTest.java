package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.simulator.LinkModel.Jitter;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SimStreamTest {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000_000_000L;

    private final SimWorld world = new SimWorld(SimSeeds.seedOr(1));
    private final SimNetwork network = world.network();
    private final SimHost hostA = network.addHost("a");
    private final SimHost hostB = network.addHost("b");
    private final Recorder a = new Recorder(hostA.start());
    private final Recorder b = new Recorder(hostB.start());
    private final Endpoint toB = hostB.address().withKind(Endpoint.Kind.TCP);

    @Test
    void send_firstFrame_takesOneRoundTripMore() {
        a.send(toB, "aabbc", 2);
        world.runFor(SECOND);
        assertThat(b.frames).containsExactly("aa", "bb", "c");
        assertThat(b.arrivalsNanos).containsOnly(30 * MILLI);
        Endpoint client = b.senders.get(0);
        assertThat(client.kind()).isEqualTo(Endpoint.Kind.TCP);
        assertThat(client.addressBytes()).isEqualTo(hostA.address().addressBytes());
        b.send(client, "answer");
        world.runFor(SECOND);
        assertThat(a.frames).containsExactly("answer");
        assertThat(a.senders).containsExactly(toB);
        assertThat(a.arrivalsNanos).containsExactly(SECOND + 10 * MILLI);
    }

    @Test
    void send_lossyJitteryLink_everythingArrivesInOrder() {
        network.setDefaultLink(LinkModel.CLEAN
                .withDelay(MILLI, 50 * MILLI, Jitter.EXPONENTIAL)
                .withLoss(0.3)
                .withDuplication(0.3)
                .withReordering(0.3, SECOND));
        StringBuilder sent = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            String frame = i + ";";
            sent.append(frame);
            assertThat(a.send(toB, frame)).isTrue();
            world.runFor(MILLI);
        }
        world.runFor(10 * SECOND);
        assertThat(String.join("", b.frames)).isEqualTo(sent.toString());
        assertThat(b.frames).hasSize(500);
    }

    @Test
    void send_nobodyListens_isRefusedAfterARoundTrip() {
        hostB.setAcceptsStreams(false);
        a.send(toB, "x");
        world.run(20 * MILLI - 1);
        assertThat(a.closed).isEmpty();
        world.run(20 * MILLI);
        assertThat(a.closed).containsExactly(toB);
        assertThat(b.frames).isEmpty();
        hostB.setAcceptsStreams(true);
        a.send(toB, "y");
        world.runFor(SECOND);
        assertThat(b.frames).containsExactly("y");
    }

    @Test
    void send_nobodyThere_givesUpAfterTenSeconds() {
        hostB.setUp(false);
        a.send(toB, "x");
        world.runFor(9 * SECOND);
        assertThat(a.closed).isEmpty();
        world.runFor(3 * SECOND);
        assertThat(a.closed).containsExactly(toB);
    }

    @Test
    void partition_short_delaysOnly() {
        connect();
        network.partition(List.of(hostA), List.of(hostB));
        a.send(toB, "1");
        a.send(toB, "2");
        world.runFor(5 * SECOND);
        assertThat(b.frames).containsExactly("hello");
        network.healAll();
        world.runFor(SECOND);
        assertThat(b.frames).containsExactly("hello", "1", "2");
        assertThat(a.closed).isEmpty();
    }

    @Test
    void partition_long_breaksTheStreamForBothEnds() {
        connect();
        Endpoint client = b.senders.get(0);
        network.partition(List.of(hostA), List.of(hostB));
        a.send(toB, "lost");
        world.runFor(20 * SECOND);
        assertThat(a.closed).containsExactly(toB);
        assertThat(b.closed).containsExactly(client);
        network.healAll();
        a.send(toB, "anew");
        world.runFor(SECOND);
        assertThat(b.frames).containsExactly("hello", "anew");
        assertThat(b.senders.get(1)).isNotEqualTo(client);
    }

    @Test
    void close_afterSending_deliversThenEnds() {
        a.send(toB, "hello");
        a.runtime.transport().close(toB);
        world.runFor(SECOND);
        assertThat(b.frames).containsExactly("hello");
        assertThat(b.closed).containsExactly(b.senders.get(0));
        assertThat(a.closed).as("who closes is not told").isEmpty();
    }

    @Test
    void crash_openStream_endsForTheOther() {
        connect();
        hostB.restart();
        world.runFor(SECOND);
        assertThat(a.closed).containsExactly(toB);
        assertThat(b.closed).isEmpty();
    }

    @Test
    void roam_openStream_breaksWhenUsed() {
        connect();
        Endpoint elsewhere = Endpoint.of(Endpoint.Kind.UDP, new byte[] {12, 0, 0, 1}, 4001);
        hostA.roam(elsewhere);
        a.send(toB, "lost");
        world.runFor(20 * SECOND);
        assertThat(b.frames).containsExactly("hello");
        assertThat(a.closed).containsExactly(toB);
    }

    @Test
    void send_fullQueue_isRefusedUntilWritable() {
        connect();
        network.clog(hostA, hostB, SECOND);
        String batch = "x".repeat(65_000);
        int accepted = 0;
        while (a.send(toB, batch, 65_000)) {
            accepted++;
        }
        assertThat(accepted).isEqualTo(StreamEnd.QUEUE_BYTES_MAX / 65_000);
        world.runFor(SECOND / 2);
        assertThat(a.writables).isZero();
        world.runFor(SECOND);
        assertThat(a.writables).isEqualTo(1);
        assertThat(b.frames).hasSize(1 + accepted);
        assertThat(a.send(toB, batch, 65_000)).isTrue();
    }

    @Test
    void tap_swallowedFrame_breaksTheStream() {
        connect();
        network.addTap((now, from, to, frame) -> null);
        a.send(toB, "lost");
        world.runFor(SECOND);
        assertThat(a.closed).containsExactly(toB);
        assertThat(b.closed).hasSize(1);
    }

    private void connect() {
        a.send(toB, "hello");
        world.runFor(SECOND);
        assertThat(b.frames).containsExactly("hello");
    }
}
