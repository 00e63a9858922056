package io.p2pvpn.overlay.relay;

import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.overlay.rpc.SessionCalls;
import io.p2pvpn.overlay.runtime.ByteBucket;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.session.SessionLayer;
import io.p2pvpn.overlay.wire.proto.RelayBind;
import io.p2pvpn.overlay.wire.proto.RelayBound;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The relay's part: binds pairs of nodes that both have a direct path to us, swaps labels, forwards. Confined to the
 * node's loop.
 */
final class RelayForwarder {
    /** A pair that nothing was forwarded for is released after this time ... */
    static final long IDLE_NANOS = 60_000_000_000L;
    /** ... give or take. */
    private static final long SWEEP_NANOS = 15_000_000_000L;

    /** Whom a pair joins, the smaller ID first. */
    private record Pair(OverlayId low, OverlayId high) implements Comparable<Pair> {
        static Pair of(OverlayId a, OverlayId b) {
            return a.compareTo(b) < 0 ? new Pair(a, b) : new Pair(b, a);
        }

        @Override
        public int compareTo(Pair other) {
            int order = low.compareTo(other.low);
            return order != 0 ? order : high.compareTo(other.high);
        }
    }

    private final NodeRuntime runtime;
    private final SessionLayer sessions;
    private final SessionCalls calls;
    private final RelayLabels labels;
    private final TreeMap<Pair, RelayBinding> bindings = new TreeMap<>();
    private final TreeMap<OverlayId, RelayBinding.Owner> owners = new TreeMap<>();
    private final Counters.Counter framesForwarded;
    private final Counters.Counter bytesForwarded;
    private final Counters.Counter endpointDrops;
    private final Counters.Counter unboundDrops;
    private final Counters.Counter legDrops;
    private final Counters.Counter limitDrops;
    private final Counters.Counter sendDrops;
    private RelayLimits limits;
    private ByteBucket bucket;
    private Timers.@Nullable Timer sweep;

    RelayForwarder(
            NodeRuntime runtime, SessionLayer sessions, SessionCalls calls, RelayLimits limits, RelayLabels labels) {
        this.runtime = runtime;
        this.sessions = sessions;
        this.calls = calls;
        this.limits = limits;
        this.labels = labels;
        this.bucket = new ByteBucket(limits.bytesPerSecondMax(), runtime.clock().nanoTime());
        Counters counters = runtime.counters();
        this.framesForwarded = counters.counter("relay.forwarded.frames");
        this.bytesForwarded = counters.counter("relay.forwarded.bytes");
        this.endpointDrops = counters.counter("relay.drop.endpoint");
        this.unboundDrops = counters.counter("relay.drop.unbound");
        this.legDrops = counters.counter("relay.drop.leg");
        this.limitDrops = counters.counter("relay.drop.limit");
        this.sendDrops = counters.counter("relay.drop.send");
        calls.handle("relay.bind", this::onBind);
    }

    /** Forwards within these limits from now on; nothing any more if they say so. */
    void limit(RelayLimits next) {
        long now = runtime.clock().nanoTime();
        limits = next;
        bucket = new ByteBucket(next.bytesPerSecondMax(), now);
        owners.values().forEach(owner -> owner.limit(new ByteBucket(next.bytesPerSecondPerPeerMax(), now)));
        if (!next.relaying()) {
            List.copyOf(bindings.values()).forEach(this::release);
        }
    }

    /** Pairs served now. */
    int size() {
        return bindings.size();
    }

    // -------------------------------------------------------------------- binding

    private CompletableFuture<byte[]> onBind(Session from, byte[] request) throws InvalidProtocolBufferException {
        RelayBind bind = RelayBind.parseFrom(request);
        OverlayId target = Relays.id(bind.getPeer());
        Session other = target == null ? null : sessions.session(target);
        if (bind.getLabel() == 0 || other == from) {
            return refused("malformed");
        }
        if (!limits.relaying() || runtime.transport().isMetered()) {
            return refused("declines to relay");
        }
        if (other == null || !from.isDirect() || !other.isDirect()) {
            return refused("no direct path");
        }
        Pair pair = Pair.of(from.nodeId(), other.nodeId());
        RelayBinding known = bindings.get(pair);
        RelayBinding binding = known != null ? known : bind(pair, from, other);
        if (binding == null) {
            return refused("too much to relay");
        }
        RelayBinding.Leg leg = binding.legOf(from);
        boolean asksAnew = leg.remoteLabel() != bind.getLabel();
        leg.setRemoteLabel(bind.getLabel());
        boolean answered = binding.offered() == null && leg.other().remoteLabel() != 0;
        if (!answered || (known != null && asksAnew)) {
            return offer(pair, binding, leg);
        }
        return CompletableFuture.completedFuture(bound(leg));
    }

    private static CompletableFuture<byte[]> refused(String reason) {
        return CompletableFuture.failedFuture(new CallException(reason));
    }

    private static byte[] bound(RelayBinding.Leg leg) {
        return RelayBound.newBuilder().setLabel(leg.label()).build().toByteArray();
    }

    private @Nullable RelayBinding bind(Pair pair, Session asker, Session asked) {
        long now = runtime.clock().nanoTime();
        RelayBinding.Owner owner = owners.computeIfAbsent(
                asker.nodeId(),
                unused -> new RelayBinding.Owner(new ByteBucket(limits.bytesPerSecondPerPeerMax(), now)));
        if (bindings.size() >= limits.bindingsMax() || owner.bindings() >= limits.bindingsPerPeerMax()) {
            runtime.counters().counter("relay.refused.limit").increment();
            return null;
        }
        int askerLabel = labels.fresh();
        RelayBinding binding = new RelayBinding(owner, asker, askerLabel, asked, otherThan(askerLabel), now);
        labels.put(binding.asker().label(), binding.asker());
        labels.put(binding.asked().label(), binding.asked());
        bindings.put(pair, binding);
        sweepLater();
        return binding;
    }

    private int otherThan(int taken) {
        int label;
        do {
            label = labels.fresh();
        } while (label == taken);
        return label;
    }

    /** Asks the other end whether it wants this; repeated requests share one offer. */
    private CompletableFuture<byte[]> offer(Pair pair, RelayBinding binding, RelayBinding.Leg asking) {
        CompletableFuture<byte[]> underWay = binding.offered();
        if (underWay != null) {
            return underWay.thenApply(agreed -> bound(asking));
        }
        RelayBinding.Leg asked = asking.other();
        RelayBind offer = RelayBind.newBuilder()
                .setPeer(Relays.bytes(asking.session().nodeId()))
                .setLabel(asked.label())
                .build();
        CompletableFuture<byte[]> answer = calls.call(asked.session(), "relay.offer", offer.toByteArray())
                .handle((body, failure) -> {
                    binding.setOffered(null);
                    int label = failure == null ? Relays.label(body) : 0;
                    if (label == 0 || bindings.get(pair) != binding) {
                        release(binding);
                        throw new CompletionException(new CallException("the other end does not agree"));
                    }
                    asked.setRemoteLabel(label);
                    return body;
                });
        if (!answer.isDone()) {
            binding.setOffered(answer);
        }
        return answer.thenApply(agreed -> bound(asking));
    }

    // ----------------------------------------------------------------- forwarding

    /** Frames of one label came from {@code from}: they leave from where they lie. Allocates nothing. */
    void forward(
            RelayBinding.Leg leg,
            Endpoint from,
            byte[] buffer,
            int offset,
            int length,
            int segmentBytes,
            int trafficClass) {
        long now = runtime.clock().nanoTime();
        int frames = (length + segmentBytes - 1) / segmentBytes;
        RelayBinding.Leg to = leg.other();
        Path path = to.session().activePath();
        if (!leg.session().isReachedAt(from)) {
            endpointDrops.add(frames);
        } else if (to.remoteLabel() == 0) {
            unboundDrops.add(frames);
        } else if (path == null || !path.route().isDirect()) {
            legDrops.add(frames);
        } else {
            RelayBinding binding = leg.binding();
            int bytes = within(binding.owner(), length, segmentBytes, now);
            int passing = (bytes + segmentBytes - 1) / segmentBytes;
            limitDrops.add(frames - passing);
            if (bytes > 0) {
                binding.use(now);
                RelayRoute.putLabel(buffer, offset, bytes, segmentBytes, to.remoteLabel());
                boolean sent = path.route().send(buffer, offset, bytes, segmentBytes, trafficClass);
                (sent ? framesForwarded : sendDrops).add(passing);
                bytesForwarded.add(sent ? bytes : 0);
            }
        }
    }

    /** How much of a batch may pass, in whole frames; it counts as passed. */
    private int within(RelayBinding.Owner owner, int length, int segmentBytes, long nowNanos) {
        long available = Math.min(bucket.available(nowNanos), owner.bucket().available(nowNanos));
        int bytes = available >= length ? length : (int) (available / segmentBytes) * segmentBytes;
        bucket.spend(bytes);
        owner.bucket().spend(bytes);
        return bytes;
    }

    // -------------------------------------------------------------------- release

    /** One end does not use it any more. */
    void onReleased(RelayBinding.Leg leg) {
        release(leg.binding());
    }

    /** Whatever leads over this session ends: it is over, or its path is not direct any more. */
    void releaseAll(Session session) {
        for (RelayBinding binding : List.copyOf(bindings.values())) {
            if (binding.has(session)) {
                release(binding);
            }
        }
    }

    void onDown(Session session) {
        releaseAll(session);
        owners.remove(session.nodeId());
    }

    private void release(RelayBinding binding) {
        RelayBinding.Leg asker = binding.asker();
        RelayBinding.Leg asked = binding.asked();
        Pair pair = Pair.of(asker.session().nodeId(), asked.session().nodeId());
        if (bindings.remove(pair, binding)) {
            binding.released();
            for (RelayBinding.Leg leg : List.of(asker, asked)) {
                labels.remove(leg.label());
                Relays.tellReleased(calls, leg.session(), leg.remoteLabel());
            }
        }
    }

    private void sweepLater() {
        if (sweep == null && !bindings.isEmpty()) {
            sweep = runtime.timers().schedule(SWEEP_NANOS, this::sweep);
        }
    }

    private void sweep() {
        sweep = null;
        long now = runtime.clock().nanoTime();
        for (RelayBinding binding : List.copyOf(bindings.values())) {
            if (now - binding.usedNanos() > IDLE_NANOS) {
                release(binding);
            }
        }
        sweepLater();
    }

    void close() {
        List.copyOf(bindings.values()).forEach(this::release);
        if (sweep != null) {
            sweep.cancel();
        }
    }
}
