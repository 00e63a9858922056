package io.p2pvpn.overlay.host;

import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.util.concurrent.Future;
import io.p2pvpn.overlay.runtime.Blocking;
import io.p2pvpn.overlay.runtime.Clock;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.DataQueue;
import io.p2pvpn.overlay.runtime.KeySource;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Store;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.runtime.Transport;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;

/**
 * The environment of a node on a real host. Its sockets are bound when {@link #open} returns; they begin to receive
 * when the node sets its receiver, on the loop. Its thread is a daemon.
 *
 * <p>The first thing a node does is {@code runtime.timers().execute(...)}: all else belongs to the loop, except
 * {@link #close}.
 */
public final class HostRuntime implements NodeRuntime, AutoCloseable {
    private static final int BLOCKING_THREADS = 2;
    private static final long CLOSE_MILLIS = 5_000;

    private final IoEventLoop loop;
    private final boolean epoll;
    private final SocketHook socketHook;
    private final LoopTimers timers;
    private final HostTransport transport;
    private final List<HostQueue> queues;
    private final HostBlocking blocking;
    private final HostBlocking storeWriter;
    private final HostBlocking crypto;
    private final FileStore store;
    private final Counters counters;
    private final RandomGenerator random;
    private final KeySource keys;
    private final Clock clock = new SystemClock();
    private final AtomicBoolean closed = new AtomicBoolean();

    private static final class SystemClock implements Clock {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public long epochMillis() {
            return System.currentTimeMillis();
        }
    }

    private HostRuntime(HostOptions options, IoEventLoop loop, boolean epoll) throws HostException {
        this.loop = loop;
        this.epoll = epoll;
        this.socketHook = options.socketHook();
        SecureRandom secure = new SecureRandom();
        Long seed = options.seed();
        random = new SplittableRandom(seed == null ? secure.nextLong() : seed);
        keys = secure::nextBytes;
        counters = new Counters();
        timers = new LoopTimers(loop, options.onFailure());
        blocking = new HostBlocking(timers, "p2pvpn-blocking", BLOCKING_THREADS);
        storeWriter = new HostBlocking(timers, "p2pvpn-store", 1);
        crypto = new HostBlocking(timers, "p2pvpn-tls", 1);
        store = FileStore.open(options.stateDirectory(), storeWriter, options.sealing(), keys);
        try {
            transport = HostTransport.open(loop, options, epoll, timers, crypto, new TransportCounters(counters));
        } catch (HostException e) {
            store.close();
            throw e;
        }
        queues = openQueues(options);
        counters.counter("data.queues").add(queues.size() + 1);
    }

    /**
     * Makes a runtime: the loop, the sockets, the state directory. Not to be called on a loop.
     *
     * @throws HostException when an address, a port or the state directory cannot be had, or is sealed and the
     *     passphrase is missing or wrong; the message names the remedy
     */
    public static HostRuntime open(HostOptions options) throws HostException {
        boolean epoll = options.epoll() && Epoll.isAvailable();
        if (!epoll && options.socketHook() != SocketHook.NONE) {
            throw new HostException("socket marks and devices need Linux with epoll, which is not available here");
        }
        IoEventLoop loop = EventLoops.start("p2pvpn-loop", epoll);
        try {
            return new HostRuntime(options, loop, epoll);
        } catch (HostException | RuntimeException e) {
            end(loop).awaitUninterruptibly(CLOSE_MILLIS);
            throw e;
        }
    }

    private List<HostQueue> openQueues(HostOptions options) {
        List<HostQueue> opened = new ArrayList<>();
        for (int number = 1; epoll && number < options.queues(); number++) {
            opened.add(new HostQueue(number, EventLoops.start("p2pvpn-queue-" + number, true), options.onFailure()));
        }
        if (!opened.isEmpty() && !transport.shareWith(opened)) {
            opened.forEach(queue -> end(queue.eventLoop()).awaitUninterruptibly(CLOSE_MILLIS));
            return List.of();
        }
        return List.copyOf(opened);
    }

    private static Future<?> end(IoEventLoop loop) {
        return loop.shutdownGracefully(0, CLOSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The loop, for other descriptors that belong on it: the tunnel device, the control socket. */
    public IoEventLoop eventLoop() {
        return loop;
    }

    /** Whether the loop is one of epoll, so that a {@code EpollIoHandle} may be registered. */
    public boolean isEpoll() {
        return epoll;
    }

    /** What sees every socket before it is bound; those that others open on the loop too. */
    public SocketHook socketHook() {
        return socketHook;
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public Timers timers() {
        return timers;
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    @Override
    public KeySource keys() {
        return keys;
    }

    @Override
    public Transport transport() {
        return transport;
    }

    /** What each network interface may be used for from now on. On the loop. */
    public void setInterfaceRules(InterfaceRules rules) {
        transport.setInterfaceRules(rules);
    }

    /** Those beside the loop, each with a thread of its own; none if the system cannot share a port between them. */
    public List<HostQueue> hostQueues() {
        return queues;
    }

    @Override
    public List<DataQueue> queues() {
        return List.copyOf(queues);
    }

    @Override
    public Store store() {
        return store;
    }

    @Override
    public Counters counters() {
        return counters;
    }

    @Override
    public Blocking blocking() {
        return blocking;
    }

    /**
     * Finishes writes to the state directory, closes the sockets and ends the loop. Waits for that, for some seconds at
     * most, unless called on the loop. May be called twice.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        if (loop.inEventLoop()) {
            transport.close();
        } else {
            loop.submit((Runnable) transport::close).awaitUninterruptibly(CLOSE_MILLIS);
        }
        for (HostQueue queue : queues) {
            queue.timers().execute(queue::close);
            end(queue.eventLoop()).awaitUninterruptibly(CLOSE_MILLIS);
        }
        storeWriter.finish(CLOSE_MILLIS);
        store.close();
        blocking.finish(0);
        crypto.finish(0);
        Future<?> ended = end(loop);
        if (!loop.inEventLoop()) {
            ended.awaitUninterruptibly(CLOSE_MILLIS);
        }
    }
}
