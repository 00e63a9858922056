package io.p2pvpn.overlay.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Transport;
import io.p2pvpn.overlay.wire.Frame;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real sockets that share a port. */
@Timeout(60)
class QueueSteeringTest {
    private static final int LANES = 16;
    private static final int SEED_BYTES = 40;

    @TempDir
    Path directory;

    /** What queue {@code number} received. */
    private record Arrival(int number, ByteBuffer frame, boolean onItsThread) {}

    private static final class Catcher implements Transport.Receiver {
        private final int number;
        private final HostQueue queue;
        private final BlockingQueue<Arrival> arrivals;

        Catcher(int number, HostQueue queue, BlockingQueue<Arrival> arrivals) {
            this.number = number;
            this.queue = queue;
            this.arrivals = arrivals;
        }

        @Override
        public void onFrames(Endpoint from, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
            boolean right = queue == null || queue.eventLoop().inEventLoop();
            for (int at = offset; at < offset + length; at += segmentBytes) {
                int end = Math.min(at + segmentBytes, offset + length);
                arrivals.add(new Arrival(number, ByteBuffer.wrap(Arrays.copyOfRange(buffer, at, end)), right));
            }
        }

        @Override
        public void onBatchEnd() {
            // Frames are looked at one by one.
        }

        @Override
        public void onClosed(Endpoint remote) {
            throw new AssertionError("datagrams only");
        }

        @Override
        public void onWritable() {
            // Nothing is sent.
        }
    }

    private HostRuntime open(String name, int queues, int port) throws HostException {
        return HostRuntime.open(HostOptions.of(directory.resolve(name), port).withQueues(queues));
    }

    private static int portOf(HostRuntime runtime) {
        return runtime.transport().boundEndpoints().get(0).port();
    }

    private static byte[] frame(int type, int lane, int label, int number) {
        byte[] frame = new byte[SEED_BYTES];
        Frame.putHeader(frame, 0, type, lane, 77, number);
        Frame.putLabel(frame, 0, label);
        return frame;
    }

    @ParameterizedTest
    @CsvSource({"2, 127.0.0.1", "3, 127.0.0.1", "16, 127.0.0.1", "2, ::1"})
    void datagram_ofAnyKind_reachesTheQueueOfItsLane(int queues, String address) throws Exception {
        BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
        try (HostRuntime runtime = open("a", queues, 0);
                DatagramSocket sender = new DatagramSocket()) {
            assertThat(runtime.hostQueues()).hasSize(queues - 1);
            runtime.timers().execute(() -> runtime.transport().setReceiver(new Catcher(0, null, arrivals)));
            for (HostQueue queue : runtime.hostQueues()) {
                Catcher catcher = new Catcher(queue.number(), queue, arrivals);
                queue.timers().execute(() -> queue.port().setReceiver(catcher));
            }
            List<byte[]> sent = new ArrayList<>();
            for (int lane = 0; lane < LANES; lane++) {
                sent.add(frame(Frame.TYPE_DATA, lane, 0, sent.size()));
                sent.add(frame(Frame.TYPE_DATA, lane, 5 << 24, sent.size()));
                sent.add(frame(Frame.TYPE_INIT, lane, 0, sent.size()));
            }
            sent.add(frame(Frame.TYPE_DATA, 255, 0, sent.size()));
            sent.add(new byte[] {0x15, 1});
            sent.add(new byte[] {0x15, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0});
            InetAddress to = InetAddress.getByName(address);
            for (byte[] bytes : sent) {
                sender.send(new DatagramPacket(bytes, bytes.length, to, portOf(runtime)));
                Arrival arrival = arrivals.poll(10, TimeUnit.SECONDS);
                assertThat(arrival).isNotNull();
                assertThat(arrival.frame().array()).isEqualTo(bytes);
                assertThat(arrival.number()).isEqualTo(Frame.queueOf(bytes, 0, bytes.length, queues));
                assertThat(arrival.onItsThread()).isTrue();
            }
        }
    }

    @Test
    void port_ofANodeWithQueues_isNobodyElses() throws Exception {
        try (HostRuntime first = open("a", 4, 0)) {
            assertThatThrownBy(() -> open("b", 4, portOf(first))).isInstanceOf(HostException.class);
            assertThatThrownBy(() -> open("c", 1, portOf(first))).isInstanceOf(HostException.class);
        }
    }

    @Test
    void oneQueue_hasNoThreadBesideTheLoop() throws Exception {
        try (HostRuntime runtime = open("a", 1, 0)) {
            assertThat(runtime.queues()).isEmpty();
            assertThat(runtime.counters().snapshot()).containsEntry("data.queues", 1L);
        }
    }
}
