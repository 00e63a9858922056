package io.p2pvpn.vpn.node;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingCall;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.overlay.ring.RingReply;
import io.p2pvpn.overlay.ring.RingService;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.RouteReport;
import io.p2pvpn.vpn.control.RouteReport.RouteHop;
import io.p2pvpn.vpn.namespace.MemberNotes;
import io.p2pvpn.vpn.namespace.Membership;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Follows a message's way over a ring: asks each member on it whom it would pass the message to. Confined to the node's
 * loop.
 */
final class RouteTraces {
    private static final String METHOD = "route";
    private static final int HOPS_MAX = 64;
    private static final double NANOS_PER_MILLI = 1e6;

    private final NodeDaemon daemon;
    private final NodeRuntime runtime;

    RouteTraces(NodeDaemon daemon) {
        this.daemon = daemon;
        this.runtime = daemon.runtime();
    }

    /** Lets this node tell others whom it would pass a message to. */
    static void serve(Ring ring) {
        ring.handle(METHOD, call -> CompletableFuture.completedFuture(onCall(ring, call)));
    }

    private static byte[] onCall(Ring ring, RingCall call) {
        byte[] target = call.request();
        OverlayId next = target.length == OverlayId.BYTES ? ring.nextHop(OverlayId.of(target)) : null;
        return next == null ? new byte[0] : next.toByteArray();
    }

    CompletableFuture<RouteReport> route(String target, Duration timeout) {
        long untilNanos = runtime.clock().nanoTime() + timeout.toNanos();
        OverlayId id = OverlayId.parseOrNull(target);
        if (id != null) {
            return inAnyRing(target, id, new ArrayList<>(daemon.node().rings()), untilNanos);
        }
        return Targets.address(daemon, target).thenCompose(address -> inNamespace(target, address, untilNanos));
    }

    private CompletableFuture<RouteReport> inNamespace(String target, int address, long untilNanos) {
        try {
            Membership membership = Targets.membership(daemon, address);
            return membership
                    .ringIdOf(address)
                    .thenCompose(id -> new Trace(target, membership.ring(), id, untilNanos).run());
        } catch (ControlException unknown) {
            return CompletableFuture.failedFuture(unknown);
        }
    }

    /** An ID does not say which ring it is of: the first in which somebody has it. */
    private CompletableFuture<RouteReport> inAnyRing(String target, OverlayId id, List<Ring> rings, long untilNanos) {
        Ring first = rings.remove(0);
        return new Trace(target, first, id, untilNanos)
                .run()
                .thenCompose(report -> report.reached() || rings.isEmpty()
                        ? CompletableFuture.completedFuture(report)
                        : inAnyRing(target, id, rings, untilNanos));
    }

    private final class Trace {
        private final String target;
        private final @Nullable Ring ring;
        private final OverlayId id;
        private final List<RouteHop> hops = new ArrayList<>();
        private final CompletableFuture<RouteReport> done = new CompletableFuture<>();

        Trace(String target, @Nullable Ring ring, OverlayId id, long untilNanos) {
            this.target = target;
            this.ring = ring;
            this.id = id;
            long leftNanos = Math.max(0, untilNanos - runtime.clock().nanoTime());
            runtime.timers().schedule(leftNanos, () -> end(false));
        }

        CompletableFuture<RouteReport> run() {
            if (ring == null) {
                end(false);
            } else if (ring.self().equals(id)) {
                end(true);
            } else {
                step(ring, ring.self(), ring.nextHop(id));
            }
            return done;
        }

        private void step(Ring traced, OverlayId at, @Nullable OverlayId next) {
            // A member that names one farther off would send us in circles.
            boolean nearer = next != null && id.ringDistanceTo(next).compareTo(id.ringDistanceTo(at)) < 0;
            if (next == null || !nearer || hops.size() >= HOPS_MAX) {
                end(at.equals(id));
                return;
            }
            long sentNanos = runtime.clock().nanoTime();
            Completions.whenDone(
                    runtime.timers(),
                    traced.call(next, RingService.Delivery.EXACT, METHOD, id.toByteArray()),
                    (reply, failure) -> onReply(traced, next, failure == null ? reply : null, sentNanos));
        }

        private void onReply(Ring traced, OverlayId hop, @Nullable RingReply reply, long sentNanos) {
            double millis = (runtime.clock().nanoTime() - sentNanos) / NANOS_PER_MILLI;
            hops.add(new RouteHop(hop.toString(), nameOf(traced, hop), reply == null ? null : Double.valueOf(millis)));
            if (reply == null) {
                end(false);
            } else {
                byte[] body = reply.body();
                step(traced, hop, body.length == OverlayId.BYTES ? OverlayId.of(body) : null);
            }
        }

        private void end(boolean reached) {
            done.complete(new RouteReport(target, namespace(), id.toString(), reached, List.copyOf(hops)));
        }

        private @Nullable String namespace() {
            for (Membership membership : daemon.memberships()) {
                if (ring != null && ring.equals(membership.ring())) {
                    return membership.options().name();
                }
            }
            return null;
        }
    }

    private static @Nullable String nameOf(Ring ring, OverlayId id) {
        RingPeer peer = ring.peer(id);
        return peer == null ? null : MemberNotes.hostName(peer.note());
    }
}
