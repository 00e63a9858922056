package io.p2pvpn.overlay.stream;

import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.session.Session;
import io.p2pvpn.overlay.wire.Frame;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one session, and the packets that carry them. Packets have numbers of their own, so that neither new
 * keys nor another path disturb them. Confined to the node's loop.
 */
final class StreamConnection implements PacketCodec.Sink, ReceiveWindow.Budget {
    private final StreamLayer layer;
    private final Session session;
    private final PacketHistory history = new PacketHistory();
    private final Departures departures;
    private final TreeMap<Long, ByteStream> streams = new TreeMap<>();
    private final ArrayDeque<ByteStream> ready = new ArrayDeque<>();
    private final ReceiveWindow window;
    /** Streams that the peer has opened, by number: 0, 1, 2 and so on. */
    private final Ranges opened = new Ranges();

    private final boolean evenIsOurs;
    private long ours;
    private int openOurs;
    private int openTheirs;
    private @Nullable ByteStream last;

    private long instance;
    private long peerInstance;
    private long sendLimit = StreamLimits.FIRST_SESSION_WINDOW_BYTES;
    private long sentBytes;
    private long receivedBytes;
    private boolean windowDue;
    private boolean refused;
    private long answeredNanos;
    private boolean over;

    /** Waits to send. */
    boolean dirty;

    StreamConnection(StreamLayer layer, Session session, long instance) {
        this.layer = layer;
        this.session = session;
        this.instance = instance;
        this.evenIsOurs = layer.isFirst(session.nodeId());
        this.window = newWindow((int) StreamLimits.FIRST_SESSION_WINDOW_BYTES, StreamLimits.SESSION_WINDOW_BYTES_MAX);
        this.answeredNanos = layer.now() - StreamLimits.OPEN_NANOS;
        this.departures = new Departures(layer, this, history);
        session.watchFrameBytes();
    }

    Session session() {
        return session;
    }

    long instance() {
        return instance;
    }

    long peerInstance() {
        return peerInstance;
    }

    Departures departures() {
        return departures;
    }

    boolean isOver() {
        return over;
    }

    /** True if nobody would miss it. */
    boolean isIdle() {
        return streams.isEmpty() && departures.isQuiet();
    }

    // ---------------------------------------------------------------------- streams

    /** Opens a stream; null if there are too many. */
    @Nullable
    ByteStream open(int channel, byte[] service) {
        if (openOurs >= StreamLimits.STREAMS_MAX) {
            return null;
        }
        openOurs++;
        long id = 2 * ours++ + (evenIsOurs ? 0 : 1);
        ByteStream stream = new ByteStream(this, id, channel, service, true);
        add(stream);
        queue(stream);
        touch();
        return stream;
    }

    private void add(ByteStream stream) {
        if (streams.isEmpty()) {
            layer.onBusy(this);
        }
        streams.put(stream.id(), stream);
    }

    private boolean isOurs(long id) {
        return ((id & 1) == 0) == evenIsOurs;
    }

    /** It is over, here and there. */
    void remove(ByteStream stream) {
        if (streams.remove(stream.id(), stream)) {
            last = null;
            if (isOurs(stream.id())) {
                openOurs--;
            } else {
                openTheirs--;
            }
            if (streams.isEmpty()) {
                layer.onQuiet(this);
            }
            touch();
        }
    }

    private @Nullable ByteStream stream(long id) {
        ByteStream before = last;
        if (before != null && before.id() == id) {
            return before;
        }
        ByteStream found = streams.get(id);
        last = found == null ? before : found;
        return found;
    }

    ReceiveWindow newWindow(int firstBytes, int bytesMax) {
        return new ReceiveWindow(firstBytes, bytesMax, this, layer.now());
    }

    @Override
    public boolean tryTake(long bytes) {
        return layer.budget().tryTake(bytes);
    }

    @Override
    public void giveBack(long bytes) {
        layer.budget().giveBack(bytes);
    }

    /** All its streams end. */
    void end(StreamError error) {
        over = true;
        endStreams(error);
        window.release();
        departures.stop();
    }

    private void endStreams(StreamError error) {
        for (ByteStream stream : new ArrayList<>(streams.values())) {
            stream.end(error);
        }
        boolean was = !streams.isEmpty();
        streams.clear();
        ready.clear();
        last = null;
        openOurs = 0;
        openTheirs = 0;
        if (was) {
            layer.onQuiet(this);
        }
    }

    // ---------------------------------------------------------------- what streams need

    /** The stream may have something to send. */
    void queue(ByteStream stream) {
        if (!stream.queued && !over) {
            stream.queued = true;
            ready.addLast(stream);
        }
    }

    /** Something may have to be sent, though no packet came. */
    void touch() {
        layer.touch(this);
    }

    void tell(ByteStream stream) {
        layer.tell(stream);
    }

    void drop(String reason) {
        layer.drop(reason);
    }

    /** How much of one stream may wait here. */
    int sendBytesMax() {
        return departures.sendBytesMax();
    }

    /** The limit of a stream's window to tell from now on. */
    long advance(ReceiveWindow ofStream) {
        return ofStream.advance(layer.now(), departures.rttNanos());
    }

    /** Bytes of a stream were read, or will not be. */
    void onConsumed(long bytes) {
        if (window.onConsumed(bytes) && !windowDue) {
            windowDue = true;
            touch();
        }
    }

    /** Bytes of a stream have come for the first time; false if there are more than the peer was told. */
    boolean onReceived(long bytes) {
        if (receivedBytes + bytes > window.limit()) {
            drop("window");
            return false;
        }
        receivedBytes += bytes;
        return true;
    }

    // ---------------------------------------------------------------- from the peer

    /** A packet came, which the reader has read. */
    void onPacket(PacketReader reader, long nowNanos) {
        if (reader.destination() != 0 && reader.destination() != instance) {
            drop("stale");
            answerStale(nowNanos);
            return;
        }
        if (reader.source() < peerInstance) {
            drop("stale");
            return;
        }
        if (reader.source() > peerInstance) {
            if (peerInstance != 0) {
                layer.restart(this);
                return;
            }
            peerInstance = reader.source();
        }
        if (!history.isNew(reader.number())) {
            drop("duplicate");
            return;
        }
        refused = false;
        reader.tell(this);
        if (!refused && !over) {
            history.add(reader.number(), reader.isEliciting(), nowNanos);
        }
    }

    /** The peer talks to a connection that we do not have any more: it learns so from any packet of this one. */
    void answerStale(long nowNanos) {
        if (nowNanos - answeredNanos >= Departures.ANSWER_NANOS) {
            answeredNanos = nowNanos;
            departures.ping();
        }
    }

    @Override
    public void onAck(AckRanges ack) {
        if (!departures.onAck(ack, layer.now())) {
            drop("ack");
            refused = true;
        }
    }

    @Override
    public void onStream(long id, long offset, byte[] in, int at, int length, boolean fin) {
        ByteStream stream = stream(id);
        if (stream != null) {
            refused |= !stream.onBytes(offset, in, at, length, fin);
        } else if (!isKnown(id)) {
            drop("unknown-stream");
            refused = true;
        }
    }

    /** True if there has been such a stream. */
    private boolean isKnown(long id) {
        return isOurs(id) ? id >> 1 < ours : opened.contains(id >> 1);
    }

    @Override
    public void onReset(long id, long code, long finalSize) {
        ByteStream stream = stream(id);
        if (stream != null) {
            refused |= !stream.onReset(StreamError.ofWire(code), finalSize);
        } else if (!isKnown(id)) {
            drop("unknown-stream");
            refused = true;
        }
    }

    @Override
    public void onStop(long id, long code) {
        ByteStream stream = stream(id);
        if (stream != null) {
            stream.onStop(StreamError.ofWire(code));
        }
    }

    @Override
    public void onMaxData(long bytes) {
        if (bytes > sendLimit) {
            sendLimit = bytes;
            // Few streams; those that have something wait again.
            streams.values().forEach(this::queue);
        }
    }

    @Override
    public void onMaxStreamData(long id, long bytes) {
        ByteStream stream = stream(id);
        if (stream != null) {
            stream.onMaxData(bytes);
        }
    }

    @Override
    public void onOpen(long id, int channel, long peerWindow, String service) {
        if (isOurs(id)) {
            drop("open");
            refused = true;
            return;
        }
        long number = id >> 1;
        if (opened.contains(number)) {
            return;
        }
        long floor = opened.isEmpty() || opened.start(0) > 0 ? 0 : opened.end(0);
        if (number >= floor + 2 * StreamLimits.STREAMS_MAX || openTheirs >= 2 * StreamLimits.STREAMS_MAX) {
            drop("open");
            refused = true;
            return;
        }
        opened.add(number, number + 1);
        openTheirs++;
        ByteStream stream = new ByteStream(this, id, channel, new byte[0], false);
        boolean crowded = openTheirs > StreamLimits.STREAMS_MAX;
        add(stream);
        StreamError error = crowded
                ? StreamError.of(StreamError.Kind.TOO_MANY)
                : layer.acceptor().onOpen(session, channel, service, stream);
        if (error == null) {
            stream.accept(peerWindow);
        } else {
            stream.refuse(error, peerWindow);
        }
    }

    @Override
    public void onAccept(long id, long peerWindow) {
        ByteStream stream = stream(id);
        if (stream != null) {
            stream.onAccept(peerWindow);
        }
    }

    // ------------------------------------------------------------------- to the peer

    /** True if {@link #fill} would write something. */
    boolean hasSome() {
        if (windowDue) {
            return true;
        }
        long credit = sendLimit - sentBytes;
        while (!ready.isEmpty()) {
            if (ready.getFirst().hasSome(credit)) {
                return true;
            }
            ready.removeFirst().queued = false;
        }
        return false;
    }

    /** Writes what fits of what is to be said. */
    void fill(PacketWriter writer, SentPacket packet) {
        if (windowDue && writer.maxData(advance(window))) {
            windowDue = false;
            packet.add(PacketCodec.MAX_DATA, null, 0, 0);
        }
        for (int looks = ready.size(); looks > 0 && packet.parts() < StreamLimits.PARTS_MAX; looks--) {
            ByteStream stream = ready.removeFirst();
            int before = packet.parts();
            sentBytes += stream.fill(writer, packet, sendLimit - sentBytes);
            boolean more = stream.hasSome(sendLimit - sentBytes);
            stream.queued = more;
            if (more && packet.parts() == before) {
                // It did not fit: it is the first to go on.
                ready.addFirst(stream);
                return;
            }
            if (more) {
                ready.addLast(stream);
            }
            if (writer.isFull()) {
                return;
            }
        }
    }

    /** A part of a packet that belongs to no stream is to be sent again. */
    void onPartLost(int type) {
        if (type == PacketCodec.MAX_DATA) {
            windowDue = true;
        }
    }

    /** The session's frames are of this size, and the path is this one. */
    @Nullable
    Path path() {
        return session.activePath();
    }

    int packetBytes() {
        return Math.max(StreamLimits.PACKET_BYTES_MIN, session.packetBytes());
    }

    int frameBytes() {
        return packetBytes() + Frame.PREFIX_BYTES + Frame.OVERHEAD_BYTES;
    }
}
