package io.p2pvpn.nat.portmap;

import io.p2pvpn.nat.portmap.GatewayAccess.DatagramSocket;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.Timers.Timer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Sends datagrams to the gateway until one is answered: at 0, 250 and 750 ms, given up at 1750 ms. The first gaps are
 * those of RFC 6886 section 3.1; that of RFC 6887 section 8.1.1 (3 s) is for routers farther away than the next.
 *
 * @param <T> what an answer is read as
 */
final class UdpExchange<T> {
    private static final long FIRST_GAP_NANOS = 250_000_000L;
    private static final int SENDS_MAX = 3;

    /** Reads a datagram. */
    interface Reader<T> {
        /** The answer; null if it is not the one waited for. */
        @Nullable
        T read(byte[] datagram) throws PortMapException;
    }

    /** One datagram, and where it goes. */
    static final class Request {
        private final Endpoint to;
        private final byte[] datagram;

        Request(Endpoint to, byte[] datagram) {
            this.to = to;
            this.datagram = datagram;
        }
    }

    private final PortMapHost host;
    private final List<Request> requests;
    private final Reader<T> reader;
    private final CompletableFuture<T> answer = new CompletableFuture<>();
    private @Nullable DatagramSocket socket;
    private @Nullable Timer timer;
    private int sends;

    private UdpExchange(PortMapHost host, List<Request> requests, Reader<T> reader) {
        this.host = host;
        this.requests = requests;
        this.reader = reader;
    }

    /** Begins; the answer, or a {@link PortMapException}. */
    static <T> CompletableFuture<T> start(PortMapHost host, List<Request> requests, Reader<T> reader) {
        UdpExchange<T> exchange = new UdpExchange<>(host, requests, reader);
        Completions.whenDone(
                host.runtime().timers(),
                host.access().open(host.gateway(), exchange::onDatagram),
                (opened, failure) -> exchange.onOpened(opened, failure));
        return exchange.answer;
    }

    private void onOpened(@Nullable DatagramSocket opened, @Nullable Throwable failure) {
        if (opened == null) {
            end(null, noAnswer(failure == null ? "no socket" : String.valueOf(failure.getMessage())));
            return;
        }
        socket = opened;
        send();
    }

    private static PortMapException noAnswer(String text) {
        return new PortMapException(PortMapException.Kind.NO_ANSWER, text);
    }

    private void send() {
        DatagramSocket open = socket;
        if (open == null) {
            return;
        }
        if (sends == SENDS_MAX) {
            end(null, noAnswer("no answer"));
            return;
        }
        long gap = FIRST_GAP_NANOS << sends;
        sends++;
        timer = host.runtime().timers().schedule(gap, this::send);
        for (Request request : requests) {
            open.send(request.to, request.datagram);
        }
    }

    private void onDatagram(Endpoint from, byte[] datagram) {
        if (answer.isDone()) {
            return;
        }
        if (!isExpected(from)) {
            host.drop("sender");
            return;
        }
        try {
            T read = reader.read(datagram);
            if (read == null) {
                host.drop("malformed");
            } else {
                end(read, null);
            }
        } catch (PortMapException failed) {
            end(null, failed);
        }
    }

    /** Only the gateway may answer; from the port that was asked, unless everybody was. */
    private boolean isExpected(Endpoint from) {
        if (!from.address().equals(host.gateway().address())) {
            return false;
        }
        return requests.stream()
                .anyMatch(request ->
                        request.to.equals(from) || request.to.address().isMulticastAddress());
    }

    private void end(@Nullable T read, @Nullable PortMapException failed) {
        if (timer != null) {
            timer.cancel();
        }
        if (socket != null) {
            socket.close();
            socket = null;
        }
        if (read != null) {
            answer.complete(read);
        } else if (failed != null) {
            answer.completeExceptionally(failed);
        }
    }
}
