package io.p2pvpn.dht;

import io.p2pvpn.dht.wire.proto.StoredRecord;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.ring.RingService;
import io.p2pvpn.overlay.runtime.Counters.Counter;
import io.p2pvpn.overlay.runtime.KeySource;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the parts of one node's DHT in one ring have in common. */
final class DhtContext {
    /** The ring method that stores a record. */
    static final String PUT = "dht.put";

    /** The ring method that looks a key up. */
    static final String GET = "dht.get";

    /** The ring method that hands records to a new neighbour. */
    static final String HAND_OVER = "dht.handover";

    /** The ring method that asks for the records of an arc. */
    static final String FETCH = "dht.fetch";

    private static final Logger LOG = LoggerFactory.getLogger(DhtContext.class);

    private final NodeRuntime runtime;
    private final RingService ring;
    private final Identity identity;
    private final RecordPolicy policy;
    private final RecordCodec codec;
    private final AnswerSignatures answers;
    private final LoopTime time;
    private boolean closed;

    DhtContext(
            NodeRuntime runtime,
            RingService ring,
            VerifiedRecords verified,
            Identity identity,
            IdentityCache identities,
            RecordPolicy policy) {
        this.runtime = runtime;
        this.ring = ring;
        this.identity = identity;
        this.policy = policy;
        this.codec = new RecordCodec(verified, identities);
        this.answers = new AnswerSignatures(verified.ringId(), identity, identities);
        this.time = new LoopTime(runtime.clock());
    }

    /** True while this node answers and asks: the ring is joined and the DHT not closed. */
    boolean isServing() {
        return !closed && ring.isJoined();
    }

    boolean isClosed() {
        return closed;
    }

    void close() {
        closed = true;
    }

    RingService ring() {
        return ring;
    }

    Identity identity() {
        return identity;
    }

    RecordPolicy policy() {
        return policy;
    }

    RecordCodec codec() {
        return codec;
    }

    AnswerSignatures answers() {
        return answers;
    }

    KeySource keys() {
        return runtime.keys();
    }

    RandomGenerator random() {
        return runtime.random();
    }

    long nowMillis() {
        return time.millis();
    }

    long epochMillis() {
        return time.epochMillis();
    }

    /** Goes on with a result; a fault of ours in doing so is not swallowed by the future. */
    static <T> void then(CompletableFuture<T> future, Consumer<? super T> action) {
        CompletableFuture<?> unused = future.thenAccept(action).exceptionally(fault -> {
            LOG.error("internal error", fault);
            return null;
        });
    }

    Counter counter(String name) {
        return runtime.counters().counter(name);
    }

    Timers.Timer after(long delayMillis, Runnable task) {
        return runtime.timers().schedule(LoopTime.toNanos(delayMillis), task);
    }

    Timers.Timer everySecond(Runnable task) {
        return runtime.timers().everySecond(task);
    }

    /** A number drawn evenly from the closed range. */
    long jitterMillis(long leastMillis, long mostMillis) {
        return leastMillis + random().nextLong(mostMillis - leastMillis + 1);
    }

    /** A record for the wire, with what it has still to live; less than nothing becomes nothing. */
    StoredRecord toWire(DhtRecord record, long remainingMillis) {
        return StoredRecord.newBuilder()
                .setRecord(record.signed())
                .setRemainingMillis(Math.max(0, remainingMillis))
                .build();
    }

    /**
     * How long a record that arrives may live here: what the sender says, never more than the owner allowed, and never
     * longer past its end by the wall clock than clocks may differ. 0 or less: not at all.
     */
    long acceptedMillis(DhtRecord record, long offeredMillis) {
        long sinceCreated = epochMillis() - record.createdEpochMillis();
        if (sinceCreated < -DhtLimits.CLOCK_SKEW_MILLIS_MAX) {
            return 0;
        }
        // The offer is unsigned on the wire: a huge one shows as negative here and is none.
        long byClock = record.ttlMillis() + DhtLimits.CLOCK_SKEW_MILLIS_MAX - sinceCreated;
        return Math.min(Math.min(offeredMillis, record.ttlMillis()), byClock);
    }
}
