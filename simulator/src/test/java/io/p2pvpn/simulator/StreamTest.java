package io.p2pvpn.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.noise.CipherSuite;
import io.p2pvpn.overlay.session.SessionConfig;
import io.p2pvpn.overlay.stream.StreamError;
import io.p2pvpn.overlay.stream.StreamLimits;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Streams over links with every fault, under new keys, over changing paths: all bytes, once, in order. */
class StreamTest {
    private static final long MILLI_NANOS = 1_000_000L;
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final LinkModel BAD = new LinkModel(
            10 * MILLI_NANOS, 15 * MILLI_NANOS, LinkModel.Jitter.UNIFORM, 0.05, 0.02, 0.1, 30 * MILLI_NANOS, 1500);

    private static SessionConfig rekeyAfter(long nanos) {
        SessionConfig normal = SessionConfig.DEFAULT;
        return new SessionConfig(
                CipherSuite.AES_256_GCM,
                nanos,
                2 * nanos,
                normal.keepaliveNanos(),
                normal.idleNanos(),
                normal.crypto());
    }

    private static void runBothWays(long seed, LinkModel link, SessionConfig config, int bytes) {
        StreamPair pair = StreamPair.connected(seed, link, config);
        pair.b().setOnAccept(ends -> {
            ends.readAll();
            ends.write(seed + 1, bytes / 2);
        });
        StreamEnds here = pair.a().open(pair.b(), "both");
        here.write(seed, bytes);
        pair.runUntil(
                () -> here.isAtEnd()
                        && !pair.b().accepted().isEmpty()
                        && pair.b().accepted().get(0).isAtEnd(),
                600);
        StreamEnds there = pair.b().accepted().get(0);
        assertThat(pair.b().accepted()).hasSize(1);
        assertThat(there.readBytes()).isEqualTo(bytes);
        assertThat(there.digest()).isEqualTo(StreamEnds.digestOf(seed, bytes));
        assertThat(here.readBytes()).isEqualTo(bytes / 2);
        assertThat(here.digest()).isEqualTo(StreamEnds.digestOf(seed + 1, bytes / 2));
        assertThat(here.reset()).isNull();
        assertThat(there.stopped()).isNull();
        pair.assertNothingDropped();
    }

    @Test
    void stream_overACleanLink_bringsAllBytesInOrder() {
        SimSeeds.forEach(3, seed -> runBothWays(seed, LinkModel.CLEAN, SessionConfig.DEFAULT, 3_000_000));
    }

    @Test
    void stream_withLossAndReordering_bringsAllBytesInOrder() {
        SimSeeds.forEach(Seeds.count(), seed -> runBothWays(seed, BAD, SessionConfig.DEFAULT, 400_000));
    }

    @Test
    void stream_underNewKeysEvery100Ms_bringsAllBytesInOrder() {
        SimSeeds.forEach(Seeds.count(5), seed -> runBothWays(seed, BAD, rekeyAfter(100 * MILLI_NANOS), 400_000));
    }

    @Test
    void manyStreams_atOnce_allComeToTheirEnd() {
        SimSeeds.forEach(Seeds.count(10), seed -> {
            StreamPair pair = StreamPair.connected(seed, BAD);
            List<StreamEnds> ends = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                StreamEnds one = pair.a().open(pair.b(), "s" + i);
                one.write(seed * 1000 + i, i * 300L);
                ends.add(one);
            }
            pair.b().setOnAccept(there -> {
                there.readAll();
                there.write(7, 1000);
            });
            pair.runUntil(
                    () -> pair.b().accepted().size() == 100
                            && pair.b().accepted().stream().allMatch(StreamEnds::isAtEnd)
                            && ends.stream().allMatch(StreamEnds::isAtEnd),
                    300);
            for (StreamEnds there : pair.b().accepted()) {
                int i = Integer.parseInt(there.service().substring(1));
                assertThat(there.digest()).isEqualTo(StreamEnds.digestOf(seed * 1000 + i, i * 300L));
            }
            pair.assertNothingDropped();
        });
    }

    @Test
    void tooManyStreams_areRefusedUntilSomeEnd() {
        StreamPair pair = StreamPair.connected(1, LinkModel.CLEAN);
        List<StreamEnds> open = new ArrayList<>();
        for (int i = 0; i < StreamLimits.STREAMS_MAX; i++) {
            open.add(pair.a().open(pair.b(), "idle"));
        }
        assertThat(pair.a().tryOpen(pair.b(), "idle")).isNull();
        pair.runUntil(() -> open.stream().allMatch(StreamEnds::isOpened), 60);
        open.get(0).stream().reset(StreamError.of(StreamError.Kind.CLOSED));
        pair.world().runFor(SECOND_NANOS);
        assertThat(pair.a().tryOpen(pair.b(), "idle")).isNotNull();
    }

    @Test
    void unknownService_isRefused() {
        SimSeeds.forEach(Seeds.count(10), seed -> {
            StreamPair pair = StreamPair.connected(seed, BAD);
            StreamEnds ends = pair.a().open(pair.b(), "none");
            ends.write(1, 100_000);
            pair.runUntil(() -> ends.reset() != null, 60);
            assertThat(ends.reset()).isEqualTo(StreamError.Kind.NO_SERVICE);
            assertThat(ends.stopped()).isEqualTo(StreamError.Kind.NO_SERVICE);
            assertThat(pair.b().accepted()).isEmpty();
        });
    }

    @Test
    void slowReader_holdsTheSenderBack() {
        StreamPair pair = StreamPair.connected(3, LinkModel.CLEAN);
        pair.b().setOnAccept(ends -> ends.readSlowly(1000, 100 * MILLI_NANOS));
        StreamEnds here = pair.a().open(pair.b(), "slow");
        here.write(5, 3_000_000);
        pair.world().runFor(30 * SECOND_NANOS);
        StreamEnds there = pair.b().accepted().get(0);
        assertThat(there.readBytes()).isBetween(200_000L, 320_000L);
        // What is on its way and in both buffers, and no more.
        assertThat(there.stream().available()).isBetween(100_000, 256 << 10);
        assertThat(here.stream().waitingBytes()).isLessThanOrEqualTo(1 << 20);
        there.readAll();
        pair.runUntil(there::isAtEnd, 60);
        assertThat(there.digest()).isEqualTo(StreamEnds.digestOf(5, 3_000_000));
        pair.assertNothingDropped();
    }

    @Test
    void reset_ofTheSender_isHeardWithItsCode() {
        SimSeeds.forEach(Seeds.count(10), seed -> {
            StreamPair pair = StreamPair.connected(seed, BAD);
            StreamEnds here = pair.a().open(pair.b(), "x");
            here.write(1, 10_000_000);
            pair.world().runFor(SECOND_NANOS);
            here.stream().reset(StreamError.ofApplication(42));
            pair.runUntil(
                    () -> !pair.b().accepted().isEmpty()
                            && pair.b().accepted().get(0).reset() != null,
                    60);
            StreamEnds there = pair.b().accepted().get(0);
            assertThat(there.stream().readError()).isNotNull();
            assertThat(there.stream().readError().applicationCode()).isEqualTo(42);
            pair.runUntil(() -> there.stopped() != null, 60);
            // Others go on, with the whole of the session's window.
            StreamEnds next = pair.a().open(pair.b(), "y");
            next.write(2, 2_000_000);
            pair.runUntil(
                    () -> pair.b().accepted().size() == 2
                            && pair.b().accepted().get(1).isAtEnd(),
                    120);
            assertThat(pair.b().accepted().get(1).digest()).isEqualTo(StreamEnds.digestOf(2, 2_000_000));
            pair.assertNothingDropped();
        });
    }

    @Test
    void stopReading_ofTheReceiver_stopsTheSender() {
        StreamPair pair = StreamPair.connected(4, BAD);
        pair.b().setOnAccept(ends -> {});
        StreamEnds here = pair.a().open(pair.b(), "x");
        here.write(1, 10_000_000);
        pair.world().runFor(2 * SECOND_NANOS);
        pair.b().accepted().get(0).stream().stopReading(StreamError.ofApplication(7));
        pair.b().accepted().get(0).write(9, 50_000);
        pair.runUntil(() -> here.stopped() != null && here.isAtEnd(), 60);
        assertThat(here.digest()).isEqualTo(StreamEnds.digestOf(9, 50_000));
    }

    @Test
    void crash_ofThePeer_endsAllStreamsWithTheSession() {
        StreamPair pair = StreamPair.connected(5, LinkModel.CLEAN);
        StreamEnds here = pair.a().open(pair.b(), "x");
        here.write(1, 50_000_000);
        pair.world().runFor(300 * MILLI_NANOS);
        pair.b().host().crash();
        pair.runUntil(() -> here.reset() != null && here.stopped() != null, 120);
        assertThat(here.reset()).isEqualTo(StreamError.Kind.SESSION_ENDED);
        assertThat(here.stream().write(new byte[1], 0, 1)).isZero();
    }

    @Test
    void close_ofTheSession_endsAllStreams() {
        StreamPair pair = StreamPair.connected(6, LinkModel.CLEAN);
        StreamEnds here = pair.a().open(pair.b(), "x");
        pair.world().runFor(SECOND_NANOS);
        pair.b().with(pair.a()).close("test");
        pair.world().runFor(SECOND_NANOS);
        assertThat(here.reset()).isEqualTo(StreamError.Kind.SESSION_ENDED);
        assertThat(pair.b().accepted().get(0).reset()).isEqualTo(StreamError.Kind.SESSION_ENDED);
    }

    @Test
    void idleStream_overMinutes_keepsItsSession() {
        StreamPair pair = StreamPair.connected(7, LinkModel.CLEAN);
        StreamEnds here = pair.a().open(pair.b(), "x");
        pair.world().runFor(600 * SECOND_NANOS);
        here.write(3, 200_000);
        pair.runUntil(() -> pair.b().accepted().get(0).isAtEnd(), 30);
        assertThat(pair.b().accepted().get(0).digest()).isEqualTo(StreamEnds.digestOf(3, 200_000));
        // An idle pair of streams sends nothing of its own.
        assertThat(pair.a().count("stream.sent.packets")).isLessThan(300);
    }
}
