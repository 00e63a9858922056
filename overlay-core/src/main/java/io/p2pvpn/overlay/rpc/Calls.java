package io.p2pvpn.overlay.rpc;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.wire.proto.CallReply;
import io.p2pvpn.overlay.wire.proto.CallRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Requests that wait for their replies: sent again until one comes or the tries are used up. Where replies use to take
 * longer than the first pauses, over many hops of a large ring, these are longer too ({@link ReplyTimes}).
 */
public final class Calls {
    /** Requests waiting at a time; more fail at once. */
    public static final int PENDING_MAX = 8192;

    private static final long MILLI_NANOS = 1_000_000L;
    private static final long[] GAPS_NANOS = {
        500 * MILLI_NANOS,
        500 * MILLI_NANOS,
        750 * MILLI_NANOS,
        1_000 * MILLI_NANOS,
        1_250 * MILLI_NANOS,
        1_500 * MILLI_NANOS
    };

    /** Carries a request once more. */
    @FunctionalInterface
    public interface Sender {
        /**
         * Sends; may fail silently.
         *
         * @param before how often this request was sent before: whoever has other ways may try one
         */
        void send(CallRequest request, int before);
    }

    private final class Pending {
        private final CallRequest request;
        private final Sender sender;
        private final int firstWay;
        private final CompletableFuture<CallReply> result = new CompletableFuture<>();
        private final long sinceNanos = runtime.clock().nanoTime();
        private int tries;
        private Timers.@Nullable Timer timer;

        Pending(CallRequest request, int firstWay, Sender sender) {
            this.request = request;
            this.firstWay = firstWay;
            this.sender = sender;
        }

        void attempt() {
            timer = null;
            if (tries == GAPS_NANOS.length) {
                pending.remove(request.getId());
                result.completeExceptionally(new CallException("no answer to " + request.getMethod()));
                return;
            }
            int before = tries++;
            timer = runtime.timers().schedule(Math.max(GAPS_NANOS[before], times.patienceNanos()), this::attempt);
            int way = firstWay + before;
            sender.send(way == 0 ? request : request.toBuilder().setTries(way).build(), before);
        }
    }

    private final NodeRuntime runtime;
    private final ReplyTimes times = new ReplyTimes();
    private final Map<Long, Pending> pending = new LinkedHashMap<>();

    /** No request waits. */
    public Calls(NodeRuntime runtime) {
        this.runtime = runtime;
    }

    /** Sends a request; completes with its reply, or exceptionally with {@link CallException}. */
    public CompletableFuture<CallReply> call(String method, byte[] body, Sender sender) {
        return call(method, body, 0, sender);
    }

    /**
     * The same, by another way.
     *
     * @param firstWay the ways are tried in turn, from this one on; 0 is the best
     */
    public CompletableFuture<CallReply> call(String method, byte[] body, int firstWay, Sender sender) {
        if (pending.size() >= PENDING_MAX) {
            return CompletableFuture.failedFuture(new CallException("too many calls under way"));
        }
        long id = runtime.keys().nextLong();
        CallRequest request = CallRequest.newBuilder()
                .setId(id)
                .setMethod(method)
                .setBody(ByteString.copyFrom(body))
                .build();
        Pending call = new Pending(request, firstWay, sender);
        pending.put(id, call);
        call.attempt();
        return call.result;
    }

    /** A reply came: true if it was awaited. */
    public boolean onReply(CallReply reply) {
        Pending call = pending.remove(reply.getId());
        if (call == null) {
            return false;
        }
        if (call.timer != null) {
            call.timer.cancel();
        }
        times.onReply(runtime.clock().nanoTime() - call.sinceNanos);
        if (reply.getFailed()) {
            String reason = reply.getBody().isValidUtf8() ? reply.getBody().toStringUtf8() : "refused";
            call.result.completeExceptionally(new CallException(reason));
        } else {
            call.result.complete(reply);
        }
        return true;
    }
}
