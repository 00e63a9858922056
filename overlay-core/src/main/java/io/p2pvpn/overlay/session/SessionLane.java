package io.p2pvpn.overlay.session;

import io.p2pvpn.overlay.runtime.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * One queue's part of a session: seals on the queue's lane and sends straight to the peer, as long as the session's
 * active path is a direct one over UDP. What is to be used for that is published by the loop. Confined to its queue,
 * except where a method says otherwise.
 */
public final class SessionLane {
    private static final int CHANNELS = 256;

    /** Takes the packets of one channel. Called on the queue. */
    public interface PacketSink {
        /**
         * A packet, in an array that is valid, and may be written to, during the call; false if it is one for the loop
         * to judge.
         *
         * @param trafficClass of the frame that it came in
         */
        boolean onPacket(int kind, byte[] buffer, int offset, int length, int trafficClass);
    }

    /** What frames are sealed with and where they go. Immutable. */
    private record Sending(EpochShare keys, Endpoint to, int packetBytes, boolean packetBytesKnown) {}

    private final Session session;
    private final SessionQueue queue;
    private final int number;
    private volatile @Nullable Sending published;
    private @Nullable Sending sending;
    private @Nullable PacketSink @Nullable [] sinks;
    private int lastChannel = -1;
    private @Nullable PacketSink lastSink;

    private boolean dirty;
    private @Nullable Epoch heardEpoch;
    private @Nullable Endpoint heardFrom;
    private long heardNanos;
    private long heardBytes;
    private long pathBytes;
    private @Nullable Epoch sentEpoch;
    private long firstSentNanos;
    private long sentBytes;
    private int sentFrameBytes;

    SessionLane(Session session, SessionQueue queue, int number) {
        this.session = session;
        this.queue = queue;
        this.number = number;
    }

    // ------------------------------------------------------------- the loop's side

    Session session() {
        return session;
    }

    SessionQueue queue() {
        return queue;
    }

    /** From now on frames are sealed with these keys and go there; null: to be handed to the loop. On the loop. */
    void publish(@Nullable Epoch epoch, @Nullable Endpoint to, int packetBytes, boolean packetBytesKnown) {
        if (epoch == null || to == null) {
            published = null;
            return;
        }
        EpochShare keys = epoch.share(queue.number());
        Sending next = new Sending(keys, to, packetBytes, packetBytesKnown);
        if (!next.equals(published)) {
            published = next;
        }
    }

    // ------------------------------------------------------------------ sending

    /** True if packets can go straight to the peer; {@link #seal} and {@link #send} then stay with this way. */
    public boolean isDirect() {
        sending = published;
        return sending != null;
    }

    /** As {@link Session#packetBytes}, for the way that {@link #isDirect} found. */
    public int packetBytes() {
        Sending now = sending;
        return now == null ? Session.packetBytes(null) : now.packetBytes();
    }

    /** As {@link Session#isPacketBytesKnown}, for the way that {@link #isDirect} found. */
    public boolean isPacketBytesKnown() {
        Sending now = sending;
        return now != null && now.packetBytesKnown();
    }

    /** As {@link Session#seal}. */
    public int seal(byte[] plain, int offset, int length, byte[] out, int outOffset) {
        Sending now = sending;
        return now == null ? -1 : now.keys().seal(number, plain, offset, length, out, outOffset);
    }

    /** As {@link Session#sendFrames}. */
    public boolean send(byte[] frames, int offset, int length, int segmentBytes, int trafficClass) {
        Sending now = sending;
        if (now == null) {
            return false;
        }
        sentEpoch = now.keys().epoch();
        if (sentBytes == 0) {
            firstSentNanos = queue.nowNanos();
        }
        sentBytes += length;
        sentFrameBytes = Math.max(sentFrameBytes, segmentBytes);
        markDirty();
        return queue.port().send(now.to(), frames, offset, length, segmentBytes, trafficClass);
    }

    // ---------------------------------------------------------------- receiving

    /** Takes over the packets of a channel of ours; null: they go to the loop. */
    public void setSink(int channel, @Nullable PacketSink sink) {
        @Nullable PacketSink[] all = sinks;
        if (all == null) {
            all = new PacketSink[CHANNELS];
            sinks = all;
        }
        all[channel] = sink;
        lastChannel = -1;
    }

    boolean deliver(int kind, int channel, byte[] buffer, int offset, int length, int trafficClass) {
        if (channel != lastChannel) {
            lastSink = sinks == null ? null : sinks[channel];
            lastChannel = channel;
        }
        PacketSink sink = lastSink;
        return sink != null && sink.onPacket(kind, buffer, offset, length, trafficClass);
    }

    /** A frame with a packet was delivered. */
    void onHeard(EpochShare keys, Endpoint from, int bytes, long nowNanos) {
        Epoch epoch = keys.epoch();
        boolean same = from.equals(heardFrom);
        if (heardFrom == null || ((!same || heardEpoch != epoch) && keys.isNewestFrame())) {
            if (heardFrom != null) {
                queue.reportSoon();
            }
            // What came from elsewhere before counts for the session only: rather too little than too much.
            pathBytes = same ? pathBytes : 0;
            heardEpoch = epoch;
            heardFrom = from;
            same = true;
        }
        if (keys.isFirst()) {
            queue.reportSoon();
        }
        pathBytes += same ? bytes : 0;
        heardNanos = nowNanos;
        heardBytes += bytes;
        markDirty();
    }

    private void markDirty() {
        if (!dirty) {
            dirty = true;
            queue.onDirty(this);
        }
    }

    /** What has happened since the last time that was asked. */
    LaneReport report() {
        LaneReport report = new LaneReport(
                this,
                heardEpoch,
                heardFrom,
                heardNanos,
                heardBytes,
                pathBytes,
                sentEpoch,
                firstSentNanos,
                sentBytes,
                sentFrameBytes);
        dirty = false;
        heardEpoch = null;
        heardFrom = null;
        heardBytes = 0;
        pathBytes = 0;
        sentEpoch = null;
        firstSentNanos = 0;
        sentBytes = 0;
        sentFrameBytes = 0;
        return report;
    }
}
