package io.p2pvpn.overlay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.p2pvpn.overlay.runtime.TestNet;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.session.TestPeer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whatever a member sends as packets of streams is taken or dropped, nothing else. {@code lab/fuzz} looks further. */
class StreamFuzzTest {
    private static final long MILLI_NANOS = 1_000_000L;
    private static final int HEAD_BYTES = 8;

    private static final TestNet NET = new TestNet(1);
    private static final TestPeer OURS = new TestPeer(NET.add(1));
    private static final TestPeer PEER = new TestPeer(NET.add(2));

    private static Session session() {
        if (OURS.layer().sessions().isEmpty()) {
            PEER.call(OURS);
            NET.runFor(5000 * MILLI_NANOS);
        }
        OURS.with(PEER).setWanted(true);
        return OURS.with(PEER);
    }

    /** The first byte says how long packets are, that follow one another. */
    @FuzzTest
    void packets(byte[] bytes) {
        Session session = session();
        List<ByteStream> taken = new ArrayList<>();
        StreamLayer layer =
                new StreamLayer(OURS.runtime(), OURS.identity().publicIdentity().nodeId(), (used, isUsed) -> {});
        layer.setAcceptor((from, channel, service, stream) -> {
            stream.setListener(new Reader(stream));
            taken.add(stream);
            return service.startsWith("x") ? StreamError.of(StreamError.Kind.NO_SERVICE) : null;
        });
        Reader ours = new Reader(null);
        ours.stream = Objects.requireNonNull(layer.open(session, 1, "service", ours));
        ours.stream.write(new byte[5000], 0, 5000);
        layer.onBatchEnd();
        int step = bytes.length == 0 ? 1 : 1 + (bytes[0] & 0xff);
        for (int at = 1, number = 0; at < bytes.length; at += step, number++) {
            // A head that is right, so that the rest is looked at.
            int length = Math.min(step, bytes.length - at);
            byte[] packet = new byte[HEAD_BYTES + length];
            packet[5] = (byte) number;
            packet[6] = 1;
            System.arraycopy(bytes, at, packet, HEAD_BYTES, length);
            layer.onPacket(session, packet, 0, packet.length);
            if ((number & 3) == 3) {
                layer.onBatchEnd();
            }
        }
        layer.onBatchEnd();
        NET.runFor(100 * MILLI_NANOS);
        assertThat(taken.size()).isLessThanOrEqualTo(2 * StreamLimits.STREAMS_MAX);
        layer.onDown(session, "end");
        NET.runFor(MILLI_NANOS);
        assertThat(ours.stream.isOver()).isTrue();
        OURS.runtime().sent().clear();
        PEER.runtime().sent().clear();
        PEER.events().clear();
    }

    private static final class Reader implements StreamListener {
        private final byte[] buffer = new byte[100];
        private ByteStream stream;

        @SuppressWarnings("NullAway")
        Reader(@Nullable ByteStream stream) {
            this.stream = stream;
        }

        @Override
        public void onReadable() {
            int read = stream.read(buffer, 0, buffer.length);
            assertThat(read).isBetween(-1, buffer.length);
        }

        @Override
        public void onWritable() {
            stream.write(buffer, 0, buffer.length);
        }

        @Override
        public void onReset(StreamError error) {
            assertThat(stream.readError()).isNotNull();
        }

        @Override
        public void onStopped(StreamError error) {
            assertThat(stream.write(buffer, 0, 1)).isZero();
        }
    }

    /** Without a fuzzing engine: frames put together by chance. */
    @Test
    void packets_ofRightFramesByChance_areTakenOrDropped() {
        long seed = Long.getLong("test.seed", 31L);
        System.out.println("test.seed=" + seed);
        Random random = new Random(seed);
        byte[] types = {0, 1, 2, 4, 5, 8, 9, 10, 11, 0x10, 0x11, 0x18, 0x19, 0x21};
        for (int i = 0; i < 3000; i++) {
            byte[] bytes = new byte[1 + random.nextInt(300)];
            bytes[0] = (byte) (10 + random.nextInt(60));
            for (int at = 1; at < bytes.length; at++) {
                int kind = random.nextInt(4);
                bytes[at] = kind == 0
                        ? types[random.nextInt(types.length)]
                        : (byte) (kind == 1 ? random.nextInt(256) : random.nextInt(12));
            }
            packets(bytes);
        }
    }
}
