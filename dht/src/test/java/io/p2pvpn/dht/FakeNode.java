package io.p2pvpn.dht;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.identity.Identity;
import io.p2pvpn.overlay.identity.IdentityCache;
import io.p2pvpn.overlay.ring.Contact;
import io.p2pvpn.overlay.ring.RingCall;
import io.p2pvpn.overlay.ring.RingCallException;
import io.p2pvpn.overlay.ring.RingHandler;
import io.p2pvpn.overlay.ring.RingReply;
import io.p2pvpn.overlay.ring.RingService;
import io.p2pvpn.overlay.runtime.Blocking;
import io.p2pvpn.overlay.runtime.Clock;
import io.p2pvpn.overlay.runtime.Counters;
import io.p2pvpn.overlay.runtime.KeySource;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Store;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.runtime.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One node of a {@link FakeWorld}: its runtime, its ring and its DHT. */
final class FakeNode implements NodeRuntime, RingService {
    private static final int TRIES = 3;
    private static final long TRY_NANOS = 1_300_000_000L;
    private static final int NEIGHBOURS = 4;

    final Identity identity;
    final Dht dht;
    long clockOffsetMillis;
    boolean refusesAll;
    boolean keepsItsOwn = true;
    RecordPolicy policy = RecordPolicy.acceptAll();

    private final FakeWorld world;
    private final OverlayId self;
    private final Counters counters = new Counters();
    private final TreeMap<String, RingHandler> handlers = new TreeMap<>();
    private final List<Runnable> neighbourListeners = new ArrayList<>();
    private final List<Runnable> joinListeners = new ArrayList<>();
    private List<OverlayId> lastNeighbours = List.of();
    private boolean joined;
    private boolean up = true;
    private boolean asleep;
    private int side;

    FakeNode(FakeWorld world, Identity identity, StoreLimits limits) {
        this.world = world;
        this.identity = identity;
        this.self = identity.publicIdentity().nodeId();
        this.dht = new Dht(context(FakeWorld.RING_ID), limits);
    }

    /** What a DHT of this node in the ring of that name rests on. */
    DhtContext context(byte[] ringId) {
        VerifiedRecords verified = new VerifiedRecords(ringId, DhtLimits.VERIFIED_CACHE_MAX);
        return new DhtContext(this, this, verified, identity, new IdentityCache(), record -> policy.accepts(record));
    }

    void join() {
        joined = true;
        joinListeners.forEach(Runnable::run);
        world.announce();
    }

    /** Ends without a word. */
    void crash() {
        up = false;
        dht.close();
        world.announce();
    }

    /** Stops its timers and hears nothing, as a laptop with its lid shut, or ends that. */
    void setAsleep(boolean lidShut) {
        asleep = lidShut;
        world.announce();
    }

    /** Moves to one side of a partition; call {@link FakeWorld#announce} afterwards. */
    void setSide(int number) {
        side = number;
    }

    int side() {
        return side;
    }

    boolean isUp() {
        return up && !asleep;
    }

    long count(String counter) {
        return counters.counter(counter).value();
    }

    boolean stores(OverlayId key) {
        return dht.storedRecords().stream().anyMatch(record -> record.key().equals(key) && record.isVisible());
    }

    void noticeNeighbours() {
        List<OverlayId> now = new ArrayList<>();
        successors().forEach(contact -> now.add(contact.ringId()));
        predecessors().forEach(contact -> now.add(contact.ringId()));
        if (isUp() && joined && !now.equals(lastNeighbours)) {
            lastNeighbours = now;
            neighbourListeners.forEach(Runnable::run);
        }
    }

    @Override
    public OverlayId self() {
        return self;
    }

    @Override
    public boolean isJoined() {
        return joined;
    }

    @Override
    public int sizeEstimate() {
        return world.members(this).size();
    }

    @Override
    public List<Contact> successors() {
        return neighbours(1);
    }

    @Override
    public List<Contact> predecessors() {
        return neighbours(-1);
    }

    private List<Contact> neighbours(int step) {
        List<FakeNode> members = world.members(this);
        List<Contact> contacts = new ArrayList<>();
        int place = members.indexOf(this);
        for (int i = 1; i <= NEIGHBOURS && i < members.size(); i++) {
            FakeNode member = members.get(Math.floorMod(place + i * step, members.size()));
            contacts.add(new Contact(member.self, member.identity.publicIdentity(), List.of()));
        }
        return contacts;
    }

    @Override
    public CompletableFuture<RingReply> call(OverlayId target, Delivery delivery, String method, byte[] request) {
        assertThatFits(request);
        CompletableFuture<RingReply> result = new CompletableFuture<>();
        if (!keepsItsOwn && method.equals(DhtContext.PUT)) {
            result.completeExceptionally(new RingCallException("puts are switched off"));
            return result;
        }
        attempt(target, delivery, method, request, result);
        for (int i = 1; i < TRIES; i++) {
            world.schedule(i * TRY_NANOS, () -> attempt(target, delivery, method, request, result));
        }
        world.schedule(TRIES * TRY_NANOS, () -> result.completeExceptionally(new RingCallException("no answer")));
        return result;
    }

    private static void assertThatFits(byte[] body) {
        if (body.length > BODY_BYTES_MAX) {
            throw new AssertionError("a body of " + body.length + " bytes");
        }
    }

    private void attempt(
            OverlayId target, Delivery delivery, String method, byte[] request, CompletableFuture<RingReply> result) {
        if (result.isDone() || !up) {
            return;
        }
        FakeNode receiver = world.nearest(this, target);
        boolean wrong = delivery == Delivery.EXACT && !receiver.self.equals(target);
        boolean lost = receiver != this && (world.drawDrop() || !receiver.isUp());
        if (wrong || lost) {
            return;
        }
        long delayNanos = receiver == this ? 0 : world.drawDelayNanos();
        world.schedule(delayNanos, () -> receiver.receive(this, target, method, request, result));
    }

    private void receive(
            FakeNode from, OverlayId target, String method, byte[] request, CompletableFuture<RingReply> result) {
        RingHandler handler = handlers.get(method);
        if (!isUp() || refusesAll || handler == null || from.side != side) {
            return;
        }
        CompletableFuture<?> unused = handler.onCall(new RingCall(from.self, target, request))
                .thenAccept(body -> {
                    assertThatFits(body);
                    long delayNanos = from == this ? 0 : world.drawDelayNanos();
                    if (from == this || !world.drawDrop()) {
                        world.schedule(delayNanos, () -> result.complete(new RingReply(self, 1, body)));
                    }
                });
    }

    @Override
    public void handle(String method, RingHandler handler) {
        handlers.put(method, handler);
    }

    @Override
    public void onNeighboursChanged(Runnable listener) {
        neighbourListeners.add(listener);
    }

    @Override
    public void onJoined(Runnable listener) {
        joinListeners.add(listener);
        if (joined) {
            listener.run();
        }
    }

    @Override
    public Clock clock() {
        return new Clock() {
            @Override
            public long nanoTime() {
                return world.nowNanos();
            }

            @Override
            public long epochMillis() {
                return FakeWorld.EPOCH_MILLIS + clockOffsetMillis + world.nowNanos() / 1_000_000;
            }
        };
    }

    @Override
    public Timers timers() {
        return new Timers() {
            @Override
            public Timer schedule(long delayNanos, Runnable task) {
                boolean[] cancelled = new boolean[1];
                world.schedule(delayNanos, () -> run(task, cancelled));
                return () -> cancelled[0] = true;
            }

            @Override
            public void execute(Runnable task) {
                world.schedule(0, task);
            }
        };
    }

    private void run(Runnable task, boolean[] cancelled) {
        if (asleep) {
            world.schedule(1_000_000_000L, () -> run(task, cancelled));
        } else if (up && !cancelled[0]) {
            task.run();
        }
    }

    @Override
    public RandomGenerator random() {
        return world.random;
    }

    @Override
    public KeySource keys() {
        return world.random::nextBytes;
    }

    @Override
    public Counters counters() {
        return counters;
    }

    @Override
    public Transport transport() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Store store() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Blocking blocking() {
        throw new UnsupportedOperationException();
    }

    /** The handler's own answer to raw bytes, or null when it gives none. */
    byte @Nullable [] deliver(String method, OverlayId target, byte[] request) {
        RingHandler handler = handlers.get(method);
        CompletableFuture<byte[]> answer = handler.onCall(new RingCall(self, target, request));
        return answer.isCompletedExceptionally() ? null : answer.join();
    }
}
