package io.p2pvpn.vpn.node;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.overlay.ring.RingService;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.PingReply;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Overlay-level pings: to a virtual address or a name over a session, to an overlay ID over its ring. */
final class Pings {
    private static final double NANOS_PER_MILLI = 1e6;

    private final NodeDaemon daemon;
    private final NodeRuntime runtime;

    Pings(NodeDaemon daemon) {
        this.daemon = daemon;
        this.runtime = daemon.runtime();
    }

    CompletableFuture<PingReply> ping(String target, int sequence, Duration timeout) {
        CompletableFuture<PingReply> reply = new CompletableFuture<>();
        runtime.timers()
                .schedule(
                        timeout.toNanos(),
                        () -> reply.completeExceptionally(
                                new ControlException(ControlException.Kind.TIMED_OUT, "no answer from " + target)));
        OverlayId id = OverlayId.parseOrNull(target);
        CompletableFuture<PingReply> answer = id != null
                ? overRing(id, sequence)
                : Targets.address(daemon, target).thenCompose(address -> overSession(address, sequence));
        Completions.whenDone(runtime.timers(), answer, (done, failure) -> {
            if (failure == null) {
                reply.complete(done);
            } else if (unwrapped(failure) instanceof ControlException known) {
                reply.completeExceptionally(known);
            } else {
                reply.completeExceptionally(new ControlException(
                        ControlException.Kind.TIMED_OUT,
                        "no answer from " + target + ": " + unwrapped(failure).getMessage()));
            }
        });
        return reply;
    }

    private static Throwable unwrapped(Throwable failure) {
        return failure.getCause() == null ? failure : failure.getCause();
    }

    private CompletableFuture<PingReply> overSession(int address, int sequence) {
        try {
            return Targets.membership(daemon, address)
                    .connect(address)
                    .thenCompose(session -> measured(session, sequence));
        } catch (ControlException unknown) {
            return CompletableFuture.failedFuture(unknown);
        }
    }

    private CompletableFuture<PingReply> measured(Session session, int sequence) {
        long sent = runtime.clock().nanoTime();
        return daemon.node().calls().call(session, "ping", new byte[0]).thenApply(body -> {
            Path active = session.activePath();
            double millis = millisSince(sent);
            return new PingReply(sequence, millis, kindOf(active), via(active), daemon.pathReason(session));
        });
    }

    private double millisSince(long sentNanos) {
        return (runtime.clock().nanoTime() - sentNanos) / NANOS_PER_MILLI;
    }

    private static List<String> via(@Nullable Path path) {
        OverlayId relay = path == null ? null : path.route().via();
        return relay == null ? List.of() : List.of(relay.toString());
    }

    private static String kindOf(@Nullable Path path) {
        FrameRoute.Kind kind =
                path == null ? FrameRoute.Kind.RING : path.route().kind();
        return switch (kind) {
            case UDP, TCP, TLS -> "direct";
            case RELAY -> "relay";
            case RING -> "ring";
        };
    }

    /** In whichever ring the ID is: a peer's session if there is one, else hop by hop; the first answer counts. */
    private CompletableFuture<PingReply> overRing(OverlayId id, int sequence) {
        CompletableFuture<PingReply> first = new CompletableFuture<>();
        List<Ring> rings = List.copyOf(daemon.node().rings());
        int[] failures = new int[1];
        for (Ring ring : rings) {
            RingPeer peer = ring.peer(id);
            long sent = runtime.clock().nanoTime();
            CompletableFuture<PingReply> answer = peer != null
                    ? measured(peer.session(), sequence)
                    : ring.call(id, RingService.Delivery.EXACT, "ping", new byte[0])
                            .thenApply(hop -> new PingReply(
                                    sequence, millisSince(sent), "ring", List.of(), "ring: there is no session"));
            Completions.whenDone(runtime.timers(), answer, (done, failure) -> {
                if (failure == null) {
                    first.complete(done);
                } else if (++failures[0] == rings.size()) {
                    first.completeExceptionally(failure);
                }
            });
        }
        return first;
    }
}
