package io.p2pvpn.vpn.node;

import io.p2pvpn.dht.Dht;
import io.p2pvpn.dht.DhtException;
import io.p2pvpn.dht.DhtKeys;
import io.p2pvpn.dht.DhtRecord;
import io.p2pvpn.dht.GetOptions;
import io.p2pvpn.dht.GetResult;
import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.DhtReport;
import io.p2pvpn.vpn.control.DhtReport.DhtEntry;
import io.p2pvpn.vpn.control.DhtRequest;
import io.p2pvpn.vpn.namespace.Membership;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Records of people's own in the public DHT and those of the namespaces. Confined to the node's loop. */
final class DhtRequests {
    /** Keeps people's keys apart from those of leases, names and doors. */
    private static final String DOMAIN = "application";

    private final NodeDaemon daemon;

    DhtRequests(NodeDaemon daemon) {
        this.daemon = daemon;
    }

    CompletableFuture<DhtReport> run(DhtRequest request) {
        Dht dht;
        try {
            dht = dht(request.namespace());
        } catch (ControlException unknown) {
            return CompletableFuture.failedFuture(unknown);
        }
        String text = request.key();
        if (text == null) {
            return CompletableFuture.completedFuture(
                    new DhtReport(request.namespace(), null, null, true, entries(dht.storedRecords())));
        }
        OverlayId key = key(text);
        byte[] value = request.value() == null ? new byte[0] : request.value().getBytes(StandardCharsets.UTF_8);
        CompletableFuture<DhtReport> answer = switch (request.operation()) {
            case PUT -> dht.put(key, value, request.ttlSeconds()).thenApply(record -> done(request, key, record));
            case CLAIM ->
                dht.claim(key, value, request.ttlSeconds(), null).thenApply(record -> done(request, key, record));
            case GET -> dht.get(key, GetOptions.MAJORITY).thenApply(found -> found(request, key, found));
            case REMOVE -> dht.remove(key).thenApply(removed -> done(request, key, null));
            case DUMP -> CompletableFuture.completedFuture(done(request, key, null));
        };
        return answer.exceptionally(failure -> {
            throw new CompletionException(explained(failure, text));
        });
    }

    private Dht dht(@Nullable String namespace) throws ControlException {
        if (namespace == null) {
            return daemon.publicDht();
        }
        Membership membership = daemon.membership(namespace);
        if (membership == null) {
            throw new ControlException(Kind.NOT_FOUND, "this node is not in " + namespace + ": see p2pvpn status");
        }
        Dht dht = membership.dht();
        if (dht == null) {
            throw new ControlException(
                    Kind.NOT_PERMITTED, "this node is not a member of " + namespace + " yet: see p2pvpn status");
        }
        return dht;
    }

    /**
     * 40 hex digits are a key as it is on the ring, which reaches records of any kind. Others are odd: members claim
     * even ones for addresses and names only.
     */
    static OverlayId key(String text) {
        OverlayId key = OverlayId.parseOrNull(text);
        return key != null
                ? key
                : DhtKeys.of(DOMAIN, text.getBytes(StandardCharsets.UTF_8)).withLowestBit(true);
    }

    private static DhtReport done(DhtRequest request, OverlayId key, @Nullable DhtRecord record) {
        List<DhtRecord> records = record == null ? List.of() : List.of(record);
        return new DhtReport(request.namespace(), key.toString(), null, true, entries(records));
    }

    private static DhtReport found(DhtRequest request, OverlayId key, GetResult found) {
        return new DhtReport(
                request.namespace(), key.toString(), found.answered(), found.conclusive(), entries(found.records()));
    }

    private static List<DhtEntry> entries(List<DhtRecord> records) {
        List<DhtEntry> entries = new ArrayList<>();
        for (DhtRecord record : records) {
            entries.add(new DhtEntry(
                    record.key().toString(),
                    record.owner().nodeId().toString(),
                    record.kind() == DhtRecord.Kind.CLAIM ? "claim" : "plain",
                    record.isTombstone() ? "removed" : record.isTentative() ? "tentative" : "live",
                    record.sequence(),
                    record.ttlSeconds(),
                    text(record.value()),
                    HexFormat.of().formatHex(record.value())));
        }
        return entries;
    }

    /** The value if a person can read it, else null. */
    private static @Nullable String text(byte[] value) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(value))
                    .toString();
            return text.chars().anyMatch(Character::isISOControl) ? null : text;
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static Throwable explained(Throwable failure, String key) {
        Throwable cause = failure instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : failure;
        if (!(cause instanceof DhtException known)) {
            return cause;
        }
        DhtRecord holder = known.holder();
        String message = String.valueOf(known.getMessage());
        return switch (known.reason()) {
            case HELD ->
                new ControlException(
                        Kind.FAILED,
                        "another member holds " + key
                                + (holder == null ? "" : " (" + holder.owner().nodeId() + ")")
                                + ": choose another key, or wait until it is given up",
                        known);
            case LIMIT -> new ControlException(Kind.WRONG_USAGE, message, known);
            case BUSY -> new ControlException(Kind.FAILED, message + ": try again in a second", known);
            case REFUSED -> new ControlException(Kind.NOT_PERMITTED, message, known);
            case NO_MAJORITY, NOT_JOINED ->
                new ControlException(Kind.TIMED_OUT, message + ": see p2pvpn status, and try again", known);
            case CLOSED -> new ControlException(Kind.NO_DAEMON, message, known);
        };
    }
}
