package io.p2pvpn.vpn.namespace;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.dht.DhtKeys;
import io.p2pvpn.dht.DhtLimits;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.ring.Ring;
import io.p2pvpn.overlay.ring.RingCall;
import io.p2pvpn.overlay.ring.RingPeer;
import io.p2pvpn.overlay.ring.RingService;
import io.p2pvpn.overlay.rpc.CallException;
import io.p2pvpn.overlay.runtime.Completions;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.vpn.data.TokenBucket;
import io.p2pvpn.vpn.trust.TrustEntry;
import io.p2pvpn.vpn.wire.proto.TrustPut;
import io.p2pvpn.vpn.wire.proto.TrustSync;
import io.p2pvpn.vpn.wire.proto.TrustSyncReply;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How members tell each other what is decided about their namespace: news goes to all peers at once, and from those to
 * theirs; two that meet and know different things compare; and who enters asks a majority of the replicas of one key,
 * so that no few peers can keep it from knowing. Confined to the node's loop.
 */
final class TrustExchange {
    /** The session call and the ring call that ask for what is missing. */
    static final String SYNC = "trust.sync";

    /** The session call that tells news. */
    static final String PUT = "trust.put";

    private static final OverlayId KEY = DhtKeys.of("trust");
    private static final int REPLY_BYTES_MAX = 12 * 1024;
    /** More than all entries that a node can have, in the smallest pieces that are useful. */
    private static final int ROUNDS_MAX = 512;

    private static final long AGAIN_NANOS = 300_000_000L;
    private static final long STRANGERS_NANOS = 20_000_000L;
    private static final int STRANGERS_BURST = 50;

    private final OverlayNode node;
    private final NamespaceTrust trust;
    private final Consumer<List<TrustEntry>> onNews;
    private final TokenBucket strangers;
    private @Nullable Ring ring;
    private @Nullable NamespaceAdmission admission;

    /** @param onNews told what was learnt, before it is passed on */
    TrustExchange(OverlayNode node, NamespaceTrust trust, Consumer<List<TrustEntry>> onNews) {
        this.node = node;
        this.trust = trust;
        this.onNews = onNews;
        this.strangers = new TokenBucket(
                STRANGERS_NANOS, STRANGERS_BURST, node.runtime().clock().nanoTime());
    }

    /** Begins, with what it is a part of. */
    void start(Ring itsRing, NamespaceAdmission itsAdmission) {
        ring = itsRing;
        admission = itsAdmission;
        itsRing.handle(SYNC, this::onRingSync);
    }

    // --------------------------------------------------------------------- telling

    /** Tells all peers. */
    void spread(List<TrustEntry> news, @Nullable Session except) {
        Ring all = ring;
        if (all == null || news.isEmpty()) {
            return;
        }
        for (List<TrustEntry> part : parts(news)) {
            byte[] body = put(part);
            for (RingPeer peer : all.peers()) {
                if (!peer.session().equals(except)) {
                    tell(peer.session(), body);
                }
            }
        }
    }

    private void tell(Session session, byte[] body) {
        var unused = node.calls().call(session, PUT, body).exceptionally(failure -> null);
    }

    private byte[] put(List<TrustEntry> entries) {
        TrustPut.Builder put = TrustPut.newBuilder().setNamespaceId(namespaceId());
        entries.forEach(entry -> put.addEntries(ByteString.copyFrom(entry.encode())));
        return put.build().toByteArray();
    }

    private static List<List<TrustEntry>> parts(List<TrustEntry> entries) {
        List<List<TrustEntry>> parts = new ArrayList<>();
        int room = 0;
        for (TrustEntry entry : entries) {
            int bytes = entry.encode().length;
            if (parts.isEmpty() || bytes > room) {
                parts.add(new ArrayList<>());
                room = REPLY_BYTES_MAX;
            }
            parts.get(parts.size() - 1).add(entry);
            room -= bytes;
        }
        return parts;
    }

    /** A peer tells news. */
    CompletableFuture<byte[]> onPut(Session from, TrustPut told) {
        if (ring == null || ring.peer(from) == null) {
            return refused("trust.drop.stranger");
        }
        var unused = learn(told.getEntriesList(), from);
        return CompletableFuture.completedFuture(new byte[0]);
    }

    /** What was learnt counts at once, and is passed on before whoever it puts out is; true if there was any. */
    private boolean learn(List<ByteString> entries, @Nullable Session from) {
        List<TrustEntry> news = trust.learn(entries);
        if (!news.isEmpty()) {
            spread(news, from);
            onNews.accept(news);
        }
        return !news.isEmpty();
    }

    // ------------------------------------------------------------------- comparing

    /** Learns what a peer knows, and tells it what it does not. */
    CompletableFuture<@Nullable Void> learnFrom(Session peer) {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        ask(peer, 0, done);
        return done;
    }

    private void ask(Session peer, int round, CompletableFuture<@Nullable Void> done) {
        NamespaceAdmission ours = admission;
        if (ours == null || round == ROUNDS_MAX) {
            done.completeExceptionally(new CallException("not entered"));
            return;
        }
        byte[] binding = peer.handshakeHash();
        byte[] request = request()
                .setBinding(ByteString.copyFrom(binding))
                .setProof(ByteString.copyFrom(ours.prove(binding)))
                .build()
                .toByteArray();
        Completions.whenDone(node.runtime().timers(), node.calls().call(peer, SYNC, request), (encoded, failure) -> {
            TrustSyncReply reply = failure == null ? parse(encoded) : null;
            if (reply == null) {
                done.completeExceptionally(new CallException("no answer to " + SYNC));
                return;
            }
            // Who says that there is more, and has told nothing new, is not asked on and on.
            if (learn(reply.getEntriesList(), peer) && reply.getMore()) {
                ask(peer, round + 1, done);
                return;
            }
            List<TrustEntry> wanted = new ArrayList<>();
            for (OverlayId id : ids(reply.getWantedList())) {
                TrustEntry entry = trust.state().entry(id);
                if (entry != null) {
                    wanted.add(entry);
                }
            }
            parts(wanted).forEach(part -> tell(peer, put(part)));
            done.complete(null);
        });
    }

    private TrustSync.Builder request() {
        TrustSync.Builder request = TrustSync.newBuilder().setNamespaceId(namespaceId());
        trust.state().ids().forEach(id -> request.addIds(ByteString.copyFrom(id.toByteArray())));
        return request;
    }

    private ByteString namespaceId() {
        return ByteString.copyFrom(trust.descriptor().id().toByteArray());
    }

    private static @Nullable TrustSyncReply parse(byte[] encoded) {
        try {
            return TrustSyncReply.parseFrom(encoded);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    private static Set<OverlayId> ids(List<ByteString> encoded) {
        Set<OverlayId> ids = new TreeSet<>();
        for (ByteString each : encoded) {
            if (each.size() == OverlayId.BYTES) {
                ids.add(OverlayId.of(each.toByteArray()));
            }
        }
        return ids;
    }

    /** Somebody who is, or was, a member asks over a session. */
    CompletableFuture<byte[]> onSync(Session from, TrustSync asked) {
        NamespaceAdmission ours = admission;
        byte[] binding = asked.getBinding().toByteArray();
        if (ours == null || !strangers.tryTake(node.runtime().clock().nanoTime())) {
            return refused("trust.drop.crowded");
        }
        if (!from.isBoundTo(binding)
                || !ours.isAcquainted(from.peer(), binding, asked.getProof().toByteArray())) {
            return refused("trust.drop.unproven");
        }
        return CompletableFuture.completedFuture(answer(asked).toByteArray());
    }

    private CompletableFuture<byte[]> refused(String counter) {
        node.runtime().counters().counter(counter).increment();
        return CompletableFuture.failedFuture(new CallException("refused"));
    }

    private TrustSyncReply answer(TrustSync asked) {
        Set<OverlayId> known = ids(asked.getIdsList());
        TrustSyncReply.Builder reply = TrustSyncReply.newBuilder();
        int room = REPLY_BYTES_MAX;
        for (TrustEntry entry : trust.state().entries()) {
            if (known.remove(entry.id())) {
                continue;
            }
            byte[] encoded = entry.encode();
            room -= encoded.length;
            if (room < 0 && reply.getEntriesCount() > 0) {
                reply.setMore(true);
            } else {
                reply.addEntries(ByteString.copyFrom(encoded));
            }
        }
        known.forEach(id -> reply.addWanted(ByteString.copyFrom(id.toByteArray())));
        return reply.build();
    }

    // ------------------------------------------------------------------ catching up

    private CompletableFuture<byte[]> onRingSync(RingCall call) {
        try {
            return CompletableFuture.completedFuture(
                    answer(TrustSync.parseFrom(call.request())).toByteArray());
        } catch (InvalidProtocolBufferException e) {
            return refused("trust.drop.malformed");
        }
    }

    /** Learns what a majority of the replicas of one key knows; goes on until it has. */
    CompletableFuture<@Nullable Void> catchUp() {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        askReplicas(done);
        return done;
    }

    private void askReplicas(CompletableFuture<@Nullable Void> done) {
        Ring all = ring;
        if (all == null) {
            return;
        }
        byte[] request = request().build().toByteArray();
        int[] open = {DhtLimits.REPLICAS};
        int[] answered = {0};
        boolean[] more = {false};
        for (OverlayId position : DhtKeys.positions(KEY)) {
            Completions.whenDone(
                    node.runtime().timers(),
                    all.call(position, RingService.Delivery.NEAREST, SYNC, request),
                    (reply, failure) -> {
                        open[0]--;
                        TrustSyncReply told = failure == null ? parse(reply.body()) : null;
                        if (told != null) {
                            answered[0]++;
                            more[0] |= learn(told.getEntriesList(), null) && told.getMore();
                        }
                        boolean enough = answered[0] >= DhtLimits.MAJORITY && !more[0];
                        if (enough && !done.isDone()) {
                            done.complete(null);
                        } else if (open[0] == 0 && !done.isDone()) {
                            node.runtime().timers().schedule(more[0] ? 0 : AGAIN_NANOS, () -> askReplicas(done));
                        }
                    });
        }
    }

    /** Ends: nobody is told or asked any more. */
    void close() {
        ring = null;
        admission = null;
    }
}
