package io.p2pvpn.overlay.stream;

import io.p2pvpn.overlay.path.Path;
import io.p2pvpn.overlay.wire.Frame;
import org.jspecify.annotations.Nullable;

/**
 * When packets of one connection leave, and what becomes of them: loss detection and probes (RFC 9002), congestion
 * control, pacing. Confined to the node's loop.
 */
final class Departures implements SentPackets.Fate {
    /** A peer that talks to a connection of the past is told so at most this often. */
    static final long ANSWER_NANOS = 1_000_000_000L;

    private static final long PROBE_NANOS_MAX = 4_000_000_000L;
    private static final int PROBE_DOUBLINGS_MAX = 6;
    private static final int PROBES = 2;
    /** kPersistentCongestionThreshold. */
    private static final int PERSISTENT = 3;

    private final StreamLayer layer;
    private final StreamConnection connection;
    private final PacketHistory history;
    private final SentPackets sent = new SentPackets();
    private final RttEstimator rtt;
    private final Cubic cubic;
    private final Pacer pacer = new Pacer();
    private final LazyTimer timer;

    private @Nullable Path path;
    private int pathNumber;
    private int probes;
    private int probeDoublings;
    private boolean pingDue;
    /** The window or the pacer, not the lack of something to send, was what held the sender up. */
    private boolean limited;

    private boolean paced;
    private boolean blocked;
    private long idleNanos = Long.MAX_VALUE;

    private long recoveryNanos;
    private boolean everCongested;
    private long roundEnd;
    private long ackedBytes;
    private long ackedSentNanos;
    private long ackedSentLeastNanos;
    private long priorAckedNanos;
    private boolean lostAny;
    private long lostFirstNanos;
    private long lostLastNanos;

    Departures(StreamLayer layer, StreamConnection connection, PacketHistory history) {
        this.layer = layer;
        this.connection = connection;
        this.history = history;
        this.path = connection.path();
        this.rtt = new RttEstimator(path == null ? -1 : path.rttNanos());
        this.cubic = new Cubic(connection.frameBytes());
        this.timer = new LazyTimer(layer.runtime(), this::onTimer);
        this.ackedSentNanos = layer.now();
        updatePacer(layer.now());
    }

    long rttNanos() {
        return rtt.smoothedNanos();
    }

    /** Bytes that may be under way, for those who look. */
    long windowBytes() {
        return cubic.windowBytes();
    }

    int sendBytesMax() {
        return (int)
                Math.min(StreamLimits.SEND_BYTES_MAX, Math.max(StreamLimits.SEND_BYTES_MIN, 2 * cubic.windowBytes()));
    }

    boolean isQuiet() {
        return sent.isEmpty() && !history.isWaiting();
    }

    /** Asks the peer for a sign. */
    void ping() {
        pingDue = true;
        connection.touch();
    }

    void stop() {
        timer.set(Long.MAX_VALUE, layer.now());
    }

    // ---------------------------------------------------------------------- leaving

    /** Sends what there is to send, as far as it may leave now. */
    void flush() {
        if (connection.isOver()) {
            return;
        }
        long now = layer.now();
        lookAtPath(now);
        cubic.setPacketBytes(connection.frameBytes());
        FrameBatch batch = layer.batch();
        blocked = false;
        paced = false;
        int budget = StreamLimits.TURN_BYTES_MAX;
        while (budget > 0) {
            boolean data = mayLeave(now) && (connection.hasSome() || pingDue || probes > 0);
            if (!data && !history.isDue(now)) {
                break;
            }
            int bytes = sendPacket(batch, data, now);
            if (bytes <= 0) {
                break;
            }
            budget -= bytes;
        }
        if (!batch.flush(connection.session())) {
            layer.count("send-refused");
        }
        if (budget <= 0) {
            connection.touch();
        }
        setTimer(now);
    }

    private boolean mayLeave(long now) {
        if (probes > 0) {
            return true;
        }
        if (!layer.isWritable()) {
            blocked = true;
            limited = false;
            return false;
        }
        if (sent.bytesUnderWay() + connection.frameBytes() > cubic.windowBytes()) {
            limited = limited || connection.hasSome();
            return false;
        }
        if (!pacer.maySend(now)) {
            paced = connection.hasSome();
            limited |= paced;
            return false;
        }
        if (!connection.hasSome()) {
            limited = false;
        }
        return true;
    }

    /** Sends one packet; returns the bytes of its frame, 0 if there was nothing to say or no way. */
    private int sendPacket(FrameBatch batch, boolean data, long now) {
        if (!sent.hasRoom()) {
            sent.loseOldest(this);
        }
        PacketWriter writer = layer.writer();
        writer.start(connection.packetBytes(), sent.next(), connection.instance(), connection.peerInstance());
        SentPacket packet = sent.start();
        int empty = writer.length();
        if (history.isWaiting()) {
            packet.ackLargest = history.write(writer, now);
        }
        boolean eliciting = false;
        if (data) {
            connection.fill(writer, packet);
            eliciting = packet.parts() > 0;
            if (!eliciting && (pingDue || probes > 0)) {
                writer.ping();
                eliciting = true;
            }
            pingDue &= !eliciting;
        }
        if (writer.length() == empty) {
            return 0;
        }
        packet.sentNanos = now;
        packet.bytes = writer.length() + Frame.OVERHEAD_BYTES;
        packet.path = pathNumber;
        int bytes = packet.bytes;
        boolean sealed = batch.add(connection.session(), writer);
        sent.sent(eliciting);
        layer.counters().sent(bytes);
        if (eliciting) {
            idleNanos = Long.MAX_VALUE;
            pacer.onSent(bytes);
            probes = Math.max(0, probes - 1);
        }
        return sealed ? bytes : 0;
    }

    /** The transport takes frames again. */
    void onWritable() {
        if (blocked) {
            connection.touch();
        }
    }

    /** Whatever was learned of another path is void. */
    private void lookAtPath(long now) {
        Path active = connection.path();
        if (active == null || active == path) {
            return;
        }
        path = active;
        pathNumber++;
        rtt.reset(active.rttNanos());
        cubic.reset(connection.frameBytes());
        if (!sent.isEmpty()) {
            sent.leavePath();
            probe();
        }
        probeDoublings = 0;
        recoveryNanos = now;
        updatePacer(now);
        layer.count("path-changed");
    }

    /** What has waited longest goes once more, whatever the window says. */
    private void probe() {
        SentPacket oldest = sent.oldest();
        if (oldest != null) {
            requeue(oldest);
        }
        probes = PROBES;
    }

    private void updatePacer(long now) {
        pacer.update(cubic.windowBytes(), rtt.smoothedNanos(), cubic.isSlowStart(), connection.frameBytes(), now);
    }

    // ------------------------------------------------------------------ what became of it

    /** The peer names packets that it has; false if it cannot have them. */
    boolean onAck(AckRanges ack, long now) {
        long largest = ack.largest(0);
        if (largest >= sent.next()) {
            return false;
        }
        if (sent.isUnderWay(largest) && sent.pathOf(largest) == pathNumber) {
            boolean round = largest >= roundEnd;
            roundEnd = round ? sent.next() : roundEnd;
            long delayNanos = Math.min(ack.delayMicros(), StreamLimits.ACK_DELAY_NANOS / 1000) * 1000;
            rtt.onSample(now - sent.sentNanosOf(largest), delayNanos);
            cubic.onRtt(rtt.latestNanos(), round);
        }
        ackedBytes = 0;
        ackedSentLeastNanos = Long.MAX_VALUE;
        priorAckedNanos = ackedSentNanos;
        sent.onAck(ack, this);
        if (ackedSentLeastNanos != Long.MAX_VALUE) {
            probeDoublings = 0;
        }
        if (ackedBytes > 0) {
            cubic.onAcked(ackedBytes, limited, rtt.smoothedNanos(), now);
        }
        findLost(now);
        updatePacer(now);
        return true;
    }

    private void findLost(long now) {
        lostAny = false;
        lostFirstNanos = Long.MAX_VALUE;
        lostLastNanos = Long.MIN_VALUE;
        sent.findLost(rtt.lossNanos(), now, this);
        if (!lostAny) {
            return;
        }
        if (!everCongested || lostLastNanos - recoveryNanos > 0) {
            everCongested = true;
            recoveryNanos = now;
            cubic.onCongestion();
            layer.count("congestion");
        }
        // Nothing between the first and the last of them may have arrived (RFC 9002, section 7.6.2).
        long from = Math.max(lostFirstNanos, priorAckedNanos);
        long to = Math.min(lostLastNanos, ackedSentLeastNanos);
        if (rtt.isKnown() && to - from >= PERSISTENT * rtt.probeNanos()) {
            cubic.onPersistentCongestion();
            layer.count("persistent-congestion");
        }
    }

    @Override
    public void onAcked(SentPacket packet) {
        ackedSentNanos = Math.max(ackedSentNanos, packet.sentNanos);
        ackedSentLeastNanos = Math.min(ackedSentLeastNanos, packet.sentNanos);
        if (packet.path == pathNumber && (!everCongested || packet.sentNanos - recoveryNanos > 0)) {
            ackedBytes += packet.bytes;
        }
        if (packet.ackLargest >= 0) {
            history.onAckArrived(packet.ackLargest);
        }
        for (int i = 0; i < packet.parts(); i++) {
            ByteStream stream = packet.stream(i);
            if (stream != null) {
                stream.onPartAcked(packet.type(i), packet.offset(i), packet.length(i));
            }
        }
    }

    @Override
    public void onLost(SentPacket packet) {
        layer.counters().lost();
        if (packet.path == pathNumber) {
            lostAny = true;
            lostFirstNanos = Math.min(lostFirstNanos, packet.sentNanos);
            lostLastNanos = Math.max(lostLastNanos, packet.sentNanos);
        }
        requeue(packet);
    }

    private void requeue(SentPacket packet) {
        for (int i = 0; i < packet.parts(); i++) {
            ByteStream stream = packet.stream(i);
            if (stream != null) {
                stream.onPartLost(packet.type(i), packet.offset(i), packet.length(i));
            } else {
                connection.onPartLost(packet.type(i));
            }
        }
    }

    // ------------------------------------------------------------------------ timers

    private void setTimer(long now) {
        long at = history.deadlineNanos();
        if (!sent.isEmpty()) {
            at = Math.min(at, sent.lossNanos() != Long.MAX_VALUE ? sent.lossNanos() : probeAtNanos());
        }
        if (paced) {
            at = Math.min(at, pacer.nextNanos(now));
        }
        if (connection.isIdle()) {
            idleNanos = idleNanos == Long.MAX_VALUE ? now + StreamLimits.IDLE_NANOS : idleNanos;
            at = Math.min(at, idleNanos);
        }
        timer.set(at, now);
    }

    private long probeAtNanos() {
        long wait = Math.min(PROBE_NANOS_MAX, rtt.probeNanos() << Math.min(probeDoublings, PROBE_DOUBLINGS_MAX));
        return sent.lastSentNanos() + wait;
    }

    private void onTimer() {
        long now = layer.now();
        if (connection.isIdle() && now - idleNanos >= 0) {
            sent.free();
            return;
        }
        if (!sent.isEmpty()) {
            if (sent.lossNanos() <= now) {
                ackedSentLeastNanos = Long.MAX_VALUE;
                priorAckedNanos = ackedSentNanos;
                findLost(now);
                updatePacer(now);
            } else if (sent.lossNanos() == Long.MAX_VALUE && probeAtNanos() <= now) {
                probeDoublings++;
                layer.count("probes");
                probe();
            }
        }
        layer.flush(connection);
    }
}
