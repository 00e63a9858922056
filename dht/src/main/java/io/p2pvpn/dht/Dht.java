package io.p2pvpn.dht;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.ring.RingService;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One node's part in the DHT of one ring: keeps records for others, and puts, claims, looks up and renews for itself.
 *
 * <p>Confined to the node's loop; futures complete there, exceptionally with {@link DhtException} only.
 */
public final class Dht {
    private final DhtContext context;
    private final RecordStore store;
    private final Writer writer;
    private final OwnRecords own;
    private final CallPacer pacer;
    private final ReplicaRefresh refresh;
    private final HandOver handOver;
    private final Timers.Timer tick;
    private long tickMillis;

    /**
     * Starts serving.
     *
     * @param ringId names the ring: what is signed for it is good in no other
     * @param identity signs our records and answers
     * @param identities the node's memory of verified identities
     * @param policy whose records are believed
     */
    public Dht(
            NodeRuntime runtime,
            RingService ring,
            byte[] ringId,
            Identity identity,
            IdentityCache identities,
            RecordPolicy policy) {
        this(runtime, ring, new VerifiedRecords(ringId, DhtLimits.VERIFIED_CACHE_MAX), identity, identities, policy);
    }

    /**
     * Like the other one.
     *
     * @param verified the ring's name, and a memory of verified records that several nodes may share
     */
    public Dht(
            NodeRuntime runtime,
            RingService ring,
            VerifiedRecords verified,
            Identity identity,
            IdentityCache identities,
            RecordPolicy policy) {
        this(new DhtContext(runtime, ring, verified, identity, identities, policy), StoreLimits.DEFAULT);
    }

    Dht(DhtContext context, StoreLimits limits) {
        this.context = context;
        this.store = new RecordStore(
                limits, () -> context.jitterMillis(DhtLimits.REFRESH_MILLIS_MIN, DhtLimits.REFRESH_MILLIS_MAX));
        this.pacer = new CallPacer(DhtLimits.BACKGROUND_CALLS_MAX, DhtLimits.BACKGROUND_QUEUE_MAX);
        Replicas replicas = new Replicas(context);
        this.writer = new Writer(context, replicas, pacer, new OwnSigner(context, context.identity()));
        this.own = new OwnRecords(context, writer);
        Intake intake = new Intake(context, store);
        ZoneFetch fetch = new ZoneFetch(context, intake);
        this.refresh = new ReplicaRefresh(context, store, intake, replicas, pacer);
        this.handOver = new HandOver(context, store, pacer);
        new ReplicaServer(context, store, intake, fetch).register();
        new FetchServer(context, store, fetch).register();
        Upheaval upheaval = new Upheaval();
        Runnable onRingChanged = () -> {
            if (context.isServing()) {
                Neighbourhood now = Neighbourhood.of(context.ring());
                boolean isAnother = upheaval.isSeenIn(now);
                fetch.onRingChanged(now, isAnother);
                handOver.onRingChanged();
                if (isAnother || now.isWholeRing()) {
                    store.refreshSooner(context.nowMillis());
                    own.reclaim();
                }
            }
        };
        context.ring().onNeighboursChanged(onRingChanged);
        context.ring().onJoined(onRingChanged);
        this.tickMillis = context.nowMillis() - context.jitterMillis(0, DhtLimits.TICK_MILLIS);
        this.tick = context.everySecond(this::onBeat);
    }

    private void onBeat() {
        if (context.nowMillis() - tickMillis >= DhtLimits.TICK_MILLIS) {
            tickMillis = context.nowMillis();
            onTick();
        }
    }

    private void onTick() {
        refresh.onTick();
        if (context.isServing()) {
            own.onTick();
        }
    }

    /** What entitles us to put records in this ring; goes into every record signed from now on. */
    public void setCredential(byte[] credential) {
        if (credential.length > DhtLimits.CREDENTIAL_BYTES_MAX) {
            throw new IllegalArgumentException("a credential has at most " + DhtLimits.CREDENTIAL_BYTES_MAX + " bytes");
        }
        writer.signer().setCredential(credential);
    }

    /**
     * Puts our record beside those of others and keeps it alive until {@link #remove} or {@link #close}. A second put
     * replaces the first.
     *
     * @param ttlSeconds how long it outlives us
     * @return the record as five positions at least took it; a failed put is not kept alive
     */
    public CompletableFuture<DhtRecord> put(OverlayId key, byte[] value, int ttlSeconds) {
        DhtException fault = fault(key, value, ttlSeconds);
        return fault != null
                ? CompletableFuture.failedFuture(fault)
                : own.put(key, ByteString.copyFrom(value), ttlSeconds);
    }

    /**
     * Puts a record once, in another name than ours: nobody can tell from it whose it is. It is neither renewed nor
     * removed with ours.
     *
     * @param owner signs it; made for the purpose
     * @param ttlSeconds how long it lives
     * @return the record as five positions at least took it
     */
    public CompletableFuture<DhtRecord> putOnce(Identity owner, OverlayId key, byte[] value, int ttlSeconds) {
        DhtException fault = fault(key, value, ttlSeconds);
        if (fault != null) {
            return CompletableFuture.failedFuture(fault);
        }
        DhtRecord record =
                new OwnSigner(context, owner).record(DhtRecord.Kind.PLAIN, key, ByteString.copyFrom(value), ttlSeconds);
        return writer.put(record)
                .thenCompose(round -> round.hasMajority()
                        ? CompletableFuture.completedFuture(round.record())
                        : CompletableFuture.failedFuture(round.failure()));
    }

    /**
     * Takes a key for us alone and keeps it until {@link #remove} or {@link #close}. A key that we hold gets the new
     * value.
     *
     * @param onLost told the claim that beat ours in a merge, after ours was withdrawn; it is not kept any more
     * @return our claim; exceptionally with {@link DhtException.Reason#HELD} when another owner has it
     */
    public CompletableFuture<DhtRecord> claim(
            OverlayId key, byte[] value, int ttlSeconds, @Nullable Consumer<DhtRecord> onLost) {
        DhtException fault = fault(key, value, ttlSeconds);
        return fault != null
                ? CompletableFuture.failedFuture(fault)
                : own.claim(key, ByteString.copyFrom(value), ttlSeconds, onLost);
    }

    /**
     * Removes our record and our claim under a key, those of an earlier run too, and stops renewing.
     *
     * @return done when five positions at least know
     */
    public CompletableFuture<Void> remove(OverlayId key) {
        DhtException fault = stateFault();
        return fault != null ? CompletableFuture.failedFuture(fault) : own.remove(key);
    }

    /** Looks a key up; inconclusive rather than exceptional when too few positions answer. */
    public CompletableFuture<GetResult> get(OverlayId key, GetOptions options) {
        return get(key, options, record -> {});
    }

    /**
     * The same.
     *
     * @param first hears of the first record that anybody names: it may not be in the result
     */
    public CompletableFuture<GetResult> get(OverlayId key, GetOptions options, Consumer<DhtRecord> first) {
        DhtException fault = stateFault();
        return fault != null ? CompletableFuture.failedFuture(fault) : writer.get(key, options, first);
    }

    /**
     * Puts all our records and claims again where they belong now, soon, and at most once in ten seconds. It happens by
     * itself when the ring was joined, when most of our neighbours are new (as after a merge) and, in a ring of few, at
     * any change; to be called when there is another reason to believe that replicas lack them (a peer that says that
     * there is no such mapping). Claims that were beaten meanwhile are lost here, and their owners told.
     */
    public void reclaim() {
        own.reclaim();
    }

    /** The policy judges otherwise than before: what it does not accept any more is dropped. */
    public void review() {
        store.retain(context.policy()::accepts);
    }

    /** Our own records that are kept alive. */
    public List<DhtRecord> ownRecords() {
        return own.records();
    }

    /** All records that this node keeps for the ring, by key, tombstones and tentative claims too. */
    public List<DhtRecord> storedRecords() {
        store.purge(context.nowMillis());
        return store.all();
    }

    /**
     * Hands what this node keeps for the ring to those who will keep it without us: to be waited for, a few seconds at
     * most, before {@link #close} when a node ends in good order. Our own records stay until their time is over;
     * {@link #remove} those that shall not.
     *
     * @return done when the neighbours have the records, or did not take them
     */
    public CompletableFuture<Void> leave() {
        return stateFault() != null ? CompletableFuture.completedFuture(null) : handOver.leave();
    }

    /** Stops serving, renewing and repairing; our records end with their time. */
    public void close() {
        context.close();
        tick.cancel();
        pacer.clear();
    }

    private @Nullable DhtException stateFault() {
        if (context.isClosed()) {
            return new DhtException(DhtException.Reason.CLOSED, "this DHT was closed");
        }
        return context.ring().isJoined()
                ? null
                : new DhtException(DhtException.Reason.NOT_JOINED, "the ring is not joined yet");
    }

    private @Nullable DhtException fault(OverlayId key, byte[] value, int ttlSeconds) {
        DhtException state = stateFault();
        if (state != null) {
            return state;
        }
        if (value.length > DhtLimits.VALUE_BYTES_MAX) {
            return limit("a value has at most " + DhtLimits.VALUE_BYTES_MAX + " bytes, not " + value.length);
        }
        if (ttlSeconds < DhtLimits.TTL_SECONDS_MIN || ttlSeconds > DhtLimits.TTL_SECONDS_MAX) {
            return limit("a record lives " + DhtLimits.TTL_SECONDS_MIN + " to " + DhtLimits.TTL_SECONDS_MAX
                    + " seconds, not " + ttlSeconds);
        }
        return own.isFullFor(key) ? limit("this node keeps " + DhtLimits.OWN_RECORDS_MAX + " records already") : null;
    }

    private static DhtException limit(String message) {
        return new DhtException(DhtException.Reason.LIMIT, message);
    }
}
