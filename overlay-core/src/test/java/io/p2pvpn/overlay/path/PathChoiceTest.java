package io.p2pvpn.overlay.path;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.path.FrameRoute.Kind;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.InterfaceUse;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathChoiceTest {
    private static final long MILLI_NANOS = 1_000_000L;

    private record TestRoute(Kind kind, int number) implements FrameRoute {
        @Override
        public @Nullable Endpoint endpoint() {
            return null;
        }

        @Override
        public boolean send(byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
            return true;
        }
    }

    private record OnInterface(Kind kind, InterfaceUse use) implements FrameRoute {
        @Override
        public @Nullable Endpoint endpoint() {
            return null;
        }

        @Override
        public boolean send(byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
            return true;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "UDP, BACKUP, TCP, ON, true",
        "TCP, ON, UDP, BACKUP, false",
        "UDP, METERED, UDP, BACKUP, true",
        "UDP, METERED, UDP, METERED, false",
        "RELAY, ON, UDP, BACKUP, true",
        "UDP, METERED, RELAY, ON, false",
        "UDP, BACKUP, RING, ON, false",
    })
    void choose_interfacesThatAreOn_comeBeforeOthersAmongDirectPaths(
            Kind holderKind,
            InterfaceUse holderUse,
            Kind challengerKind,
            InterfaceUse challengerUse,
            boolean challengerWins) {
        Path holder = new Path(new OnInterface(holderKind, holderUse), 0);
        Path challenger = new Path(new OnInterface(challengerKind, challengerUse), 0);
        holder.validate();
        challenger.validate();
        assertThat(PathChoice.choose(List.of(holder, challenger), holder))
                .isSameAs(challengerWins ? challenger : holder);
        challenger.onProbeSent(1, 0);
        challenger.onProbeSent(2, 0);
        assertThat(PathChoice.choose(List.of(holder, challenger), holder)).isSameAs(holder);
    }

    /** A proven path; a round trip of 0 means unknown. */
    private static Path path(Kind kind, long rttMillis, int unanswered) {
        Path path = new Path(new TestRoute(kind, (int) rttMillis), 0);
        if (rttMillis > 0) {
            path.onProbeSent(1, 0);
            assertThat(path.onReply(1, rttMillis * MILLI_NANOS)).isTrue();
        }
        path.validate();
        for (int i = 0; i < unanswered; i++) {
            path.onProbeSent(100 + i, 0);
        }
        return path;
    }

    @ParameterizedTest
    @CsvSource({
        // holder kind, rtt, unanswered; challenger kind, rtt, unanswered; challenger wins
        "UDP, 50, 0, UDP, 50, 0, false",
        "UDP, 50, 0, UDP, 45, 0, false",
        "UDP, 50, 0, UDP, 39, 0, true",
        "UDP, 10, 0, UDP, 6, 0, false",
        "UDP, 50, 0, UDP, 0, 0, false",
        "UDP, 0, 0, UDP, 10, 0, false",
        "TCP, 10, 0, UDP, 90, 0, true",
        "UDP, 90, 0, TCP, 10, 0, false",
        "RELAY, 10, 0, TCP, 90, 0, true",
        "RING, 10, 0, RELAY, 90, 0, true",
        "UDP, 10, 2, TCP, 90, 0, true",
        "UDP, 10, 1, TCP, 90, 0, false",
        "UDP, 10, 2, TCP, 90, 2, false",
        "RING, 10, 0, UDP, 90, 2, false",
        "UDP, 10, 2, RING, 90, 0, false",
        "RELAY, 10, 2, RING, 90, 0, true",
        "RELAY, 10, 1, RING, 90, 0, false",
    })
    void choose_betweenTwo_followsTheTable(
            Kind holderKind,
            long holderRtt,
            int holderUnanswered,
            Kind challengerKind,
            long challengerRtt,
            int challengerUnanswered,
            boolean challengerWins) {
        Path holder = path(holderKind, holderRtt, holderUnanswered);
        Path challenger = path(challengerKind, challengerRtt, challengerUnanswered);
        Path expected = challengerWins ? challenger : holder;
        assertThat(PathChoice.choose(List.of(holder, challenger), holder)).isSameAs(expected);
        assertThat(PathChoice.choose(List.of(challenger, holder), holder)).isSameAs(expected);
    }

    @Test
    void choose_ofCandidatesOnly_isNone() {
        assertThat(PathChoice.choose(List.of(new Path(new TestRoute(Kind.UDP, 1), 0)), null))
                .isNull();
    }

    @Test
    void choose_withoutHolder_takesThePreferredKind() {
        Path ring = path(Kind.RING, 5, 0);
        Path udp = path(Kind.UDP, 100, 0);
        assertThat(PathChoice.choose(List.of(ring, udp), null)).isSameAs(udp);
        Path removed = path(Kind.UDP, 1, 0);
        assertThat(PathChoice.choose(List.of(ring), removed)).isSameAs(ring);
    }

    @Test
    void onReply_toAnyOfTheLastFourProbes_counts() {
        Path path = new Path(new TestRoute(Kind.UDP, 1), 0);
        for (long token = 1; token <= 5; token++) {
            path.onProbeSent(token, token * 100 * MILLI_NANOS);
        }
        assertThat(path.onReply(1, 700 * MILLI_NANOS)).isFalse();
        assertThat(path.onReply(3, 700 * MILLI_NANOS)).isTrue();
        assertThat(path.rttNanos()).isEqualTo(400 * MILLI_NANOS);
        assertThat(path.probesUnanswered()).isZero();
        assertThat(path.onReply(4, 800 * MILLI_NANOS)).isFalse();
        assertThat(path.isValidated()).isTrue();
    }

    @Test
    void maySend_toAnUnprovenAddress_isThreeTimesTheReceived() {
        Path path = new Path(new TestRoute(Kind.UDP, 1), 0);
        path.onReceived(0, 100);
        assertThat(path.maySend(200)).isTrue();
        assertThat(path.maySend(101)).isFalse();
        assertThat(path.maySend(100)).isTrue();
        assertThat(path.maySend(1)).isFalse();
        path.onReceived(0, 1);
        assertThat(path.maySend(3)).isTrue();
        path.validate();
        assertThat(path.maySend(1_000_000)).isTrue();
    }
}
