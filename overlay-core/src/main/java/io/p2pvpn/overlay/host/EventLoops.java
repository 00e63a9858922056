package io.p2pvpn.overlay.host;

import io.netty.channel.IoEventLoop;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import io.p2pvpn.overlay.posix.SchedulerSlice;
import java.util.concurrent.ThreadFactory;

/** Makes the event loops of a node: daemon threads that answer soon, also where other programs keep the host busy. */
final class EventLoops {
    /** So long may tasks that set off further tasks keep the loop from its sockets; the library's default is 1 s. */
    private static final long TASKS_MILLIS_MAX = 1;

    private EventLoops() {}

    /**
     * A loop with its thread.
     *
     * @param epoll whether it runs on epoll, and its thread under the scheduler of Linux
     */
    static IoEventLoop start(String name, boolean epoll) {
        DefaultThreadFactory plain = new DefaultThreadFactory(name, true);
        ThreadFactory prompt = task -> plain.newThread(() -> {
            SchedulerSlice.request(SchedulerSlice.NANOS_MIN);
            task.run();
        });
        return new SingleThreadIoEventLoop(
                null,
                epoll ? prompt : plain,
                epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory(),
                Integer.MAX_VALUE,
                RejectedExecutionHandlers.reject(),
                TASKS_MILLIS_MAX);
    }
}
