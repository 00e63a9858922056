package io.p2pvpn.overlay.host;

import io.p2pvpn.overlay.runtime.DataQueue;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What a {@link HostRuntime} is made from. Immutable; the {@code with} methods make changed copies.
 *
 * @param listen where to listen; not empty
 * @param stateDirectory made when missing, readable by its owner only
 * @param sealing how files of the state directory are sealed; null for plain files
 * @param seed seeds {@link HostRuntime#random}; null draws one from the operating system
 * @param socketHook sees every socket before it is bound
 * @param epoll false keeps to what every Java system has, for tests and odd systems
 * @param streams how streams are opened and taken
 * @param interfaces what each network interface may be used for
 * @param queues of the data plane, the loop included: from 1 to {@link DataQueue#QUEUES_MAX}; more than one need epoll
 * @param onFailure called on the loop with what a task or a callback threw: a broken invariant, after which the node
 *     should stop
 */
public record HostOptions(
        List<ListenAddress> listen,
        Path stateDirectory,
        @Nullable StateSealing sealing,
        @Nullable Long seed,
        SocketHook socketHook,
        boolean epoll,
        StreamOptions streams,
        InterfaceRules interfaces,
        int queues,
        Consumer<Throwable> onFailure) {
    /** Copies the list. */
    public HostOptions {
        listen = List.copyOf(listen);
        if (listen.isEmpty()) {
            throw new IllegalArgumentException("nothing to listen on");
        }
        if (queues < 1 || queues > DataQueue.QUEUES_MAX) {
            throw new IllegalArgumentException(queues + " queues");
        }
    }

    /** The usual options: all addresses and that port (0: any), failures logged. */
    public static HostOptions of(Path stateDirectory, int port) {
        Consumer<Throwable> log =
                failure -> LoggerFactory.getLogger(HostRuntime.class).error("a task of the node failed", failure);
        return new HostOptions(
                List.of(ListenAddress.anyAddress(port)),
                stateDirectory,
                null,
                null,
                SocketHook.NONE,
                true,
                StreamOptions.DEFAULT,
                InterfaceRules.NONE,
                1,
                log);
    }

    /** With other addresses to listen on. */
    public HostOptions withListen(List<ListenAddress> addresses) {
        return new HostOptions(
                addresses, stateDirectory, sealing, seed, socketHook, epoll, streams, interfaces, queues, onFailure);
    }

    /** With a seed for protocol randomness. */
    public HostOptions withSeed(long value) {
        return new HostOptions(
                listen, stateDirectory, sealing, value, socketHook, epoll, streams, interfaces, queues, onFailure);
    }

    /** With a hook. */
    public HostOptions withSocketHook(SocketHook hook) {
        return new HostOptions(
                listen, stateDirectory, sealing, seed, hook, epoll, streams, interfaces, queues, onFailure);
    }

    /** With or without the kernel's own interface. */
    public HostOptions withEpoll(boolean wanted) {
        return new HostOptions(
                listen, stateDirectory, sealing, seed, socketHook, wanted, streams, interfaces, queues, onFailure);
    }

    /** With other streams. */
    public HostOptions withStreams(StreamOptions options) {
        return new HostOptions(
                listen, stateDirectory, sealing, seed, socketHook, epoll, options, interfaces, queues, onFailure);
    }

    /** With another receiver of failures. */
    public HostOptions withOnFailure(Consumer<Throwable> handler) {
        return new HostOptions(
                listen, stateDirectory, sealing, seed, socketHook, epoll, streams, interfaces, queues, handler);
    }

    /** With uses of interfaces. */
    public HostOptions withInterfaces(InterfaceRules rules) {
        return new HostOptions(
                listen, stateDirectory, sealing, seed, socketHook, epoll, streams, rules, queues, onFailure);
    }

    /** With that many queues of the data plane. */
    public HostOptions withQueues(int number) {
        return new HostOptions(
                listen, stateDirectory, sealing, seed, socketHook, epoll, streams, interfaces, number, onFailure);
    }

    /** With files that are sealed under a passphrase. */
    public HostOptions withSealing(@Nullable StateSealing how) {
        return new HostOptions(
                listen, stateDirectory, how, seed, socketHook, epoll, streams, interfaces, queues, onFailure);
    }
}
