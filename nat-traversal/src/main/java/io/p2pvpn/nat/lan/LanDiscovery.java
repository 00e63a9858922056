package io.p2pvpn.nat.lan;

import io.p2pvpn.nat.lan.LanMessage.Kind;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.runtime.LanPort;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.session.Session;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds nodes on the links of this host, where no bootstrap node is named or none can be reached. Confined to the
 * node's loop.
 *
 * <ul>
 *   <li>Who is in no ring asks, ever more slowly. Who is in one answers, and says so by itself now and then.
 *   <li>Who says that it is in a ring is called: by those in no ring, as one more way in; and once by those in a ring
 *       who have no session with it, so that two rings on a link meet.
 *   <li>Where nobody is in a ring, the one with the least instance number founds it.
 * </ul>
 *
 * <p>Anybody on the link can say all this. So what is heard costs little and is believed in nothing: it names a place
 * where a handshake is tried, at a bounded rate.
 */
public final class LanDiscovery implements LanPort.Receiver {
    /** Nodes on the links that are remembered; the one heard of longest ago gives way. */
    static final int HEARD_MAX = 64;

    private static final long MILLI_NANOS = 1_000_000L;
    private static final long SECOND_NANOS = 1_000 * MILLI_NANOS;
    private static final long FIRST_GAP_NANOS = SECOND_NANOS;
    private static final long LAST_GAP_NANOS = 30 * SECOND_NANOS;
    /** While others ask as well, one of them is about to found a ring. */
    private static final long COMPANY_GAP_NANOS = 3 * SECOND_NANOS;
    /** Others who ask count for so long. */
    private static final long COMPANY_NANOS = 10 * SECOND_NANOS;

    private static final long ANNOUNCE_GAP_NANOS = 120 * SECOND_NANOS;
    private static final long JITTER_NANOS = 200 * MILLI_NANOS;
    /** Bootstrap nodes that are named have so long to answer before those on the link are called. */
    private static final long NAMED_FIRST_NANOS = 2 * SECOND_NANOS;
    /** So long nobody founds a ring, since there may be one. */
    private static final long FOUND_NANOS = 2 * SECOND_NANOS;
    /** The same where bootstrap nodes are named. */
    private static final long FOUND_NAMED_NANOS = 7 * SECOND_NANOS;

    private static final long CALL_AGAIN_SEEKING_NANOS = 6 * SECOND_NANOS;
    private static final long CALL_AGAIN_NANOS = 600 * SECOND_NANOS;
    /** One call in so long while there are other members. */
    private static final long CALL_GAP_NANOS = SECOND_NANOS;
    /** One answer in so long, whoever asks. */
    private static final long ANSWER_GAP_NANOS = 50 * MILLI_NANOS;
    /** About so many of those who could answer do. */
    private static final int ANSWERS = 8;

    /** When a node asked last, if it is in no ring, and when it was called last, or null. */
    private record Heard(long askedNanos, @Nullable Long calledNanos) {}

    private final OverlayNode node;
    private final NodeRuntime runtime;
    private final boolean named;
    private final LanIntake intake;
    private final Map<Long, Heard> heard = new LinkedHashMap<>();
    private final @Nullable LanPort port;
    private final long instance;
    private long startedNanos;
    private long gapNanos = FIRST_GAP_NANOS;
    private long answeredNanos;
    private long calledNanos;
    private Timers.@Nullable Timer timer;
    private boolean settled;
    private boolean closed;

    /**
     * Begins.
     *
     * @param excludedDevices the tunnel devices of this node, asked whenever the links are looked at
     * @param named whether bootstrap nodes are named, which then come first
     */
    public LanDiscovery(OverlayNode node, Supplier<List<String>> excludedDevices, boolean named) {
        this.node = node;
        this.runtime = node.runtime();
        this.named = named;
        this.startedNanos = now();
        this.answeredNanos = startedNanos - ANSWER_GAP_NANOS;
        this.calledNanos = startedNanos - CALL_GAP_NANOS;
        this.intake = new LanIntake(startedNanos);
        byte[] drawn = new byte[Long.BYTES];
        runtime.keys().fill(drawn);
        this.instance = ByteBuffer.wrap(drawn).getLong();
        this.port = runtime.transport().openLan(excludedDevices, this);
        if (port != null) {
            node.publicRing().onJoined(this::restart);
            node.addObserver(new Losses());
            restart();
        }
    }

    /** The links are others than before: asks, or says that it is there, at once. */
    public void onNetworkChanged() {
        if (port != null) {
            restart();
        }
    }

    /** Hears and says no more. */
    public void close() {
        closed = true;
        cancel();
        if (port != null) {
            port.close();
        }
    }

    private long now() {
        return runtime.clock().nanoTime();
    }

    private void count(String what) {
        runtime.counters().counter("lan." + what).increment();
    }

    // ----------------------------------------------------------------------- saying

    private final class Losses implements OverlayNode.SessionObserver {
        @Override
        public void onUp(Session session) {
            // That the ring was joined is told elsewhere.
        }

        @Override
        public void onDown(Session session, String reason) {
            if (settled && !closed && !node.hasMembers()) {
                settled = false;
                startedNanos = now();
                restart();
            }
        }
    }

    private void restart() {
        gapNanos = FIRST_GAP_NANOS;
        saySoon();
    }

    private void saySoon() {
        schedule((long) (runtime.random().nextDouble() * JITTER_NANOS));
    }

    private void schedule(long delayNanos) {
        cancel();
        if (!closed) {
            timer = runtime.timers().schedule(delayNanos, this::say);
        }
    }

    private void cancel() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    private void say() {
        timer = null;
        if (port == null || closed) {
            return;
        }
        foundIfFirst();
        port.sendToAll(message());
        count("sent");
        settled = node.hasMembers();
        long gap = settled ? ANNOUNCE_GAP_NANOS : hasCompany() ? Math.min(gapNanos, COMPANY_GAP_NANOS) : gapNanos;
        schedule(gap + (long) (runtime.random().nextDouble() * gap / 4));
        gapNanos = Math.min(LAST_GAP_NANOS, 2 * gapNanos);
    }

    private byte[] message() {
        int udp = 0;
        int tcp = 0;
        for (Endpoint bound : runtime.transport().boundEndpoints()) {
            if (bound.kind() == Endpoint.Kind.UDP && udp == 0) {
                udp = bound.port();
            } else if (bound.kind() == Endpoint.Kind.TCP && tcp == 0) {
                tcp = bound.port();
            }
        }
        return new LanMessage(isJoined() ? Kind.IN_RING : Kind.ASKING, instance, udp, tcp).encode();
    }

    private boolean isJoined() {
        return node.publicRing().isJoined();
    }

    // ---------------------------------------------------------------------- hearing

    @Override
    public void onMessage(Endpoint from, byte[] bytes) {
        if (closed) {
            return;
        }
        if (!intake.take(from.address(), now())) {
            count("drop.rate");
            return;
        }
        LanMessage message = LanMessage.decode(bytes);
        if (message == null) {
            count("drop.malformed");
        } else if (message.instance() != instance) {
            count("heard");
            if (message.kind() == Kind.IN_RING) {
                onInRing(from, message);
            } else {
                onAsking(from, message);
            }
        }
    }

    private void onAsking(Endpoint from, LanMessage message) {
        Heard before = heard.get(message.instance());
        if (isJoined()) {
            answer(from);
        } else {
            boolean news = before == null || now() - before.askedNanos > COMPANY_NANOS;
            remember(message.instance(), new Heard(now(), before == null ? null : before.calledNanos));
            if (news) {
                restart();
            }
        }
    }

    private void answer(Endpoint from) {
        boolean chosen = runtime.random().nextDouble() * Math.max(ANSWERS, heard.size()) < ANSWERS;
        if (port == null || !chosen || now() - answeredNanos < ANSWER_GAP_NANOS) {
            return;
        }
        answeredNanos = now();
        long delay = (long) (runtime.random().nextDouble() * JITTER_NANOS);
        runtime.timers().schedule(delay, () -> {
            if (!closed) {
                port.send(from, message());
                count("answered");
            }
        });
    }

    private void onInRing(Endpoint from, LanMessage message) {
        Endpoint udp = Endpoint.of(Endpoint.Kind.UDP, from.addressBytes(), message.udpPort());
        Endpoint tcp = Endpoint.of(Endpoint.Kind.TCP, from.addressBytes(), message.tcpPort());
        Heard before = heard.get(message.instance());
        Long lastCall = before == null ? null : before.calledNanos;
        boolean calls = isDue(lastCall) && !isKnown(udp) && (udp != null || tcp != null);
        remember(message.instance(), new Heard(now() - COMPANY_NANOS, calls ? Long.valueOf(now()) : lastCall));
        if (calls) {
            calledNanos = now();
            count("called");
            node.callOnLan(udp, tcp);
        }
    }

    private boolean isDue(@Nullable Long lastCall) {
        long now = now();
        if (node.hasMembers()) {
            return (lastCall == null || now - lastCall > CALL_AGAIN_NANOS) && now - calledNanos >= CALL_GAP_NANOS;
        }
        boolean first = !named || now - startedNanos >= NAMED_FIRST_NANOS;
        return first && (lastCall == null || now - lastCall > CALL_AGAIN_SEEKING_NANOS);
    }

    private boolean isKnown(@Nullable Endpoint udp) {
        return udp != null && node.sessions().sessions().stream().anyMatch(session -> session.isReachedAt(udp));
    }

    private void remember(long whose, Heard what) {
        heard.remove(whose);
        heard.put(whose, what);
        if (heard.size() > HEARD_MAX) {
            heard.remove(heard.keySet().iterator().next());
        }
    }

    // --------------------------------------------------------------------- founding

    private boolean hasCompany() {
        return !isJoined() && heard.values().stream().anyMatch(this::isAsking);
    }

    private boolean isAsking(Heard other) {
        return now() - other.askedNanos < COMPANY_NANOS;
    }

    /** All of those who ask hear each other: so all but one of them leave it to the same one. */
    private void foundIfFirst() {
        boolean waited = now() - startedNanos >= (named ? FOUND_NAMED_NANOS : FOUND_NANOS);
        boolean first = heard.entrySet().stream()
                .noneMatch(each -> isAsking(each.getValue()) && Long.compareUnsigned(each.getKey(), instance) < 0);
        if (waited && first && hasCompany()) {
            count("founded");
            node.foundPublicRingIfAlone();
        }
    }
}
