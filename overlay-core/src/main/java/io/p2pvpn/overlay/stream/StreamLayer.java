package io.p2pvpn.overlay.stream;

import io.p2pvpn.overlay.id.OverlayId;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import io.p2pvpn.overlay.session.Session;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The streams of a node, over all its sessions. Confined to the node's loop. */
public final class StreamLayer {
    private final NodeRuntime runtime;
    private final OverlayId self;
    private final BiConsumer<Session, Boolean> use;
    private final StreamCounters counters;
    private final Growth growth = new Growth();
    private final TreeMap<OverlayId, StreamConnection> connections = new TreeMap<>();
    private final PacketReader reader = new PacketReader();
    private final PacketWriter writer = new PacketWriter();
    /** 65 kB that most nodes never need; null until then. */
    private @Nullable FrameBatch batch;

    private List<StreamConnection> dirty = new ArrayList<>();
    private List<StreamConnection> flushing = new ArrayList<>();
    private List<ByteStream> telling = new ArrayList<>();
    private List<ByteStream> told = new ArrayList<>();
    private StreamAcceptor acceptor = (from, channel, service, stream) -> StreamError.of(StreamError.Kind.NO_SERVICE);
    private long instances;
    private boolean turnScheduled;

    /**
     * No stream yet.
     *
     * @param self this node's ID on the public ring
     * @param use told when a session begins to be used for streams (true), and when no stream is left in it
     */
    public StreamLayer(NodeRuntime runtime, OverlayId self, BiConsumer<Session, Boolean> use) {
        this.runtime = runtime;
        this.self = self;
        this.use = use;
        this.counters = new StreamCounters(runtime.counters());
    }

    /** Who decides from now on about the streams that peers open; before, none is taken. */
    public void setAcceptor(StreamAcceptor newAcceptor) {
        acceptor = newAcceptor;
    }

    /**
     * Opens a stream. It is open once the peer has taken it ({@link StreamListener#onOpened}); if it does not, it ends
     * in both directions.
     *
     * @param channel of the namespace, as the peer numbers them
     * @param service what is wanted there, 1 to {@link StreamLimits#SERVICE_BYTES_MAX} bytes of UTF-8
     * @return null if the session is over or has too many streams
     */
    public @Nullable ByteStream open(Session session, int channel, String service, StreamListener listener) {
        byte[] name = service.getBytes(StandardCharsets.UTF_8);
        if (name.length == 0 || name.length > StreamLimits.SERVICE_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "a service has a name of 1 to " + StreamLimits.SERVICE_BYTES_MAX + " bytes");
        }
        StreamConnection connection = connectionOf(session);
        ByteStream stream = connection == null ? null : connection.open(channel, name);
        if (stream != null) {
            stream.setListener(listener);
            runtime.timers().schedule(StreamLimits.OPEN_NANOS, () -> {
                if (!stream.isOpen() && stream.writeError() == null) {
                    stream.end(StreamError.of(StreamError.Kind.NO_ANSWER));
                }
            });
        }
        return stream;
    }

    private @Nullable StreamConnection connectionOf(Session session) {
        StreamConnection connection = connections.get(session.nodeId());
        if (connection != null && connection.session() == session) {
            return connection;
        }
        if (!session.isOpen() || (connections.size() >= StreamLimits.CONNECTIONS_MAX && !evict())) {
            return null;
        }
        return add(session);
    }

    private StreamConnection add(Session session) {
        StreamConnection made = new StreamConnection(this, session, ++instances);
        connections.put(session.nodeId(), made);
        return made;
    }

    private boolean evict() {
        for (StreamConnection each : connections.values()) {
            if (each.isIdle()) {
                each.end(StreamError.of(StreamError.Kind.TOO_MANY));
                connections.remove(each.session().nodeId());
                return true;
            }
        }
        return false;
    }

    /** The peer has lost what it knew of the session's streams: they end, and new ones may begin. */
    void restart(StreamConnection old) {
        old.end(StreamError.of(StreamError.Kind.PEER_FORGOT));
        count("restarted");
        onPacket(add(old.session()));
    }

    // ---------------------------------------------------------------------- from below

    /** A peer's frame brought a packet, behind kind and channel. */
    public void onPacket(Session session, byte[] in, int offset, int length) {
        if (!reader.read(in, offset, length)) {
            drop("malformed");
            return;
        }
        StreamConnection connection = connectionOf(session);
        if (connection == null) {
            drop("crowded");
        } else {
            onPacket(connection);
        }
    }

    private void onPacket(StreamConnection connection) {
        counters.received();
        connection.onPacket(reader, now());
        if (!connection.dirty && !connection.isOver()) {
            connection.dirty = true;
            dirty.add(connection);
        }
    }

    /** All packets that were waiting have been read: listeners hear of it, and what is due leaves. */
    public void onBatchEnd() {
        // Listeners write, read and open; what that makes due goes along.
        while (!telling.isEmpty()) {
            List<ByteStream> due = telling;
            telling = told;
            told = due;
            for (int i = 0; i < due.size(); i++) {
                due.get(i).telling = false;
                due.get(i).tellListener();
            }
            due.clear();
        }
        if (dirty.isEmpty()) {
            return;
        }
        List<StreamConnection> due = dirty;
        dirty = flushing;
        flushing = due;
        for (int i = 0; i < due.size(); i++) {
            due.get(i).dirty = false;
            due.get(i).departures().flush();
        }
        due.clear();
    }

    /** The session is over. */
    public void onDown(Session session, String reason) {
        StreamConnection connection = connections.get(session.nodeId());
        if (connection != null && connection.session() == session) {
            connections.remove(session.nodeId());
            connection.end(StreamError.sessionEnded(reason));
            scheduleTurn();
        }
    }

    /** Another path may carry the session's frames. */
    public void onPathChanged(Session session) {
        StreamConnection connection = connections.get(session.nodeId());
        if (connection != null && !connection.isIdle()) {
            touch(connection);
        }
    }

    /** The transport takes frames again. */
    public void onWritable() {
        connections.values().forEach(each -> each.departures().onWritable());
    }

    // ---------------------------------------------------------------- connections' side

    /** The connection may have something to send: at the end of this turn it is asked. */
    void touch(StreamConnection connection) {
        if (!connection.dirty && !connection.isOver()) {
            connection.dirty = true;
            dirty.add(connection);
        }
        scheduleTurn();
    }

    /** A listener has to hear something. */
    void tell(ByteStream stream) {
        if (!stream.telling) {
            stream.telling = true;
            telling.add(stream);
        }
        scheduleTurn();
    }

    private void scheduleTurn() {
        if (!turnScheduled) {
            turnScheduled = true;
            runtime.timers().execute(this::onTurn);
        }
    }

    private void onTurn() {
        turnScheduled = false;
        onBatchEnd();
    }

    /** The connection's time has come. */
    void flush(StreamConnection connection) {
        connection.departures().flush();
        runtime.transport().flush();
    }

    void onBusy(StreamConnection connection) {
        use.accept(connection.session(), true);
    }

    void onQuiet(StreamConnection connection) {
        use.accept(connection.session(), false);
    }

    boolean isFirst(OverlayId peer) {
        return self.compareTo(peer) < 0;
    }

    boolean isWritable() {
        return runtime.transport().isWritable();
    }

    NodeRuntime runtime() {
        return runtime;
    }

    StreamAcceptor acceptor() {
        return acceptor;
    }

    StreamCounters counters() {
        return counters;
    }

    PacketWriter writer() {
        return writer;
    }

    FrameBatch batch() {
        FrameBatch made = batch;
        if (made == null) {
            made = new FrameBatch();
            batch = made;
        }
        return made;
    }

    ReceiveWindow.Budget budget() {
        return growth;
    }

    long now() {
        return runtime.clock().nanoTime();
    }

    void count(String event) {
        runtime.counters().counter("stream." + event).increment();
    }

    /** Counts a drop; the reasons are those of docs/protocol.md section 8. */
    void drop(String reason) {
        runtime.counters().counter("stream.drop." + reason).increment();
    }

    /** What all windows together may have grown by. */
    private static final class Growth implements ReceiveWindow.Budget {
        private long left = StreamLimits.GROWTH_BYTES_MAX;

        @Override
        public boolean tryTake(long bytes) {
            boolean enough = bytes <= left;
            left -= enough ? bytes : 0;
            return enough;
        }

        @Override
        public void giveBack(long bytes) {
            left += bytes;
        }
    }
}
