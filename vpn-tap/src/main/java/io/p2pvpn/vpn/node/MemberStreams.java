package io.p2pvpn.vpn.node;

import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.runtime.Timers;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.stream.ByteStream;
import io.p2pvpn.overlay.stream.StreamAcceptor;
import io.p2pvpn.overlay.stream.StreamError;
import io.p2pvpn.overlay.stream.StreamLimits;
import io.p2pvpn.overlay.stream.StreamListener;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.namespace.Membership;
import io.p2pvpn.vpn.namespace.Presence;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Streams between members, inside sessions: who opens one is proven, and a member, and it lasts as long as that.
 * Confined to the node's loop.
 */
final class MemberStreams implements StreamAcceptor {
    private static final int SERVICES_MAX = 1024;
    /** A session is up before both ends have shown that they are members. */
    private static final int TRIES_MAX = 20;

    private static final long PAUSE_NANOS = 150_000_000L;

    /** A stream, and the membership that lets it be. */
    private record Held(VpnStream shown, ByteStream stream, Membership membership) {
        boolean isOver() {
            return stream.isOver();
        }

        boolean isAllowed() {
            Ring ring = membership.ring();
            return ring != null && ring.peer(stream.session()) != null;
        }
    }

    private final NodeDaemon daemon;
    private final NodeRuntime runtime;
    /** By namespace and service. */
    private final TreeMap<String, Consumer<VpnStream>> services = new TreeMap<>();

    private final List<Held> held = new ArrayList<>();
    private Timers.@Nullable Timer watch;

    MemberStreams(NodeDaemon daemon) {
        this.daemon = daemon;
        this.runtime = daemon.runtime();
        daemon.node().streams().setAcceptor(this);
    }

    private static String key(String namespace, String service) {
        return namespace + "/" + service;
    }

    /** Sets, or with null takes away, who takes the streams of a service. */
    void handle(String namespace, String service, @Nullable Consumer<VpnStream> handler) throws ControlException {
        if (handler == null) {
            services.remove(key(namespace, service));
        } else if (services.size() >= SERVICES_MAX) {
            throw new ControlException(
                    ControlException.Kind.FAILED, "there are " + SERVICES_MAX + " services of streams already");
        } else {
            services.put(key(namespace, service), handler);
        }
    }

    static void check(String service) {
        int bytes = service.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > StreamLimits.SERVICE_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "a service has a name of 1 to " + StreamLimits.SERVICE_BYTES_MAX + " bytes");
        }
    }

    // ---------------------------------------------------------------------- opening

    /** Opens a stream to the member with that address; fails with a {@link ControlException} if it is not taken. */
    CompletableFuture<VpnStream> open(Membership membership, int address, String service) {
        if (membership.ipv4() == address) {
            return CompletableFuture.failedFuture(
                    new ControlException(ControlException.Kind.FAILED, "that is this member itself"));
        }
        CompletableFuture<VpnStream> opened = new CompletableFuture<>();
        attempt(membership, address, service, 1, opened);
        return opened;
    }

    private void attempt(
            Membership membership, int address, String service, int tries, CompletableFuture<VpnStream> opened) {
        Completions.whenDone(runtime.timers(), membership.connect(address), (session, failure) -> {
            if (failure != null) {
                Throwable cause = failure.getCause() == null ? failure : failure.getCause();
                opened.completeExceptionally(
                        cause instanceof ControlException
                                ? cause
                                : new ControlException(
                                        ControlException.Kind.TIMED_OUT, "no answer: " + cause.getMessage(), cause));
                return;
            }
            Ring ring = membership.ring();
            RingPeer peer = ring == null ? null : ring.peer(session);
            StreamError notYet = StreamError.of(StreamError.Kind.NOT_A_MEMBER);
            Opening opening = new Opening(membership, address, service, tries, opened);
            if (peer == null) {
                opening.fail(notYet);
            } else {
                opening.start(session, peer);
            }
        });
    }

    /** One attempt to open a stream. */
    private final class Opening implements StreamListener {
        private final Membership membership;
        private final int address;
        private final String service;
        private final int tries;
        private final CompletableFuture<VpnStream> opened;
        private @Nullable ByteStream stream;
        private @Nullable RingPeer peer;

        Opening(Membership membership, int address, String service, int tries, CompletableFuture<VpnStream> opened) {
            this.membership = membership;
            this.address = address;
            this.service = service;
            this.tries = tries;
            this.opened = opened;
        }

        void start(Session session, RingPeer to) {
            peer = to;
            stream = daemon.node().streams().open(session, to.channel(), service, this);
            if (stream == null) {
                fail(StreamError.of(StreamError.Kind.TOO_MANY));
            }
        }

        @Override
        public void onOpened() {
            ByteStream open = stream;
            RingPeer to = peer;
            if (open != null && to != null) {
                opened.complete(hold(membership, to, service, open));
            }
        }

        @Override
        public void onReadable() {
            // Not before it is open.
        }

        @Override
        public void onWritable() {
            // Nothing was written.
        }

        @Override
        public void onReset(StreamError error) {
            fail(error);
        }

        @Override
        public void onStopped(StreamError error) {
            // The other direction has ended, too.
        }

        void fail(StreamError error) {
            if (error.kind() == StreamError.Kind.NOT_A_MEMBER && tries < TRIES_MAX) {
                runtime.timers().schedule(PAUSE_NANOS, () -> attempt(membership, address, service, tries + 1, opened));
                return;
            }
            boolean late = error.kind() == StreamError.Kind.NO_ANSWER;
            opened.completeExceptionally(new ControlException(
                    late ? ControlException.Kind.TIMED_OUT : ControlException.Kind.FAILED,
                    "no stream to " + service + ": " + error));
        }
    }

    // --------------------------------------------------------------------- accepting

    @Override
    public @Nullable StreamError onOpen(Session from, int channel, String service, ByteStream stream) {
        for (Membership membership : daemon.memberships()) {
            Ring ring = membership.channel() == channel ? membership.ring() : null;
            RingPeer peer = ring == null ? null : ring.peer(from);
            if (peer != null) {
                Consumer<VpnStream> handler =
                        services.get(key(membership.options().name(), service));
                if (handler == null) {
                    return StreamError.of(StreamError.Kind.NO_SERVICE);
                }
                VpnStream taken = hold(membership, peer, service, stream);
                // The handler may do whatever it likes with it: not in the middle of a packet.
                runtime.timers().execute(() -> handler.accept(taken));
                return null;
            }
        }
        return StreamError.of(StreamError.Kind.NOT_A_MEMBER);
    }

    // ---------------------------------------------------------------------- watching

    private VpnStream hold(Membership membership, RingPeer peer, String service, ByteStream stream) {
        Presence presence = membership.presence();
        String name = presence == null ? "" : presence.nameOf(peer);
        VpnStream made = new VpnStream(runtime.timers(), VpnNamespace.member(peer, name), service, stream);
        stream.setListener(made.listener());
        held.add(new Held(made, stream, membership));
        if (watch == null) {
            watch = runtime.timers().everySecond(this::look);
        }
        return made;
    }

    /** Whoever is no member any more has no streams. */
    private void look() {
        held.removeIf(Held::isOver);
        for (Held each : List.copyOf(held)) {
            if (!each.isAllowed()) {
                each.shown.end(StreamError.of(StreamError.Kind.NOT_A_MEMBER));
            }
        }
        if (held.isEmpty() && watch != null) {
            watch.cancel();
            watch = null;
        }
    }
}
