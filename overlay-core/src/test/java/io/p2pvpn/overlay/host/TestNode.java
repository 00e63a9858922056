package io.p2pvpn.overlay.host;

import io.netty.util.NetUtil;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Endpoint.Kind;
import io.p2pvpn.overlay.runtime.Transport;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A runtime whose receiver keeps everything it is given. */
final class TestNode implements AutoCloseable, Transport.Receiver {
    private static final int WAIT_SECONDS = 20;

    /** One frame and what came with it. */
    static final class Frame {
        private final Endpoint from;
        private final byte[] bytes;
        private final int trafficClass;

        Frame(Endpoint from, byte[] bytes, int trafficClass) {
            this.from = from;
            this.bytes = bytes;
            this.trafficClass = trafficClass;
        }

        Endpoint from() {
            return from;
        }

        byte[] bytes() {
            return bytes;
        }

        int trafficClass() {
            return trafficClass;
        }
    }

    final HostRuntime runtime;
    final LinkedBlockingQueue<Frame> frames = new LinkedBlockingQueue<>();
    final LinkedBlockingQueue<Endpoint> closedStreams = new LinkedBlockingQueue<>();
    final LinkedBlockingQueue<Integer> batchSizes = new LinkedBlockingQueue<>();
    final LinkedBlockingQueue<Boolean> writableReports = new LinkedBlockingQueue<>();
    final LinkedBlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    final AtomicInteger batchEnds = new AtomicInteger();
    private volatile boolean broken;

    TestNode(Path directory, boolean epoll, ListenAddress where) throws Exception {
        this(directory, epoll, where, StreamOptions.DEFAULT);
    }

    TestNode(Path directory, boolean epoll, ListenAddress where, StreamOptions streams) throws Exception {
        runtime = HostRuntime.open(HostOptions.of(directory, 0)
                .withStreams(streams)
                .withListen(List.of(where))
                .withEpoll(epoll)
                .withOnFailure(failures::add));
        onLoop(() -> {
            runtime.transport().setReceiver(this);
            return true;
        });
    }

    static TestNode onLoopback(Path directory, boolean epoll) throws Exception {
        return new TestNode(directory, epoll, ListenAddress.of(InetAddress.getLoopbackAddress(), 0));
    }

    static <T> T await(CompletableFuture<T> future) throws Exception {
        return future.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    <T> T onLoop(Callable<T> work) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        runtime.timers().execute(() -> {
            try {
                result.complete(work.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        return await(result);
    }

    /** From now on every frame makes the receiver throw. */
    void breakReceiver() {
        broken = true;
    }

    int port() {
        return runtime.transport().boundEndpoints().get(0).port();
    }

    Endpoint endpoint(Kind kind, String address) {
        return endpointAt(kind, address, port());
    }

    static Endpoint endpointAt(Kind kind, String address, int port) {
        return Endpoint.of(kind, NetUtil.createByteArrayFromIpAddressString(address), port);
    }

    boolean send(Endpoint to, byte[] bytes, int segmentBytes) throws Exception {
        return send(to, bytes, segmentBytes, Transport.CLASS_DEFAULT);
    }

    /** Sends the bytes once with each of these classes, in one turn. */
    boolean send(Endpoint to, byte[] bytes, int segmentBytes, int... trafficClasses) throws Exception {
        return onLoop(() -> {
            boolean queued = true;
            for (int trafficClass : trafficClasses) {
                queued &= runtime.transport().send(to, bytes, 0, bytes.length, segmentBytes, trafficClass);
            }
            runtime.transport().flush();
            return queued;
        });
    }

    long count(String counter) throws Exception {
        return onLoop(() -> runtime.counters().counter(counter).value());
    }

    Frame nextFrame() throws Exception {
        return next(frames, "frame");
    }

    <T> T next(LinkedBlockingQueue<T> queue, String what) throws Exception {
        T item = queue.poll(WAIT_SECONDS, TimeUnit.SECONDS);
        if (item == null) {
            throw new AssertionError("no " + what + " came");
        }
        return item;
    }

    List<byte[]> nextFrames(int count) throws Exception {
        List<byte[]> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            taken.add(nextFrame().bytes());
        }
        return taken;
    }

    @Override
    public void onFrames(Endpoint from, byte[] buffer, int offset, int length, int segmentBytes, int trafficClass) {
        if (broken) {
            throw new IllegalStateException("broken receiver");
        }
        batchSizes.add(length);
        for (int at = 0; at < length; at += segmentBytes) {
            int start = offset + at;
            byte[] bytes = Arrays.copyOfRange(buffer, start, start + Math.min(segmentBytes, length - at));
            frames.add(new Frame(from, bytes, trafficClass));
        }
    }

    @Override
    public void onBatchEnd() {
        batchEnds.incrementAndGet();
    }

    @Override
    public void onClosed(Endpoint remote) {
        closedStreams.add(remote);
    }

    @Override
    public void onWritable() {
        writableReports.add(true);
    }

    @Override
    public void close() {
        runtime.close();
    }
}
