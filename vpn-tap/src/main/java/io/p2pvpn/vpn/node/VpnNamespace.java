package io.p2pvpn.vpn.node;

import io.p2pvpn.dht.Dht;
import io.p2pvpn.dht.DhtRecord;
import io.p2pvpn.dht.GetOptions;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.names.ServiceInstance;
import io.p2pvpn.vpn.names.ServiceType;
import io.p2pvpn.vpn.namespace.Addresses;
import io.p2pvpn.vpn.namespace.MemberNotes;
import io.p2pvpn.vpn.namespace.Membership;
import io.p2pvpn.vpn.namespace.Presence;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A namespace as an application sees it that is a member: it asks other members and answers them, tells all of them
 * something, keeps records where all find them, and offers services. Needs no device.
 *
 * <p>Thread-safe. What is returned completes on the node's loop, as handlers run there: neither may block. Failures are
 * {@link ControlException}s that a person can act on; before this node is a member everything fails.
 */
public final class VpnNamespace {
    /** The most bytes of a request or a reply. */
    public static final int CALL_BYTES_MAX = MemberCalls.BODY_BYTES_MAX;
    /** Before kinds of broadcasts, so that they are no part of the overlay's own. */
    private static final String BROADCAST_PREFIX = "app.";

    /**
     * A member of the namespace.
     *
     * @param overlayId its ID in the namespace's ring, 40 hex digits: proven
     * @param name of the host: certified, in an open namespace what it says itself; may be empty
     * @param virtualIp its IPv4 address by its own account; null if it is not known
     */
    public record Member(
            String overlayId, String name, @Nullable String virtualIp) {}

    /**
     * A record that was found.
     *
     * @param owner who put it: the overlay ID of its node on the public ring, 40 hex digits; proven
     * @param value what it says
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared as a value
    public record Entry(String owner, byte[] value) {}

    /** Answers calls. */
    @FunctionalInterface
    public interface CallHandler {
        /**
         * A member asks.
         *
         * @param from who, proven
         * @param request at most {@link #CALL_BYTES_MAX} bytes
         * @return the answer, now or later, of as many bytes at most; failed for none. A call may come again if its
         *     answer was lost
         */
        CompletableFuture<byte[]> onCall(Member from, byte[] request);
    }

    /** Hears what others tell all. */
    @FunctionalInterface
    public interface BroadcastHearer {
        /**
         * One arrived, for the first time.
         *
         * @param source who says to have sent it: claimed, not proven
         * @param payload the content
         */
        void onBroadcast(String source, byte[] payload);
    }

    private final NodeRuntime runtime;
    private final NodeDaemon daemon;
    private final String name;

    VpnNamespace(NodeRuntime runtime, NodeDaemon daemon, String name) {
        this.runtime = runtime;
        this.daemon = daemon;
        this.name = name;
    }

    /** What it is called. */
    public String name() {
        return name;
    }

    /** Runs on the loop, as a member. */
    private <T> CompletableFuture<T> asMember(Function<Membership, CompletableFuture<T>> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        runtime.timers().execute(() -> {
            Membership membership = daemon.membership(name);
            if (membership == null || membership.ring() == null || membership.ipv4() == 0) {
                result.completeExceptionally(new ControlException(
                        ControlException.Kind.FAILED, "this node is not a member of " + name + " (yet)"));
                return;
            }
            CompletableFuture<T> done;
            try {
                done = task.apply(membership);
            } catch (IllegalArgumentException wrong) {
                result.completeExceptionally(new ControlException(
                        ControlException.Kind.WRONG_USAGE, String.valueOf(wrong.getMessage()), wrong));
                return;
            }
            Completions.whenDone(runtime.timers(), done, (value, failure) -> {
                if (failure == null) {
                    result.complete(value);
                } else {
                    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
                    result.completeExceptionally(
                            cause instanceof ControlException
                                    ? cause
                                    : new ControlException(
                                            ControlException.Kind.FAILED, String.valueOf(cause.getMessage()), cause));
                }
            });
        });
        return result;
    }

    /** All members that answer at the moment, this one included. */
    public CompletableFuture<List<Member>> members() {
        return asMember(membership -> {
            try {
                return membership
                        .administration()
                        .members()
                        .thenApply(all -> all.stream()
                                .filter(each -> each.online())
                                .map(each -> new Member(
                                        each.place().toString(),
                                        each.name(),
                                        each.ipv4() == 0 ? null : Addresses.text4(each.ipv4())))
                                .toList());
            } catch (ControlException notYet) {
                return CompletableFuture.failedFuture(notYet);
            }
        });
    }

    /**
     * Asks a member, over the best path there is; a session is made if there is none.
     *
     * @param member its name or its virtual IP
     * @param method names the handler there, 1 to 64 characters
     * @param request at most {@link #CALL_BYTES_MAX} bytes
     */
    public CompletableFuture<byte[]> call(String member, String method, byte[] request) {
        byte[] body = request.clone();
        return asMember(membership -> {
            MemberCalls.check(method, body);
            return Targets.address(membership, member)
                    .thenCompose(address -> daemon.memberCalls().call(membership, address, method, body));
        });
    }

    /** Answers calls of a method from now on; with null, no more. */
    public CompletableFuture<@Nullable Void> handle(String method, @Nullable CallHandler handler) {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        runtime.timers().execute(() -> {
            try {
                MemberCalls.check(method, new byte[0]);
                daemon.memberCalls()
                        .handle(
                                name,
                                method,
                                handler == null
                                        ? null
                                        : (peer, called, request) -> handler.onCall(member(peer, called), request));
                done.complete(null);
            } catch (ControlException | IllegalArgumentException refused) {
                done.completeExceptionally(refused);
            }
        });
        return done;
    }

    /** Takes the streams of a service. */
    @FunctionalInterface
    public interface StreamHandler {
        /** A member has opened one: who, proven, is {@link VpnStream#peer}. Runs on the node's loop. */
        void onStream(VpnStream stream);
    }

    /**
     * Opens a stream to a service of a member, over the best path there is; a session is made if there is none.
     *
     * @param member its name or its virtual IP
     * @param service names the handler there, 1 to 64 bytes of UTF-8
     */
    public CompletableFuture<VpnStream> openStream(String member, String service) {
        return asMember(membership -> {
            MemberStreams.check(service);
            return Targets.address(membership, member)
                    .thenCompose(address -> daemon.memberStreams().open(membership, address, service));
        });
    }

    /** Takes streams to a service of this member from now on; with null, no more. Those that are open stay so. */
    public CompletableFuture<@Nullable Void> acceptStreams(String service, @Nullable StreamHandler handler) {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        runtime.timers().execute(() -> {
            try {
                MemberStreams.check(service);
                daemon.memberStreams().handle(name, service, handler == null ? null : handler::onStream);
                done.complete(null);
            } catch (ControlException | IllegalArgumentException refused) {
                done.completeExceptionally(refused);
            }
        });
        return done;
    }

    static Member member(RingPeer peer, String called) {
        Integer address = MemberNotes.ipv4(peer.note());
        return new Member(
                peer.id().toString(), called, address == null || address == 0 ? null : Addresses.text4(address));
    }

    /**
     * Tells all members something, once each, hop by hop along the ring; this one does not hear itself.
     *
     * @param kind names the hearers, 1 to 28 bytes
     * @param payload at most 8 KiB
     * @return false if this node has sent too much already
     */
    public CompletableFuture<Boolean> broadcast(String kind, byte[] payload) {
        byte[] content = payload.clone();
        return asMember(membership -> CompletableFuture.completedFuture(
                ring(membership).broadcasts().send(BROADCAST_PREFIX + kind, content)));
    }

    /** Hears broadcasts of a kind from now on. */
    public CompletableFuture<@Nullable Void> onBroadcast(String kind, BroadcastHearer hearer) {
        return asMember(membership -> {
            ring(membership)
                    .broadcasts()
                    .handle(
                            BROADCAST_PREFIX + kind,
                            told -> hearer.onBroadcast(told.source().toString(), told.payload()));
            return CompletableFuture.completedFuture(null);
        });
    }

    private static Ring ring(Membership membership) {
        Ring ring = membership.ring();
        if (ring == null) {
            throw new IllegalArgumentException("not a member yet");
        }
        return ring;
    }

    private static Dht dht(Membership membership) {
        Dht dht = membership.dht();
        if (dht == null) {
            throw new IllegalArgumentException("not a member yet");
        }
        return dht;
    }

    /**
     * Puts a record under a key, beside those of others, and keeps it there while this node runs.
     *
     * @param life how long it outlives this node, from 10 seconds on
     */
    public CompletableFuture<@Nullable Void> put(String key, byte[] value, Duration life) {
        byte[] content = value.clone();
        return asMember(membership -> dht(membership)
                .put(DhtRequests.key(key), content, (int) life.toSeconds())
                .thenApply(record -> null));
    }

    /** Takes a key for this node alone; fails if another member has it. */
    public CompletableFuture<@Nullable Void> claim(String key, byte[] value, Duration life) {
        byte[] content = value.clone();
        return asMember(membership -> dht(membership)
                .claim(DhtRequests.key(key), content, (int) life.toSeconds(), null)
                .thenApply(record -> null));
    }

    /** The records under a key, a sample where there are very many. */
    public CompletableFuture<List<Entry>> get(String key) {
        return asMember(membership -> dht(membership)
                .get(DhtRequests.key(key), GetOptions.MAJORITY)
                .thenApply(found -> found.records().stream()
                        .filter(record -> !record.isTombstone())
                        .map(VpnNamespace::entry)
                        .toList()));
    }

    private static Entry entry(DhtRecord record) {
        return new Entry(record.owner().nodeId().toString(), record.value());
    }

    /** Removes what this node has put under, or claimed of, a key. */
    public CompletableFuture<@Nullable Void> remove(String key) {
        return asMember(
                membership -> dht(membership).remove(DhtRequests.key(key)).thenApply(removed -> null));
    }

    /** Tells the members that this one offers a service; kept over restarts. */
    public CompletableFuture<@Nullable Void> publish(ServiceType type, int port) {
        return asMember(membership -> presence(membership).publish(type, port).thenApply(done -> null));
    }

    /** Takes that back. */
    public CompletableFuture<@Nullable Void> unpublish(ServiceType type) {
        return asMember(membership -> presence(membership).withdraw(type).thenApply(done -> null));
    }

    /** Who offers such a service. */
    public CompletableFuture<List<ServiceInstance>> services(ServiceType type) {
        return asMember(membership -> presence(membership).findServices(type));
    }

    private static Presence presence(Membership membership) {
        Presence presence = membership.presence();
        if (presence == null) {
            throw new IllegalArgumentException("not a member yet");
        }
        return presence;
    }
}
