package io.p2pvpn.overlay.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.overlay.posix.LinuxConstants;
import io.p2pvpn.overlay.posix.Posix;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Endpoint.Kind;
import io.p2pvpn.overlay.runtime.Transport;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the IP headers of datagrams have, over real sockets. */
@Timeout(60)
class TrafficClassTest {
    private static final int EXPEDITED_ECT0 = 46 << 2 | 2;
    private static final int EXPEDITED_CE = 46 << 2 | 3;

    @TempDir
    Path directory;

    private final Posix posix = Posix.get();

    private TestNode node(String name, String listen, boolean epoll) throws Exception {
        ListenAddress where =
                listen.equals("any") ? ListenAddress.anyAddress(0) : ListenAddress.of(InetAddress.getByName(listen), 0);
        return new TestNode(directory.resolve(name), epoll, where);
    }

    /** A socket that serves both families takes IPv4's control message for IPv4, and IPv6's for IPv6. */
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1, 127.0.0.1",
        "::1, ::1, ::1",
        "any, any, 127.0.0.1",
        "any, any, ::1",
        "any, 127.0.0.1, 127.0.0.1",
        "127.0.0.1, any, 127.0.0.1",
        "any, ::1, ::1",
        "::1, any, ::1",
    })
    void send_ofAnyClass_arrivesWithIt_andBatchesAreOfOne(String from, String to, String address) throws Exception {
        int[] classes = {0, EXPEDITED_ECT0, EXPEDITED_ECT0, EXPEDITED_CE, 1, 0, 255};
        try (TestNode a = node("a", from, true);
                TestNode b = node("b", to, true)) {
            Endpoint target = b.endpoint(Kind.UDP, address);
            for (int frames : new int[] {1, 20}) {
                a.send(target, new byte[frames * 1000], 1000, classes);

                for (int trafficClass : classes) {
                    for (int i = 0; i < frames; i++) {
                        TestNode.Frame frame = b.nextFrame();
                        assertThat(frame.bytes()).hasSize(1000);
                        assertThat(frame.trafficClass()).isEqualTo(trafficClass);
                    }
                }
            }
            // Six runs of equal classes, once of single frames and once of batches.
            assertThat(b.count("transport.recv.batches")).isGreaterThanOrEqualTo(12);
            assertThat(b.batchSizes).contains(20_000);
            assertThat(a.count("transport.send.segmentation-refused")).isZero();
            assertThat(a.count("transport.send.class-refused")).isZero();
            assertThat(a.failures).isEmpty();
            assertThat(b.failures).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"true, false, UDP", "false, true, UDP", "true, true, TCP"})
    void send_whereItCannotBeToldOrSet_arrivesAsDefault(boolean fromEpoll, boolean toEpoll, Kind kind)
            throws Exception {
        try (TestNode a = node("a", "127.0.0.1", fromEpoll);
                TestNode b = node("b", "127.0.0.1", toEpoll)) {
            a.send(b.endpoint(kind, "127.0.0.1"), new byte[100], 100, EXPEDITED_CE);

            TestNode.Frame frame = b.nextFrame();

            assertThat(frame.bytes()).hasSize(100);
            assertThat(frame.trafficClass()).isEqualTo(Transport.CLASS_DEFAULT);
        }
    }

    /** Keeps class and size of all frames. */
    private static final class Catcher implements Transport.Receiver {
        final List<Integer> classes = new ArrayList<>();
        final List<Integer> sizes = new ArrayList<>();

        @Override
        public void onFrames(Endpoint from, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
            for (int at = 0; at < length; at += segmentBytes) {
                classes.add(trafficClass);
                sizes.add(Math.min(segmentBytes, length - at));
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
            throw new AssertionError("nothing is sent");
        }
    }

    /** Two sockets, and the queues around them. */
    private final class Line implements AutoCloseable {
        final Counters counters = new Counters();
        final UdpDescriptor sender = open();
        final UdpDescriptor receiver = open();
        final byte[] target = SocketAddresses.encode(false, new byte[] {127, 0, 0, 1}, receiver.port());
        final Catcher catcher = new Catcher();

        Line() throws HostException {}

        private UdpDescriptor open() throws HostException {
            return UdpDescriptor.open(ListenAddress.of(InetAddress.getLoopbackAddress(), 0), SocketHook.NONE);
        }

        UdpSendQueue sending(Posix library, boolean segmentation) {
            return new UdpSendQueue(library, sender.fd(), segmentation, new TransportCounters(counters));
        }

        UdpReceiveQueue receiving(Posix library) {
            return new UdpReceiveQueue(library, new SocketAddresses(false), new TransportCounters(counters));
        }

        void receive() {
            receiving(posix).drain(receiver.fd(), catcher);
        }

        @Override
        public void close() {
            posix.close(sender.fd());
            posix.close(receiver.fd());
        }
    }

    @Test
    void flush_withoutSegmentation_sendsEachFrameWithItsBatchsClass() throws Exception {
        try (Line line = new Line()) {
            UdpSendQueue queue = line.sending(posix, false);
            queue.add(line.target, new byte[2500], 0, 2500, 1000, EXPEDITED_ECT0);
            queue.add(line.target, new byte[2500], 0, 2000, 1000, Transport.CLASS_DEFAULT);
            queue.add(line.target, new byte[2500], 0, 700, 700, 1);
            queue.flush();
            line.receive();

            assertThat(line.catcher.sizes).containsExactly(1000, 1000, 500, 1000, 1000, 700);
            assertThat(line.catcher.classes).containsExactly(EXPEDITED_ECT0, EXPEDITED_ECT0, EXPEDITED_ECT0, 0, 0, 1);
        }
    }

    /** A kernel that does not know the control message says so as it does here to a class that is none. */
    @Test
    void flush_kernelRefusesTheClass_sendsWithoutIt() throws Exception {
        int refused = 1 << 20;
        try (Line line = new Line()) {
            for (boolean segmentation : new boolean[] {true, false}) {
                UdpSendQueue queue = line.sending(posix, segmentation);
                queue.add(line.target, new byte[2500], 0, 2500, 1000, refused);
                queue.add(line.target, new byte[2500], 0, 700, 700, refused);
                queue.add(line.target, new byte[2500], 0, 800, 800, EXPEDITED_ECT0);
                queue.flush();
                line.receive();

                assertThat(line.catcher.sizes).containsExactly(1000, 1000, 500, 700, 800);
                assertThat(line.catcher.classes).containsExactly(0, 0, 0, 0, EXPEDITED_ECT0);
                line.catcher.sizes.clear();
                line.catcher.classes.clear();
            }
            assertThat(line.counters.counter("transport.send.class-refused").value())
                    .isEqualTo(4);
            assertThat(line.counters.counter("transport.drop.send-error").value())
                    .isZero();
        }
    }

    /** Control messages with any lengths, levels and types are read within their bounds, or not at all. */
    @Test
    void drain_damagedControlMessages_harmNothing() throws Exception {
        Random random = new Random(Long.getLong("test.seed", 5L));
        Posix damaging = (Posix) Proxy.newProxyInstance(
                Posix.class.getClassLoader(), new Class<?>[] {Posix.class}, (proxy, method, arguments) -> {
                    Object count = method.invoke(posix, arguments);
                    if (method.getName().equals("recvmmsg") && (int) count > 0) {
                        damage(random, (long) arguments[1]);
                    }
                    return count;
                });
        try (Line line = new Line()) {
            UdpSendQueue queue = line.sending(posix, true);
            UdpReceiveQueue receiving = line.receiving(damaging);
            for (int i = 0; i < 3000; i++) {
                queue.add(line.target, new byte[3000], 0, 3000, 1000, random.nextInt(256));
                queue.flush();
                receiving.drain(line.receiver.fd(), line.catcher);
            }
            assertThat(line.catcher.classes).isNotEmpty().allMatch(trafficClass -> trafficClass >>> 8 == 0);
            assertThat(line.catcher.sizes.stream().mapToInt(Integer::intValue).sum())
                    .isEqualTo(3000 * 3000);
        }
    }

    private static void damage(Random random, long header) {
        Pointer message = Pointer.wrap(Runtime.getSystemRuntime(), header, LinuxConstants.MMSGHDR_BYTES);
        long length = message.getLong(LinuxConstants.MSGHDR_CONTROL_LENGTH_OFFSET);
        Pointer control =
                Pointer.wrap(Runtime.getSystemRuntime(), message.getLong(LinuxConstants.MSGHDR_CONTROL_OFFSET), length);
        for (int times = random.nextInt(4); times > 0 && length > 0; times--) {
            // Mostly the low bytes of numbers, where damage is most likely to look right.
            int at = random.nextBoolean() ? random.nextInt((int) length) : 8 * random.nextInt((int) length / 8);
            control.putByte(at, (byte) random.nextInt());
        }
        if (random.nextInt(4) == 0) {
            long[] lengths = {0, 1, 15, 16, 17, 40, length + 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32};
            message.putLong(LinuxConstants.MSGHDR_CONTROL_LENGTH_OFFSET, lengths[random.nextInt(lengths.length)]);
        }
    }

    @Test
    void isIpv4_ofBothKindsOfSocket_saysHowItLeaves() {
        byte[] four = {10, 0, 0, 1};
        byte[] six = new byte[16];
        six[15] = 1;
        byte[] unlike = new byte[16];
        unlike[3] = 1;
        unlike[10] = -1;
        unlike[11] = -1;
        assertThat(SocketAddresses.isIpv4(SocketAddresses.encode(false, four, 9)))
                .isTrue();
        assertThat(SocketAddresses.isIpv4(SocketAddresses.encode(true, four, 9)))
                .isTrue();
        assertThat(SocketAddresses.isIpv4(SocketAddresses.encode(true, six, 9))).isFalse();
        assertThat(SocketAddresses.isIpv4(SocketAddresses.encode(true, unlike, 9)))
                .isFalse();
    }
}
