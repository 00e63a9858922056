package io.p2pvpn.overlay.node;

import io.p2pvpn.overlay.link.Purpose;
import io.p2pvpn.overlay.path.FrameRoute;
import io.p2pvpn.overlay.runtime.Endpoint;
import io.p2pvpn.overlay.session.Initiation;
import io.p2pvpn.overlay.session.InitiationListener;
import io.p2pvpn.overlay.session.Session;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the way into the public ring: calls all bootstrap nodes at once (UDP first, then TCP and TLS too while all stay
 * silent), and again as long as we stand alone. Names are looked up anew at each round. Confined to the node's loop.
 */
final class Bootstrapper {
    private static final long MILLI_NANOS = 1_000_000L;
    private static final long CALL_NANOS = 5_000 * MILLI_NANOS;
    private static final long TCP_DELAY_NANOS = 1_000 * MILLI_NANOS;
    private static final long TLS_DELAY_NANOS = 1_500 * MILLI_NANOS;
    private static final long WEB_DELAY_NANOS = 2_000 * MILLI_NANOS;
    /** The port that networks leave open when they close all others. */
    private static final int WEB_PORT = 443;

    private static final long FIRST_PAUSE_NANOS = 200 * MILLI_NANOS;
    private static final long LAST_PAUSE_NANOS = 10_000 * MILLI_NANOS;
    private static final long MERGE_PAUSE_NANOS = 60_000 * MILLI_NANOS;
    private static final int ADDRESSES_MAX = 4;
    /** Calls under way to nodes that were heard on our links. */
    private static final int HEARD_MAX = 4;

    private final OverlayNode node;
    private final Map<BootstrapTarget, Initiation> calls = new LinkedHashMap<>();
    private final List<Initiation> heardCalls = new ArrayList<>();
    private List<BootstrapTarget> targets;
    private long pauseNanos = FIRST_PAUSE_NANOS;
    private boolean answered;
    private boolean scheduled;
    private boolean stopped;

    Bootstrapper(OverlayNode node, List<BootstrapTarget> targets) {
        this.node = node;
        this.targets = List.copyOf(targets);
    }

    /** Calls these from now on; those that are new at once, whoever else is known: they may lead elsewhere. */
    void retarget(List<BootstrapTarget> others) {
        answered &= targets.containsAll(others);
        targets = List.copyOf(others);
        calls.forEach((target, call) -> {
            if (!targets.contains(target)) {
                call.cancel();
            }
        });
        calls.keySet().retainAll(targets);
        pauseNanos = FIRST_PAUSE_NANOS;
        callAll();
    }

    /**
     * True if nobody need be called. Members whom we know from our own link do not count while none of the nodes that
     * are named has ever answered: their ring may be another.
     */
    private boolean isSettled() {
        return stopped || (node.hasMembers() && answered);
    }

    /** Calls everybody unless we already know members, or calls are under way. */
    void callAll() {
        if (isSettled()) {
            pauseNanos = FIRST_PAUSE_NANOS;
            return;
        }
        if (node.hasMembers() && scheduled) {
            return;
        }
        for (BootstrapTarget target : targets) {
            if (!calls.containsKey(target)) {
                var unused = node.runtime()
                        .blocking()
                        .call(() -> Arrays.asList(InetAddress.getAllByName(target.host())))
                        .whenComplete((addresses, failure) -> {
                            if (failure == null) {
                                call(target, addresses);
                            } else {
                                node.runtime()
                                        .counters()
                                        .counter("bootstrap.unknown-host")
                                        .increment();
                                later();
                            }
                        });
            }
        }
    }

    private void call(BootstrapTarget target, List<InetAddress> addresses) {
        if (isSettled() || calls.containsKey(target) || !targets.contains(target)) {
            return;
        }
        List<InetAddress> called = addresses.subList(0, Math.min(addresses.size(), ADDRESSES_MAX));
        called.forEach(address -> node.runtime().transport().learnName(address, target.host()));
        Endpoint.Kind only = target.kind();
        Endpoint.Kind first = only == null ? Endpoint.Kind.UDP : only;
        Initiation call = node.sessions()
                .initiate(null, target.pinned(), routes(called, first, target.port()), CALL_NANOS, result(target));
        calls.put(target, call);
        if (only == null) {
            addLater(call, TCP_DELAY_NANOS, routes(called, Endpoint.Kind.TCP, target.port()));
            addLater(call, TLS_DELAY_NANOS, routes(called, Endpoint.Kind.TLS, target.port()));
            addLater(call, WEB_DELAY_NANOS, routes(called, Endpoint.Kind.TLS, WEB_PORT));
        }
    }

    private List<FrameRoute> routes(List<InetAddress> addresses, Endpoint.Kind kind, int port) {
        List<FrameRoute> routes = new ArrayList<>();
        for (InetAddress address : addresses) {
            routes.add(node.sessions().routeTo(Endpoint.of(kind, address, port)));
        }
        return routes;
    }

    private void addLater(Initiation call, long delayNanos, List<FrameRoute> routes) {
        node.runtime().timers().schedule(delayNanos, () -> {
            if (call.isPending()) {
                routes.forEach(call::addRoute);
            }
        });
    }

    private InitiationListener result(BootstrapTarget target) {
        return new InitiationListener() {
            @Override
            public void onSession(Session session) {
                calls.remove(target);
                answered = true;
                onAnswer(session);
            }

            @Override
            public void onFailed(String reason) {
                calls.remove(target);
                later();
            }
        };
    }

    /** Whoever did not answer may do so now. */
    void onNetworkChanged() {
        pauseNanos = FIRST_PAUSE_NANOS;
        callAll();
    }

    private void onAnswer(Session session) {
        pauseNanos = FIRST_PAUSE_NANOS;
        if (!node.publicRing().isJoined() || !node.hasMembers()) {
            node.links().want(session.peer(), List.of(), this, Purpose.BOOTSTRAP);
        }
        node.onBootstrapped();
    }

    /** Calls one that was heard on a link of ours. Whether that call fails is of no matter: it will be heard again. */
    void callHeard(@Nullable Endpoint udp, @Nullable Endpoint tcp) {
        heardCalls.removeIf(call -> !call.isPending());
        if (stopped || heardCalls.size() >= HEARD_MAX) {
            return;
        }
        List<FrameRoute> first =
                udp == null ? List.of() : List.of(node.sessions().routeTo(udp));
        Initiation call = node.sessions().initiate(null, null, first, CALL_NANOS, new InitiationListener() {
            @Override
            public void onSession(Session session) {
                onAnswer(session);
            }

            @Override
            public void onFailed(String reason) {
                node.runtime().counters().counter("bootstrap.lan-silent").increment();
            }
        });
        heardCalls.add(call);
        if (tcp != null) {
            node.runtime().timers().schedule(udp == null ? 0 : TCP_DELAY_NANOS, () -> {
                if (call.isPending()) {
                    call.addRoute(node.sessions().routeTo(tcp));
                }
            });
        }
    }

    private void later() {
        if (!scheduled && !stopped) {
            scheduled = true;
            long pause = node.hasMembers() ? MERGE_PAUSE_NANOS : pauseNanos;
            node.runtime().timers().schedule(pause, () -> {
                scheduled = false;
                callAll();
            });
            pauseNanos = Math.min(LAST_PAUSE_NANOS, 2 * pauseNanos);
        }
    }

    /** The ring holds us now: bootstrap links may go. */
    void release() {
        for (Session session : node.sessions().sessions()) {
            node.links().release(session.nodeId(), this, Purpose.BOOTSTRAP);
        }
    }

    void stop() {
        stopped = true;
        calls.values().forEach(Initiation::cancel);
        calls.clear();
        List.copyOf(heardCalls).forEach(Initiation::cancel);
        heardCalls.clear();
    }
}
