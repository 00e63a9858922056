package io.p2pvpn.vpn.dashboard;

import io.p2pvpn.vpn.control.PeersReport.PathStatus;
import io.p2pvpn.vpn.control.PeersReport.Peer;
import io.p2pvpn.vpn.dashboard.PathsReport.Change;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the samples of the last minutes have shown. Bounded by its constants; thread-safe. */
final class History {
    /** A quarter of an hour. */
    static final int POINTS_MAX = 900;
    /** Peers whose paths are remembered; who was not seen for longest is forgotten first. */
    static final int PEERS_MAX = 512;
    /** Of one peer. */
    static final int CHANGES_MAX = 32;

    private static final double NANOS_PER_SECOND = 1e9;
    private static final int BITS = 8;

    private final Deque<HistoryReport.Point> points = new ArrayDeque<>();
    private final Map<String, Deque<Change>> changes = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Deque<Change>> eldest) {
            return size() > PEERS_MAX;
        }
    };
    private @Nullable Sample last;
    private long lastNanos;

    /**
     * Takes in one more.
     *
     * @return what became of it
     */
    synchronized HistoryReport.Point add(Sample sample, long nowNanos, long epochMillis) {
        Sample before = last;
        double seconds = before == null ? 0 : (nowNanos - lastNanos) / NANOS_PER_SECOND;
        HistoryReport.Point point = new HistoryReport.Point(
                epochMillis,
                before == null ? 0 : rate(sample.sentBytes() - before.sentBytes(), seconds),
                before == null ? 0 : rate(sample.receivedBytes() - before.receivedBytes(), seconds),
                median(sample.peers().peers(), true),
                median(sample.peers().peers(), false),
                sample.peers().peers().size());
        if (points.size() == POINTS_MAX) {
            points.removeFirst();
        }
        points.addLast(point);
        for (Peer peer : sample.peers().peers()) {
            note(peer, epochMillis);
        }
        last = sample;
        lastNanos = nowNanos;
        return point;
    }

    private static long rate(long bytes, double seconds) {
        return seconds <= 0 ? 0 : Math.round(Math.max(0, bytes) * BITS / seconds);
    }

    private static @Nullable Double median(List<Peer> peers, boolean direct) {
        List<Double> millis = new ArrayList<>();
        for (Peer peer : peers) {
            PathStatus path = active(peer);
            if (path != null && path.rttMillis() != null && isDirect(path) == direct) {
                millis.add(path.rttMillis());
            }
        }
        Collections.sort(millis);
        return millis.isEmpty() ? null : millis.get(millis.size() / 2);
    }

    private static boolean isDirect(PathStatus path) {
        return path.via() == null && path.remote() != null;
    }

    private void note(Peer peer, long epochMillis) {
        PathStatus path = active(peer);
        Change seen = path == null
                ? new Change(epochMillis, null, null, null, peer.reason())
                : new Change(epochMillis, path.kind(), path.remote(), path.via(), peer.reason());
        Deque<Change> past =
                changes.computeIfAbsent(key(peer.namespace(), peer.overlayId()), key -> new ArrayDeque<>());
        Change newest = past.peekLast();
        if (newest != null && isSame(newest, seen)) {
            return;
        }
        if (past.size() == CHANGES_MAX) {
            past.removeFirst();
        }
        past.addLast(seen);
    }

    private static boolean isSame(Change one, Change other) {
        return Objects.equals(one.kind(), other.kind())
                && Objects.equals(one.remote(), other.remote())
                && Objects.equals(one.via(), other.via());
    }

    private static @Nullable PathStatus active(Peer peer) {
        for (PathStatus path : peer.paths()) {
            if (path.active()) {
                return path;
            }
        }
        return null;
    }

    private static String key(@Nullable String namespace, String overlayId) {
        return overlayId + (namespace == null ? "" : "@" + namespace);
    }

    synchronized HistoryReport points() {
        return new HistoryReport(List.copyOf(points));
    }

    synchronized PathsReport paths(@Nullable String namespace, String overlayId) {
        Deque<Change> past = changes.get(key(namespace, overlayId));
        return new PathsReport(past == null ? List.of() : List.copyOf(past));
    }
}
