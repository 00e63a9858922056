package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.stream.StreamError;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What happens to streams when the network, or what the ends know of each other, changes under them. */
class StreamFaultTest {
    private static final long MILLI_NANOS = 1_000_000L;
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final int BYTES = 3_000_000;

    private static Endpoint address(int last) {
        return Objects.requireNonNull(
                Endpoint.of(Endpoint.Kind.UDP, new byte[] {(byte) 198, 51, 100, (byte) last}, 4001));
    }

    private static void begin(StreamPair pair, long seed) {
        pair.a().host().setUplinkBytesPerSecond(1_000_000);
        pair.a().open(pair.b(), "x").write(seed, BYTES);
        pair.world().runFor(SECOND_NANOS);
        assertThat(pair.b().accepted().get(0).readBytes()).isBetween(100_000L, (long) BYTES - 100_000);
    }

    private static void assertArrives(StreamPair pair, long seed, long seconds) {
        pair.runUntil(() -> pair.b().accepted().get(0).isAtEnd(), seconds);
        assertThat(pair.b().accepted().get(0).digest()).isEqualTo(StreamEnds.digestOf(seed, BYTES));
        pair.assertNothingDropped();
    }

    @Test
    void roaming_ofTheSender_delaysTheBytesNoMore() {
        SimSeeds.forEach(Seeds.count(5), seed -> {
            StreamPair pair = StreamPair.connected(seed, LinkModel.INTERNET);
            begin(pair, seed);
            pair.a().host().roam(address(1));
            pair.a().host().tellNetworkChanged();
            assertArrives(pair, seed, 15);
        });
    }

    @Test
    void roaming_ofTheReceiver_delaysTheBytesNoMore() {
        SimSeeds.forEach(Seeds.count(5), seed -> {
            StreamPair pair = StreamPair.connected(seed, LinkModel.INTERNET);
            begin(pair, seed);
            pair.b().host().roam(address(2));
            pair.b().host().tellNetworkChanged();
            assertArrives(pair, seed, 15);
            assertThat(pair.a().count("stream.path-changed")).isPositive();
        });
    }

    @Test
    void network_goneForThreeSeconds_delaysTheBytesNoMore() {
        SimSeeds.forEach(Seeds.count(5), seed -> {
            StreamPair pair = StreamPair.connected(seed, LinkModel.INTERNET);
            begin(pair, seed);
            Partition cut = pair.world().network().isolate(List.of(pair.b().host()));
            pair.world().runFor(3 * SECOND_NANOS);
            pair.world().network().heal(cut);
            assertArrives(pair, seed, 15);
        });
    }

    @Test
    void smallerLink_thanWasAssumed_isFoundOut() {
        StreamPair pair = StreamPair.connected(1, LinkModel.INTERNET.withMtu(1300));
        pair.transfer(1, 1_000_000, 30);
        pair.assertNothingDropped();
    }

    @Test
    void narrowUplink_isFilled() {
        StreamPair pair = StreamPair.connected(2, LinkModel.constantDelay(20 * MILLI_NANOS));
        pair.a().host().setUplinkBytesPerSecond(1_000_000);
        long start = pair.world().nanoTime();
        pair.transfer(1, 10_000_000, 60);
        // Frames add about four percent to the 10 s.
        assertThat(pair.world().nanoTime() - start).isBetween(10 * SECOND_NANOS, 13 * SECOND_NANOS);
    }

    @Test
    void session_forgottenByOneEnd_endsItsStreamsAtTheOther_andNewOnesBegin() {
        SimSeeds.forEach(Seeds.count(10), seed -> {
            StreamPair pair = StreamPair.connected(seed, LinkModel.INTERNET);
            StreamEnds here = pair.a().open(pair.b(), "x");
            pair.runUntil(here::isOpened, 10);
            // What b says at the end does not reach a, which so has the session still when b calls anew.
            Partition cut = pair.world().network().isolate(List.of(pair.b().host()));
            pair.b().with(pair.a()).close("test");
            pair.world().network().heal(cut);
            pair.b().call(pair.a());
            pair.runUntil(() -> pair.b().isConnected(pair.a()), 20);
            assertThat(here.reset()).isNull();
            here.write(1, 100_000);
            pair.runUntil(() -> here.reset() != null, 20);
            assertThat(here.reset()).isEqualTo(StreamError.Kind.PEER_FORGOT);
            pair.transfer(9, 300_000, 30);
        });
    }

    @Test
    void session_forgottenByOneEnd_whichOpensAStream_endsTheOldOnesAtTheOther() {
        SimSeeds.forEach(Seeds.count(10), seed -> {
            StreamPair pair = StreamPair.connected(seed, LinkModel.INTERNET);
            StreamEnds here = pair.a().open(pair.b(), "x");
            pair.runUntil(here::isOpened, 10);
            Partition cut = pair.world().network().isolate(List.of(pair.b().host()));
            pair.b().with(pair.a()).close("test");
            pair.world().network().heal(cut);
            pair.b().call(pair.a());
            pair.runUntil(() -> pair.b().isConnected(pair.a()), 20);
            StreamEnds back = pair.b().open(pair.a(), "y");
            back.write(3, 50_000);
            pair.runUntil(
                    () -> !pair.a().accepted().isEmpty()
                            && pair.a().accepted().get(0).isAtEnd(),
                    20);
            assertThat(pair.a().accepted().get(0).digest()).isEqualTo(StreamEnds.digestOf(3, 50_000));
            assertThat(here.reset()).isEqualTo(StreamError.Kind.PEER_FORGOT);
        });
    }

    @Test
    void world_ofTheSameSeed_isTheSameTwice() {
        assertThat(digest(4)).isEqualTo(digest(4)).isNotEqualTo(digest(5));
    }

    private static String digest(long seed) {
        StreamPair pair = StreamPair.connected(seed, LinkModel.INTERNET.withLoss(0.02));
        pair.transfer(seed, 300_000, 60);
        return pair.world().digest();
    }
}
