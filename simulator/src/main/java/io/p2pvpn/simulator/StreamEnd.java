package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Transport;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One end of a TCP or TLS stream, with what it sent and the other end has not got yet; fires when the first frame of
 * that is due. Confined to the world's thread.
 *
 * <p>Frames arrive whole, once and in order. Where nothing gets through, the first frame is tried again and again, and
 * after {@value #BREAK_NANOS} ns the stream is gone for both ends. An idle stream notices nothing.
 */
final class StreamEnd extends SimEvent {
    /** Bytes that may wait in one direction before a batch is refused. */
    static final int QUEUE_BYTES_MAX = 1 << 20;

    private static final long RETRY_NANOS = 200_000_000;
    private static final long BREAK_NANOS = 15_000_000_000L;

    /** Marks the end of the stream: no real frame is empty. */
    private static final byte[] FINISH = new byte[0];

    private static final class Segment {
        private final long arrivalNanos;
        private final byte[] frame;

        Segment(long arrivalNanos, byte[] frame) {
            this.arrivalNanos = arrivalNanos;
            this.frame = frame;
        }
    }

    private final SimTransport owner;
    private final Endpoint local;
    private final Endpoint remote;
    private final ArrayDeque<Segment> queue = new ArrayDeque<>();
    private int queuedBytes;
    private boolean isOpen = true;
    private boolean isPumping;
    private boolean wasRefused;
    private boolean isBlocked;
    private long blockedSinceNanos;
    private long firstArrivalNanos;
    private long lastArrivalNanos;

    /** Null until the connection is set up. */
    private @Nullable StreamEnd peer;

    StreamEnd(SimTransport owner, Endpoint local, Endpoint remote) {
        this.owner = owner;
        this.local = local;
        this.remote = remote;
    }

    SimHost host() {
        return owner.runtime().host();
    }

    Endpoint local() {
        return local;
    }

    Endpoint remote() {
        return remote;
    }

    /** Where the other end sees this one; asked once, since NAT boxes take a port for it. */
    Endpoint newOutside() {
        return NatWay.outsideOf(host().realm(), local, remote);
    }

    /** True while a connection is worth setting up: for this end, or for what it sent before it closed. */
    boolean isWanted() {
        return isOpen || !queue.isEmpty();
    }

    /** Queues a batch of {@code length} bytes; false if there is no room. */
    boolean send(byte[] buffer, int length, FrameCutter frames) {
        if (queuedBytes + length > QUEUE_BYTES_MAX) {
            wasRefused = true;
            return false;
        }
        SimNetwork network = host().network();
        long arrivalNanos = drawArrivalNanos();
        while (frames.hasNext()) {
            byte[] frame = frames.next(buffer);
            byte[] tapped = network.hasTaps() ? network.tapped(local, remote, frame) : frame;
            if (tapped == null || tapped.length == 0) {
                tear();
                return true;
            }
            enqueue(arrivalNanos, tapped);
        }
        return true;
    }

    /** The connection is set up: what waited for it goes. */
    void connect(StreamEnd other) {
        peer = other;
        firstArrivalNanos = drawArrivalNanos();
        lastArrivalNanos = firstArrivalNanos;
        pump();
    }

    /** This end closes the stream; the other end learns of it after the last frame. */
    void finish() {
        isOpen = false;
        enqueue(drawArrivalNanos(), FINISH);
    }

    /** Ends the stream for both ends, and both learn of it. */
    void tear() {
        StreamEnd other = peer;
        lose();
        if (other != null) {
            other.lose();
        }
    }

    /** This end finds the stream gone. */
    void lose() {
        queue.clear();
        queuedBytes = 0;
        if (isOpen) {
            isOpen = false;
            host().world().record(History.STREAM_STATE, host().id(), 0);
            owner.lost(this);
        }
    }

    @Override
    void fire(SimWorld world, long sequence) {
        StreamEnd receiver = peer;
        if (receiver == null || queue.isEmpty()) {
            isPumping = false;
            return;
        }
        long passableNanos = host().network()
                .links()
                .passableNanos(host().id(), receiver.host().id(), world.nanoTime());
        long arrivalNanos = Math.max(passableNanos, receiver.host().attentiveNanos());
        if (arrivalNanos > world.nanoTime()) {
            world.putOff(arrivalNanos, sequence, this);
        } else if (isStuck(receiver)) {
            retryOrTear(world, receiver);
        } else {
            isBlocked = false;
            deliverFirst(world, receiver);
            isPumping = false;
            pump();
        }
    }

    private void deliverFirst(SimWorld world, StreamEnd receiver) {
        byte[] frame = queue.remove().frame;
        queuedBytes -= frame.length;
        if (!receiver.isOpen) {
            lose();
        } else if (frame.length == 0) {
            receiver.lose();
        } else {
            world.record(History.STREAM_FRAME, host().id(), receiver.host().id(), frame);
            ReceiveBuffer buffer = world.current().receiveBuffer();
            buffer.start(frame, Transport.CLASS_DEFAULT);
            receiver.owner.deliver(receiver.remote, 0, buffer);
        }
        if (wasRefused && isOpen && queuedBytes <= QUEUE_BYTES_MAX / 2) {
            wasRefused = false;
            owner.writable();
        }
    }

    private boolean isStuck(StreamEnd receiver) {
        return !host().ownsAddressOf(local)
                || !receiver.host().ownsAddressOf(receiver.local)
                || host().network().isBlocked(host(), receiver.host());
    }

    private void retryOrTear(SimWorld world, StreamEnd receiver) {
        if (!isBlocked) {
            isBlocked = true;
            blockedSinceNanos = world.nanoTime();
        }
        if (world.nanoTime() - blockedSinceNanos >= BREAK_NANOS) {
            isPumping = false;
            tear();
        } else {
            world.schedule(StreamDial.common(host(), receiver.host()), world.nanoTime() + RETRY_NANOS, this);
        }
    }

    private void enqueue(long arrivalNanos, byte[] frame) {
        lastArrivalNanos = Math.max(lastArrivalNanos, arrivalNanos);
        queue.add(new Segment(lastArrivalNanos, frame));
        queuedBytes += frame.length;
        pump();
    }

    private void pump() {
        Segment first = queue.peek();
        StreamEnd receiver = peer;
        if (first != null && receiver != null && !isPumping) {
            isPumping = true;
            SimWorld world = host().world();
            // Frames queued before the connection was set up bear no time of their own.
            long dueNanos = Math.max(first.arrivalNanos, firstArrivalNanos);
            SimHost common = StreamDial.common(host(), receiver.host());
            world.schedule(common, Math.max(world.nanoTime(), dueNanos), this);
        }
    }

    private long drawArrivalNanos() {
        StreamEnd receiver = peer;
        return receiver == null
                ? 0
                : host().world().nanoTime() + host().network().drawStreamDelayNanos(host(), receiver.host());
    }
}
