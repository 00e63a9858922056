package io.p2pvpn.crawler;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.crawler.task.Acquaintance;
import io.p2pvpn.crawler.task.NodeReport;
import io.p2pvpn.crawler.wire.proto.AboutAsk;
import io.p2pvpn.crawler.wire.proto.NodeReportWire;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.Contacts;
import io.p2pvpn.overlay.ring.RingReply;
import io.p2pvpn.overlay.ring.RingService;
import io.p2pvpn.overlay.ring.RingService.Delivery;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Asks members over the ring; who does not answer in time has said nothing. Confined to the node's loop. */
final class RingQuestions {
    private final NodeRuntime runtime;
    private final RingService ring;

    RingQuestions(NodeRuntime runtime, RingService ring) {
        this.runtime = runtime;
        this.ring = ring;
    }

    /** An answer, and what it cost. */
    record Told<T>(@Nullable T value, int hops, int bytes) {}

    /** What a member says of its place. */
    CompletableFuture<Told<NodeReport>> look(OverlayId member, long patienceNanos) {
        return ask(member, Crawler.LOOK_METHOD, new byte[0], patienceNanos)
                .thenApply(reply -> reply == null
                        ? new Told<>(null, 1, 0)
                        : new Told<>(report(member, reply.body()), reply.hops(), reply.body().length));
    }

    private static @Nullable NodeReport report(OverlayId member, byte[] body) {
        try {
            NodeReport report = NodeReport.fromWire(NodeReportWire.parseFrom(body));
            return report != null && report.id().equals(member) ? report : null;
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    /** What a member says of another one; null if it does not answer. */
    CompletableFuture<@Nullable Acquaintance> about(OverlayId member, OverlayId other, long patienceNanos) {
        byte[] body =
                AboutAsk.newBuilder().setMember(Contacts.bytes(other)).build().toByteArray();
        return ask(member, Crawler.ABOUT_METHOD, body, patienceNanos)
                .thenApply(reply -> reply == null ? null : Acquaintance.decode(reply.body()));
    }

    private CompletableFuture<@Nullable RingReply> ask(
            OverlayId member, String method, byte[] body, long patienceNanos) {
        CompletableFuture<@Nullable RingReply> answer = new CompletableFuture<>();
        Timers.Timer limit = runtime.timers().schedule(patienceNanos, () -> answer.complete(null));
        Completions.whenDone(runtime.timers(), ring.call(member, Delivery.EXACT, method, body), (reply, failure) -> {
            limit.cancel();
            answer.complete(failure == null ? reply : null);
        });
        return answer;
    }
}
