package io.p2pvpn.overlay.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.nat.NatFacts;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.TestNet;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.overlay.wire.Frame;
import io.p2pvpn.overlay.wire.proto.CallRequest;
import io.p2pvpn.overlay.wire.proto.Control;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SessionLayerTest {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final TestNet net = new TestNet(1);
    private final TestPeer a = new TestPeer(net.add(1));
    private final TestPeer b = new TestPeer(net.add(2));

    private void connect() {
        a.call(b);
        net.runFor(SECOND_NANOS / 10);
        assertThat(a.events()).containsExactly("up", "session");
        assertThat(b.events()).containsExactly("up");
    }

    @Test
    void send_controlMessagesOfAnyLength_arriveWhole() {
        connect();
        for (int bytes : new int[] {0, 1, 1100, 1150, 1200, 5000, 20_000}) {
            Control message = Control.newBuilder()
                    .setCall(CallRequest.newBuilder().setId(bytes).setBody(ByteString.copyFrom(new byte[bytes])))
                    .build();
            assertThat(a.with(b).send(message)).isTrue();
            net.runFor(SECOND_NANOS / 100);
            assertThat(b.controls().get(b.controls().size() - 1)).isEqualTo(message);
        }
        Control tooLong = Control.newBuilder()
                .setCall(CallRequest.newBuilder().setBody(ByteString.copyFrom(new byte[Fragments.MESSAGE_BYTES_MAX])))
                .build();
        assertThat(a.with(b).send(tooLong)).isFalse();
    }

    @Test
    void close_atOneEnd_endsTheOther() {
        connect();
        a.with(b).close("done");
        net.runFor(SECOND_NANOS / 10);
        assertThat(a.layer().sessions()).isEmpty();
        assertThat(b.layer().sessions()).isEmpty();
        assertThat(b.events()).containsExactly("up", "down");
    }

    @Test
    void idleSession_thatNobodyWants_closes() {
        connect();
        net.runFor(60 * SECOND_NANOS);
        assertThat(a.layer().sessions()).isEmpty();
        assertThat(b.layer().sessions()).isEmpty();
    }

    @Test
    void idleSession_thatOneEndWants_stays() {
        connect();
        a.with(b).setWanted(true);
        net.runFor(600 * SECOND_NANOS);
        assertThat(a.layer().sessions()).hasSize(1);
        assertThat(b.layer().sessions()).hasSize(1);
    }

    @Test
    void onFrames_ofRandomBytes_onlyCountsDrops() {
        connect();
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 20_000; i++) {
            byte[] frame = new byte[random.nextInt(600)];
            random.nextBytes(frame);
            if (frame.length > 4 && random.nextInt(4) > 0) {
                frame[0] = (byte) ((Frame.VERSION << 4) | random.nextInt(7));
                frame[2] = 0;
                frame[3] = 0;
            }
            b.runtime().deliver(a.runtime().address(), frame, Transport.CLASS_DEFAULT);
        }
        assertThat(b.events()).containsExactly("up");
        assertThat(b.controls()).isEmpty();
        assertThat(b.layer().sessions()).hasSize(1);
    }

    @Test
    void onFrames_ofMutatedHandshakesAndFrames_onlyCountsDrops() {
        for (long seed = 1; seed <= 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            TestNet world = new TestNet(seed);
            TestPeer caller = new TestPeer(world.add(1));
            TestPeer called = new TestPeer(world.add(2));
            caller.call(called);
            world.runFor(SECOND_NANOS);
            List<byte[]> seen = new ArrayList<>(caller.runtime().sent());
            seen.addAll(called.runtime().sent());
            for (int i = 0; i < 2_000; i++) {
                byte[] frame = seen.get(random.nextInt(seen.size())).clone();
                int flips = random.nextInt(4);
                for (int flip = 0; flip < flips; flip++) {
                    frame[random.nextInt(frame.length)] ^= (byte) (1 << random.nextInt(8));
                }
                frame = random.nextInt(4) == 0 ? Arrays.copyOf(frame, random.nextInt(frame.length)) : frame;
                TestPeer target = random.nextBoolean() ? caller : called;
                target.runtime().deliver(world.add(3).address(), frame, Transport.CLASS_DEFAULT);
            }
            world.runFor(SECOND_NANOS);
            assertThat(caller.events()).as("seed " + seed).containsExactly("up", "session");
            assertThat(called.events()).as("seed " + seed).containsExactly("up");
            assertThat(called.with(caller).send(Control.getDefaultInstance())).isTrue();
        }
    }

    @Test
    void onFrames_withASegmentLengthOfZero_isDropped() {
        b.layer().onFrames(a.runtime().address(), new byte[100], 0, 100, 0, Transport.CLASS_DEFAULT);
        assertThat(b.runtime().counters().snapshot()).containsEntry("session.drop.malformed", 1L);
    }

    @Test
    void candidates_namedAgainAndAgain_areProbedInBounds() {
        connect();
        int before = b.runtime().sent().size();
        SplittableRandom random = new SplittableRandom(9);
        for (int i = 0; i < 100; i++) {
            List<Endpoint> victims = new ArrayList<>();
            for (int k = 0; k < 16; k++) {
                byte[] address = {12, (byte) random.nextInt(256), (byte) random.nextInt(256), 1};
                victims.add(Endpoint.of(Endpoint.Kind.UDP, address, 1 + random.nextInt(60_000)));
            }
            a.with(b).sendCandidates(victims, NatFacts.UNKNOWN);
            net.runFor(SECOND_NANOS / 10);
        }
        net.runFor(5 * SECOND_NANOS);
        int named = PathSet.CANDIDATES_MAX + 16;
        assertThat(b.runtime().sent().size() - before).isBetween(20, named * PathSet.CANDIDATE_PROBES_MAX);
        assertThat(b.runtime().counters().snapshot().get("session.drop.candidates"))
                .isPositive();
    }

    @Test
    void expectedMarks_areHeardOfOnceTheyHaveTheRightNonce() {
        List<Endpoint> heard = new ArrayList<>();
        byte[] nonce = nonce(1);
        int index = b.layer().expectMark(nonce, heard::add);
        assertThat(index).isNotZero();
        arrive(MarkFrame.of(index, nonce(2)));
        byte[] longer = Arrays.copyOf(MarkFrame.of(index, nonce), MarkFrame.BYTES + 1);
        arrive(longer);
        assertThat(heard).isEmpty();
        assertThat(b.runtime().counters().snapshot()).containsEntry("session.drop.mark", 2L);
        arrive(MarkFrame.of(index, nonce));
        assertThat(heard).containsExactly(a.runtime().address());
        b.layer().forgetMark(index);
        arrive(MarkFrame.of(index, nonce));
        assertThat(heard).hasSize(1);
        assertThat(b.runtime().counters().snapshot()).containsEntry("session.drop.unknown-index", 1L);
    }

    @Test
    void expectedMarks_areBounded() {
        List<Integer> indices = new ArrayList<>();
        for (int i = 0; i < ReceiverIndices.MARKS_MAX; i++) {
            indices.add(b.layer().expectMark(nonce(i), from -> {}));
        }
        assertThat(indices).doesNotContain(0).doesNotHaveDuplicates();
        assertThat(b.layer().expectMark(nonce(0), from -> {})).isZero();
        b.layer().forgetMark(indices.get(0));
        b.layer().forgetMark(indices.get(0));
        assertThat(b.layer().expectMark(nonce(0), from -> {})).isNotZero();
        assertThat(b.layer().expectMark(nonce(0), from -> {})).isZero();
    }

    private static byte[] nonce(int first) {
        byte[] nonce = new byte[MarkFrame.NONCE_BYTES];
        nonce[0] = (byte) first;
        return nonce;
    }

    private void arrive(byte[] frame) {
        b.layer().onFrames(a.runtime().address(), frame, 0, frame.length, frame.length, Transport.CLASS_DEFAULT);
    }
}
