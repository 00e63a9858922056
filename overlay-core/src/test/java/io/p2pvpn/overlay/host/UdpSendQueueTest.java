package io.p2pvpn.overlay.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.overlay.posix.LinuxConstants;
import io.p2pvpn.overlay.posix.NativeBuffer;
import io.p2pvpn.overlay.posix.Posix;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.Transport;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UdpSendQueueTest {
    private final Posix posix = Posix.get();
    private final Counters counters = new Counters();
    private final byte[] batch = new byte[45 * 1000];
    private UdpDescriptor receiver;
    private UdpDescriptor sender;
    private byte[] target;

    @BeforeEach
    void open() throws Exception {
        ListenAddress loopback = ListenAddress.of(InetAddress.getLoopbackAddress(), 0);
        receiver = UdpDescriptor.open(loopback, SocketHook.NONE);
        sender = UdpDescriptor.open(loopback, SocketHook.NONE);
        target = SocketAddresses.encode(false, new byte[] {127, 0, 0, 1}, receiver.port());
        for (int i = 0; i < batch.length; i++) {
            batch[i] = (byte) (i / 1000);
        }
    }

    @AfterEach
    void close() {
        posix.close(receiver.fd());
        posix.close(sender.fd());
    }

    private UdpSendQueue queue(boolean segmentation) {
        return new UdpSendQueue(posix, sender.fd(), segmentation, new TransportCounters(counters));
    }

    private long count(String name) {
        return counters.counter(name).value();
    }

    private List<Integer> receiveAll() {
        SocketOptions.set(receiver.fd(), LinuxConstants.SOL_UDP, LinuxConstants.UDP_GRO, 0);
        NativeBuffer buffer = NativeBuffer.allocate(1 << 16);
        List<Integer> sizes = new ArrayList<>();
        long size = posix.recv(receiver.fd(), buffer.address(), buffer.size(), LinuxConstants.MSG_DONTWAIT);
        while (size >= 0) {
            sizes.add((int) size);
            size = posix.recv(receiver.fd(), buffer.address(), buffer.size(), LinuxConstants.MSG_DONTWAIT);
        }
        assertThat(buffer.size()).isEqualTo(1 << 16);
        return sizes;
    }

    @Test
    void flush_withoutSegmentation_sendsFrameByFrame() {
        SocketOptions.set(receiver.fd(), LinuxConstants.SOL_UDP, LinuxConstants.UDP_GRO, 0);
        UdpSendQueue queue = queue(false);
        queue.add(target, batch, 0, 44_500, 1000, Transport.CLASS_DEFAULT);

        queue.flush();

        List<Integer> sizes = receiveAll();
        assertThat(sizes).hasSize(45);
        assertThat(sizes.subList(0, 44)).containsOnly(1000);
        assertThat(sizes.get(44)).isEqualTo(500);
        assertThat(count("transport.send.calls")).isEqualTo(1);
    }

    private int discover() {
        NativeBuffer value = NativeBuffer.allocate(Integer.BYTES);
        NativeBuffer length = NativeBuffer.allocate(Integer.BYTES);
        length.putInt(0, Integer.BYTES);
        posix.getsockopt(
                sender.fd(),
                LinuxConstants.IPPROTO_IP,
                LinuxConstants.IP_MTU_DISCOVER,
                value.address(),
                length.address());
        return value.getInt(0);
    }

    @Test
    void addUncut_leavesInItsTurn_andAloneIsNotToBeFragmented() {
        List<Integer> options = new ArrayList<>();
        UdpSendQueue queue = new UdpSendQueue(
                failing(() -> {
                    options.add(discover());
                    return false;
                }),
                sender.fd(),
                true,
                new TransportCounters(counters));
        queue.add(target, batch, 0, 100, 100, Transport.CLASS_DEFAULT);
        queue.addUncut(target, batch, 0, 9000);
        queue.add(target, batch, 0, 200, 200, Transport.CLASS_DEFAULT);
        queue.add(target, batch, 0, 300, 300, Transport.CLASS_DEFAULT);

        queue.flush();

        assertThat(receiveAll()).containsExactly(100, 9000, 200, 300);
        int may = LinuxConstants.IP_PMTUDISC_OMIT;
        assertThat(options).containsExactly(may, LinuxConstants.IP_PMTUDISC_PROBE, may);
        queue.add(target, batch, 0, 100, 100, Transport.CLASS_DEFAULT);
        queue.flush();
        assertThat(options).hasSize(4).last().isEqualTo(may);
    }

    @Test
    void flush_batchRefusedByTheKernel_costsOnlyThatBatch() {
        UdpSendQueue queue = queue(true);
        byte[] forbidden = SocketAddresses.encode(false, new byte[] {-1, -1, -1, -1}, receiver.port());
        queue.add(target, batch, 0, 100, 100, Transport.CLASS_DEFAULT);
        queue.add(forbidden, batch, 0, 3000, 1000, Transport.CLASS_DEFAULT);
        queue.add(target, batch, 0, 200, 200, Transport.CLASS_DEFAULT);

        queue.flush();

        assertThat(receiveAll()).containsExactly(100, 200);
        assertThat(count("transport.drop.send-error") + count("transport.drop.unreachable"))
                .isPositive();
        assertThat(queue.isBlocked()).isFalse();
    }

    /** The library, except that a batch call fails as long as {@code failure} fails. */
    private Posix failing(BooleanSupplier failure) {
        return (Posix) Proxy.newProxyInstance(
                Posix.class.getClassLoader(), new Class<?>[] {Posix.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("sendmmsg") && failure.getAsBoolean()) {
                        return -1;
                    }
                    return method.invoke(posix, arguments);
                });
    }

    /** Leaves EAGAIN behind: there is nothing to receive. */
    private boolean failWithAgain() {
        return posix.recv(sender.fd(), 0, 0, LinuxConstants.MSG_DONTWAIT) < 0;
    }

    @Test
    void add_socketFull_fillsTheRingAndRefuses() {
        AtomicBoolean jammed = new AtomicBoolean(true);
        Posix library = failing(() -> jammed.get() && failWithAgain());
        UdpSendQueue queue = new UdpSendQueue(library, sender.fd(), true, new TransportCounters(counters));
        for (int i = 0; i < UdpSendQueue.BATCHES_MAX; i++) {
            assertThat(queue.add(target, batch, 1000 * (i % 45), 100, 100, Transport.CLASS_DEFAULT))
                    .isTrue();
        }

        assertThat(queue.add(target, batch, 0, 100, 100, Transport.CLASS_DEFAULT))
                .isFalse();
        assertThat(queue.isBlocked()).isTrue();
        assertThat(queue.isCongested()).isTrue();
        assertThat(count("transport.drop.queue-full")).isEqualTo(1);

        jammed.set(false);
        queue.flush();

        assertThat(queue.isBlocked()).isFalse();
        assertThat(queue.isCongested()).isFalse();
        assertThat(receiveAll()).hasSize(UdpSendQueue.BATCHES_MAX).containsOnly(100);
    }

    /** One that has measured a slow interface just now. */
    private static SendGovernor slow() {
        SendGovernor governor = new SendGovernor();
        governor.onRefused(System.nanoTime() - 1_000_000_000, 0);
        governor.onRefused(System.nanoTime(), 1_000_000);
        assertThat(governor.limitBytes()).isEqualTo(SendGovernor.BYTES_MIN);
        return governor;
    }

    @Test
    void add_slowInterface_cutsTheBatchAndIsCongestedUntilItIsSent() {
        SocketOptions.set(receiver.fd(), LinuxConstants.SOL_UDP, LinuxConstants.UDP_GRO, 0);
        UdpSendQueue queue = new UdpSendQueue(posix, sender.fd(), true, new TransportCounters(counters), slow());
        assertThat(queue.isCongested()).isFalse();
        queue.add(target, batch, 0, 44_500, 1000, Transport.CLASS_DEFAULT);
        assertThat(queue.isCongested()).isTrue();
        assertThat(queue.waitingMessages()).isEqualTo(3);

        queue.flush();

        assertThat(queue.isCongested()).isFalse();
        List<Integer> sizes = receiveAll();
        assertThat(sizes).hasSize(45);
        assertThat(sizes.subList(0, 44)).containsOnly(1000);
        assertThat(sizes.get(44)).isEqualTo(500);
        assertThat(count("transport.send.batches")).isEqualTo(1);
        assertThat(count("transport.send.bytes")).isEqualTo(44_500);
    }

    @Test
    void add_slowInterfaceAndFewSlots_keepsBatchesWholeRatherThanRefusing() {
        Posix library = failing(this::failWithAgain);
        UdpSendQueue queue = new UdpSendQueue(library, sender.fd(), true, new TransportCounters(counters), slow());
        for (int i = 0; i < UdpSendQueue.BATCHES_MAX - 2; i++) {
            queue.add(target, batch, 0, 100, 100, Transport.CLASS_DEFAULT);
        }

        assertThat(queue.add(target, batch, 0, 44_500, 1000, Transport.CLASS_DEFAULT))
                .isTrue();
        assertThat(queue.add(target, batch, 0, 44_500, 1000, Transport.CLASS_DEFAULT))
                .isTrue();
        assertThat(queue.add(target, batch, 0, 44_500, 1000, Transport.CLASS_DEFAULT))
                .isFalse();
    }

    @Test
    void add_quickInterface_isNotCongestedByWhatOneTurnReads() {
        UdpSendQueue queue = queue(true);
        for (int i = 0; i < UdpSendQueue.BATCHES_MAX; i++) {
            queue.add(target, batch, 0, 44_500, 1000, Transport.CLASS_DEFAULT);
        }
        assertThat(queue.isCongested()).isFalse();
        assertThat(queue.waitingMessages()).isEqualTo(UdpSendQueue.BATCHES_MAX);
    }

    @Test
    void flush_kernelRefusesToCut_sendsFrameByFrame() {
        SocketOptions.set(receiver.fd(), LinuxConstants.SOL_UDP, LinuxConstants.UDP_GRO, 0);
        AtomicBoolean first = new AtomicBoolean(true);
        Posix library = failing(() -> first.getAndSet(false)
                && !SocketOptions.set(sender.fd(), LinuxConstants.SOL_UDP, LinuxConstants.UDP_SEGMENT, -1));
        UdpSendQueue queue = new UdpSendQueue(library, sender.fd(), true, new TransportCounters(counters));
        queue.add(target, batch, 0, 3500, 1000, Transport.CLASS_DEFAULT);
        queue.add(target, batch, 0, 700, 700, Transport.CLASS_DEFAULT);

        queue.flush();

        assertThat(receiveAll()).containsExactly(1000, 1000, 1000, 500, 700);
        assertThat(count("transport.send.segmentation-refused")).isEqualTo(1);
    }

    @Test
    void add_malformedBatch_isTheCallersMistake() {
        UdpSendQueue queue = queue(true);

        assertThatThrownBy(() -> queue.add(target, batch, 0, 6500, 100, Transport.CLASS_DEFAULT))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> queue.add(target, batch, 0, 0, 100, Transport.CLASS_DEFAULT))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> queue.add(target, batch, 0, 10, 0, Transport.CLASS_DEFAULT))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
