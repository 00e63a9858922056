package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.session.SessionConfig;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Two hosts with a session, and streams in it. */
record StreamPair(SimWorld world, StreamPeer a, StreamPeer b) {
    private static final long SECOND_NANOS = 1_000_000_000L;

    static StreamPair connected(long seed, LinkModel link, SessionConfig config) {
        SimWorld world = new SimWorld(seed);
        world.network().setDefaultLink(link);
        StreamPair pair = new StreamPair(
                world,
                new StreamPeer(world.network().addHost("a"), config),
                new StreamPeer(world.network().addHost("b"), config));
        pair.a.call(pair.b);
        pair.runUntil(() -> pair.a.isConnected(pair.b) && pair.b.isConnected(pair.a), 20);
        return pair;
    }

    static StreamPair connected(long seed, LinkModel link) {
        return connected(seed, link, SessionConfig.DEFAULT);
    }

    void runUntil(BooleanSupplier done, long seconds) {
        assertThat(world.runUntil(done, seconds * SECOND_NANOS)).isTrue();
    }

    /** Sends so much, made from that seed, from a to b, and checks what comes. */
    void transfer(long seed, int bytes, long secondsMax) {
        int before = b.accepted().size();
        StreamEnds here = a.open(b, "transfer");
        here.write(seed, bytes);
        runUntil(() -> b.accepted().size() > before && b.accepted().get(before).isAtEnd(), secondsMax);
        assertThat(b.accepted().get(before).digest()).isEqualTo(StreamEnds.digestOf(seed, bytes));
    }

    void assertNothingDropped() {
        for (StreamPeer peer : List.of(a, b)) {
            for (String reason : List.of("malformed", "window", "final-size", "gaps", "ack", "open", "stale")) {
                assertThat(peer.count("stream.drop." + reason)).as(reason).isZero();
            }
        }
    }
}
