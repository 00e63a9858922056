package io.p2pvpn.dht;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.p2pvpn.dht.wire.proto.FetchReply;
import io.p2pvpn.dht.wire.proto.FetchRequest;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.ring.RingCall;
import io.p2pvpn.overlay.ring.RingCallException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/** Answers {@link ZoneFetch}: the records of which a position lies on an arc, piece by piece. */
final class FetchServer {
    /** A key by one of its positions. Several keys may share a position. */
    private record Place(OverlayId offset, OverlayId key) implements Comparable<Place> {
        private static final Comparator<Place> ORDER =
                Comparator.comparing(Place::offset).thenComparing(Place::key);

        @Override
        public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }
    }

    private final DhtContext context;
    private final RecordStore store;
    private final ZoneFetch fetch;

    FetchServer(DhtContext context, RecordStore store, ZoneFetch fetch) {
        this.context = context;
        this.store = store;
        this.fetch = fetch;
    }

    void register() {
        context.ring().handle(DhtContext.FETCH, this::onFetch);
    }

    private CompletableFuture<byte[]> onFetch(RingCall call) {
        FetchRequest request;
        try {
            request = FetchRequest.parseFrom(call.request());
        } catch (InvalidProtocolBufferException e) {
            return drop();
        }
        if (request.getFrom().size() != OverlayId.BYTES
                || request.getTo().size() != OverlayId.BYTES
                || request.getFrom().equals(request.getTo())) {
            return drop();
        }
        Arc asked = new Arc(
                OverlayId.of(request.getFrom().toByteArray()),
                OverlayId.of(request.getTo().toByteArray()));
        FetchReply reply = context.isServing() ? answer(asked) : notReady();
        return CompletableFuture.completedFuture(reply.toByteArray());
    }

    private CompletableFuture<byte[]> drop() {
        context.counter("dht.drop.malformed").increment();
        return CompletableFuture.failedFuture(new RingCallException("malformed request"));
    }

    private static FetchReply notReady() {
        return FetchReply.newBuilder().setNotReady(true).build();
    }

    /** What we keep of the part of an arc that is in our zone, from its start on, as far as it fits. */
    private FetchReply answer(Arc asked) {
        Arc zone = Neighbourhood.of(context.ring()).zone();
        if (!zone.contains(asked.first())) {
            return notReady();
        }
        boolean alone = zone.from().equals(zone.to());
        boolean whole = alone || asked.offset(asked.to()).compareTo(asked.offset(zone.to())) <= 0;
        Arc part = whole ? asked : new Arc(asked.from(), zone.to());
        SortedSet<Place> places = new TreeSet<>();
        OverlayId end = part.offset(part.to());
        for (int i = 0; i < DhtLimits.REPLICAS; i++) {
            List<OverlayId> keys = store.firstKeysOf(part.shifted(DhtLimits.REPLICAS - i), DhtLimits.FETCH_RECORDS_MAX);
            for (OverlayId key : keys) {
                places.add(new Place(part.offset(DhtKeys.position(key, i)), key));
            }
            if (keys.size() == DhtLimits.FETCH_RECORDS_MAX) {
                OverlayId last = part.offset(DhtKeys.position(keys.get(keys.size() - 1), i));
                end = last.compareTo(end) < 0 ? last : end;
            }
        }
        return answer(part, places, end);
    }

    private FetchReply answer(Arc part, SortedSet<Place> places, OverlayId end) {
        FetchReply.Builder reply = FetchReply.newBuilder();
        OverlayId until = end;
        OverlayId covered = OverlayId.ZERO;
        int bytesLeft = DhtLimits.ANSWER_BYTES_MAX;
        for (Place place : places) {
            List<RecordStore.Stored> records = lasting(place.key());
            int bytes = records.stream()
                    .mapToInt(stored -> stored.record().sizeBytes())
                    .sum();
            boolean isFirst = covered.equals(OverlayId.ZERO) || covered.equals(place.offset());
            if (place.offset().compareTo(end) > 0) {
                break;
            }
            if (bytes > bytesLeft && !isFirst) {
                until = covered;
                break;
            }
            for (RecordStore.Stored stored : records) {
                int size = stored.record().sizeBytes();
                if (size <= bytesLeft) {
                    bytesLeft -= size;
                    reply.addRecords(context.toWire(
                            stored.record(), stored.remainingMillis(context.nowMillis()) - DhtLimits.TRANSFER_MILLIS));
                }
            }
            covered = place.offset();
        }
        Arc answered = new Arc(part.from(), part.from().plus(until));
        return reply.setUntil(ByteString.copyFrom(answered.to().toByteArray()))
                .setSettled(fetch.isSettled(answered))
                .build();
    }

    /** The records of a key that are worth a transfer, claims first. */
    private List<RecordStore.Stored> lasting(OverlayId key) {
        List<RecordStore.Stored> lasting = new ArrayList<>(store.get(key, context.nowMillis()));
        lasting.removeIf(stored -> stored.record().isTentative()
                || stored.remainingMillis(context.nowMillis()) <= DhtLimits.TRANSFER_MILLIS);
        lasting.sort(Comparator.comparing(stored -> !stored.record().isClaim()));
        return lasting;
    }
}
