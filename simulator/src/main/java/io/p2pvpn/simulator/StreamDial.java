package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * A TCP or TLS connection being set up: fires when the request reaches the other host, and again when the answer is
 * back.
 * Without an answer the request is repeated every second, and given up after {@value #GIVE_UP_NANOS} ns.
 */
final class StreamDial extends SimEvent {
    private static final long RETRY_NANOS = 1_000_000_000;
    private static final long GIVE_UP_NANOS = 10_000_000_000L;

    /** Delay towards an address that nobody has. */
    private static final long NOWHERE_DELAY_NANOS = 10_000_000;

    private final StreamEnd client;
    private final long startNanos;
    private boolean isAnswered;
    private @Nullable StreamEnd server;

    private StreamDial(StreamEnd client, long startNanos) {
        this.client = client;
        this.startNanos = startNanos;
    }

    /** Begins to connect; frames may be sent into the returned end at once. */
    static StreamEnd start(SimTransport transport, Endpoint remote) {
        SimHost host = transport.runtime().host();
        Endpoint source = host.sourceFor(remote);
        byte[] address = (source == null ? host.address() : source).addressBytes();
        Endpoint local = Endpoint.of(remote.kind(), address, host.nextEphemeralPort());
        if (local == null) {
            throw new IllegalStateException("no local endpoint towards " + remote);
        }
        StreamEnd client = new StreamEnd(transport, local, remote);
        SimWorld world = host.world();
        SimHost target = host.network().streamTarget(host, remote);
        long delayNanos = target == null ? NOWHERE_DELAY_NANOS : host.network().drawStreamDelayNanos(host, target);
        world.schedule(common(host, target), world.nanoTime() + delayNanos, new StreamDial(client, world.nanoTime()));
        return client;
    }

    /** Whose event it is if it touches these two: anybody's of their region, if they have the same. */
    static @Nullable SimHost common(SimHost one, @Nullable SimHost other) {
        return other != null && one.region() == other.region() ? one : null;
    }

    @Override
    void fire(SimWorld world, long sequence) {
        if (isAnswered) {
            onAnswer();
            return;
        }
        SimNetwork network = world.network();
        SimHost target = network.streamTarget(client.host(), client.remote());
        if (target != null && !network.isBlocked(client.host(), target) && !network.isBlocked(target, client.host())) {
            onRequest(world, target);
        } else if (world.nanoTime() - startNanos < GIVE_UP_NANOS) {
            world.schedule(common(client.host(), target), world.nanoTime() + RETRY_NANOS, this);
        } else {
            client.lose();
        }
    }

    private void onRequest(SimWorld world, SimHost target) {
        world.record(History.STREAM_STATE, client.host().id(), target.id());
        SimRuntime runtime = target.runtime();
        if (runtime != null && target.acceptsStreams() && client.isWanted()) {
            StreamEnd accepted =
                    new StreamEnd(runtime.transport(), /* local= */ client.remote(), /* remote= */ client.newOutside());
            accepted.connect(client);
            runtime.transport().accepted(accepted);
            server = accepted;
        }
        isAnswered = true;
        long delayNanos = world.network().drawStreamDelayNanos(target, client.host());
        world.schedule(common(client.host(), target), world.nanoTime() + delayNanos, this);
    }

    private void onAnswer() {
        if (server == null) {
            client.lose();
        } else if (client.isWanted()) {
            client.connect(server);
        } else {
            server.lose();
        }
    }
}
