package io.p2pvpn.overlay.stream;

import io.p2pvpn.overlay.session.Session;
import org.jspecify.annotations.Nullable;

/**
 * One stream: bytes in order in both directions, each of which ends for itself (RFC 9000, section 3). Confined to the
 * node's loop.
 */
public final class ByteStream {
    private final StreamConnection connection;
    private final long id;
    private final boolean ours;
    private final int channel;
    private final byte[] service;
    private final SendBuffer send = new SendBuffer();
    private final ReceiveBuffer receive = new ReceiveBuffer();
    private final ReceiveWindow window;
    private @Nullable StreamListener listener;

    private boolean opened;
    private boolean refused;
    private boolean openDue;
    private boolean acceptDue;
    private boolean windowDue;
    private @Nullable StreamError reset;
    private boolean resetDue;
    private boolean sendDone;
    private @Nullable StreamError stop;
    private boolean stopDue;
    private boolean receiveDone;
    private @Nullable StreamError readError;
    private @Nullable StreamError writeError;
    private boolean wantsRoom;

    /** Waits in its connection to send something. */
    boolean queued;
    /** Waits to tell its listener something. */
    boolean telling;

    private boolean tellOpened;
    private boolean tellReadable;
    private boolean tellReset;
    private boolean tellStopped;

    ByteStream(StreamConnection connection, long id, int channel, byte[] service, boolean ours) {
        this.connection = connection;
        this.id = id;
        this.channel = channel;
        this.service = service;
        this.ours = ours;
        this.openDue = ours;
        this.window = connection.newWindow(StreamLimits.FIRST_WINDOW_BYTES, StreamLimits.WINDOW_BYTES_MAX);
    }

    /** The session that it is in: who is at the other end. */
    public Session session() {
        return connection.session();
    }

    /** Who hears of it from now on. */
    public void setListener(StreamListener hearer) {
        listener = hearer;
    }

    /** True once both ends have it. */
    public boolean isOpen() {
        return opened;
    }

    /** True once nothing of it is left to be done. */
    public boolean isOver() {
        return sendDone && receiveDone;
    }

    /** Why nothing more can be read; null while it can, and at its end. */
    public @Nullable StreamError readError() {
        return readError;
    }

    /** Why nothing more can be written, or null. */
    public @Nullable StreamError writeError() {
        return writeError;
    }

    // ---------------------------------------------------------------- the application

    /**
     * Takes bytes to be sent, as many as there is room for now.
     *
     * @return how many; if that is not all, {@link StreamListener#onWritable} follows
     */
    public int write(byte[] from, int offset, int length) {
        if (writeError != null || send.isFinished()) {
            return 0;
        }
        int taken = send.write(from, offset, length, connection.sendBytesMax());
        wantsRoom = taken < length;
        if (taken > 0) {
            connection.queue(this);
            connection.touch();
        }
        return taken;
    }

    /** Bytes that were written and are not known to have arrived. */
    public long waitingBytes() {
        return send.waitingBytes();
    }

    /** Nothing more is written: the peer reads the end when it has read all. */
    public void finish() {
        if (writeError == null && !send.isFinished()) {
            send.finish();
            connection.queue(this);
            connection.touch();
        }
    }

    /** Bytes that can be read at once. */
    public int available() {
        return receive.available();
    }

    /**
     * Reads what is there, at most {@code length} bytes.
     *
     * @return how many; 0 if there are none now, -1 at the end
     */
    public int read(byte[] into, int offset, int length) {
        int bytes = receive.read(into, offset, length);
        if (bytes > 0) {
            onConsumed(bytes);
        }
        boolean ended = receive.isAtEnd() && readError == null;
        if (ended && !receiveDone) {
            receiveDone = true;
            settle();
        }
        return bytes == 0 && ended && length > 0 ? -1 : bytes;
    }

    private void onConsumed(long bytes) {
        connection.onConsumed(bytes);
        if (window.onConsumed(bytes) && !receive.isComplete() && !receiveDone) {
            windowDue = true;
            connection.queue(this);
            connection.touch();
        }
    }

    /** Gives up what was not read and what was not sent, and tells the peer why. */
    public void reset(StreamError error) {
        resetSending(error);
        stopReading(error);
        connection.touch();
    }

    /** Reads no more: the peer is told to send no more. */
    public void stopReading(StreamError error) {
        if (receiveDone) {
            return;
        }
        readError = readError == null ? error : readError;
        stop = error;
        stopDue = opened && !receive.isComplete();
        boolean wasComplete = receive.isComplete();
        connection.onConsumed(receive.discard());
        receiveDone = wasComplete || !opened;
        connection.queue(this);
        connection.touch();
        settle();
    }

    private void resetSending(StreamError error) {
        if (sendDone || reset != null) {
            return;
        }
        writeError = writeError == null ? error : writeError;
        reset = error;
        resetDue = true;
        send.discard();
        connection.queue(this);
    }

    // ---------------------------------------------------------------- from the peer

    /** The peer has opened it, and it is taken. */
    void accept(long peerWindow) {
        opened = true;
        acceptDue = true;
        send.raiseLimit(peerWindow);
        connection.queue(this);
    }

    /** The peer has opened it, and it is not taken. */
    void refuse(StreamError error, long peerWindow) {
        refused = true;
        send.raiseLimit(peerWindow);
        receiveDone = true;
        resetSending(error);
    }

    void onAccept(long peerWindow) {
        if (ours && !opened) {
            opened = true;
            openDue = false;
            tellOpened = true;
            stopDue = stop != null;
            connection.tell(this);
        }
        onMaxData(peerWindow);
    }

    void onMaxData(long bytes) {
        send.raiseLimit(bytes);
        connection.queue(this);
    }

    /** Bytes came; false if they cannot be taken, and the packet with them. */
    boolean onBytes(long offset, byte[] in, int at, int length, boolean fin) {
        if (refused || (!ours && !opened)) {
            return true;
        }
        if (ours && !opened) {
            // Who sends on it has taken it; its word for that is still on its way.
            onAccept(0);
        }
        if (isRefused(receive.check(offset, length, fin, window.limit()))) {
            return false;
        }
        boolean discarding = stop != null || readError != null;
        int before = receive.available();
        if (!connection.onReceived(Math.max(0, offset + length - receive.highest()))) {
            return false;
        }
        receive.take(offset, in, at, length, fin);
        if (discarding) {
            boolean complete = receive.isComplete();
            connection.onConsumed(receive.discard());
            receiveDone |= complete;
            settle();
        } else if (receive.available() > before || receive.isComplete()) {
            tellReadable = true;
            connection.tell(this);
        }
        return true;
    }

    /** Counts why a packet is dropped, if it is. */
    private boolean isRefused(ReceiveBuffer.Refusal refusal) {
        if (refusal == ReceiveBuffer.Refusal.NONE) {
            return false;
        }
        connection.drop(
                switch (refusal) {
                    case WINDOW -> "window";
                    case FINAL_SIZE -> "final-size";
                    default -> "gaps";
                });
        return true;
    }

    /** The peer sends no more; false if that cannot be. */
    boolean onReset(StreamError error, long finalSize) {
        if (ours && !opened) {
            end(error);
            connection.remove(this);
            return true;
        }
        if (receiveDone) {
            return true;
        }
        if (isRefused(receive.checkReset(finalSize, window.limit()))
                || !connection.onReceived(finalSize - receive.highest())) {
            return false;
        }
        receive.reset(finalSize);
        connection.onConsumed(receive.discard());
        receiveDone = true;
        tellReset |= readError == null;
        readError = readError == null ? error : readError;
        connection.tell(this);
        settle();
        return true;
    }

    /** The peer reads no more: what is not sent yet never is. */
    void onStop(StreamError error) {
        if (sendDone || reset != null) {
            return;
        }
        tellStopped |= writeError == null;
        resetSending(error);
        connection.tell(this);
    }

    /** It is over at both ends, or at least at this one. */
    void end(StreamError error) {
        tellReset |= readError == null && !receive.isComplete();
        tellStopped |= writeError == null && !send.isDone();
        readError = readError == null && !receive.isComplete() ? error : readError;
        writeError = writeError == null ? error : writeError;
        sendDone = true;
        receiveDone = true;
        send.discard();
        window.release();
        connection.tell(this);
    }

    // ------------------------------------------------------------------- to the peer

    /** True if it has something to say, given that the session lets {@code credit} new bytes go. */
    boolean hasSome(long credit) {
        return openDue
                || acceptDue
                || resetDue
                || stopDue
                || windowDue
                || (opened && reset == null && send.hasSome(credit));
    }

    /** Writes what fits a packet; returns how many new bytes that is. */
    long fill(PacketWriter writer, SentPacket packet, long credit) {
        if (openDue && writer.open(id, window.limit(), channel, service)) {
            openDue = false;
            packet.add(PacketCodec.OPEN, this, 0, 0);
        }
        if (acceptDue && writer.accept(id, window.limit())) {
            acceptDue = false;
            packet.add(PacketCodec.ACCEPT, this, 0, 0);
        }
        if (reset != null && resetDue && writer.reset(id, reset.wire(), send.sentBytes())) {
            resetDue = false;
            packet.add(PacketCodec.RESET, this, 0, 0);
        }
        if (stop != null && stopDue && writer.stop(id, stop.wire())) {
            stopDue = false;
            packet.add(PacketCodec.STOP, this, 0, 0);
        }
        if (windowDue && writer.maxStreamData(id, connection.advance(window))) {
            windowDue = false;
            packet.add(PacketCodec.MAX_STREAM_DATA, this, 0, 0);
        }
        return opened && reset == null && send.hasSome(credit) ? fillBytes(writer, packet, credit) : 0;
    }

    private long fillBytes(PacketWriter writer, SentPacket packet, long credit) {
        long offset = send.nextOffset();
        long wanted = send.nextBytes(credit);
        int bytes = writer.streamBytes(id, offset, wanted);
        if (bytes < 0 || (bytes == 0 && wanted > 0)) {
            return 0;
        }
        boolean fin = send.isLast(bytes);
        int where = writer.stream(id, offset, bytes, fin);
        int fresh = send.take(bytes, writer.bytes(), where);
        packet.add(PacketCodec.STREAM | (fin ? PacketCodec.FIN_BIT : 0), this, offset, bytes);
        return fresh;
    }

    /** A part of a packet has arrived. */
    void onPartAcked(int type, long offset, int length) {
        if (type == PacketCodec.RESET) {
            sendDone = true;
            settle();
        } else if ((type & ~PacketCodec.FIN_BIT) == PacketCodec.STREAM && reset == null && !sendDone) {
            send.onAcked(offset, length, (type & PacketCodec.FIN_BIT) != 0);
            if (send.isDone()) {
                sendDone = true;
                settle();
            } else if (wantsRoom && send.waitingBytes() < connection.sendBytesMax() / 2) {
                connection.tell(this);
            }
        }
    }

    /** A part of a packet is to be sent again, if it still matters. */
    void onPartLost(int type, long offset, int length) {
        switch (type) {
            case PacketCodec.OPEN -> openDue = !opened && !sendDone;
            case PacketCodec.ACCEPT -> acceptDue = true;
            case PacketCodec.RESET -> resetDue = !sendDone;
            case PacketCodec.STOP -> stopDue = !receiveDone;
            case PacketCodec.MAX_STREAM_DATA -> windowDue = !receiveDone && !receive.isComplete();
            default -> {
                if (reset == null && !sendDone) {
                    send.onLost(offset, length, (type & PacketCodec.FIN_BIT) != 0);
                }
            }
        }
        connection.queue(this);
    }

    private void settle() {
        if (sendDone && receiveDone) {
            window.release();
            connection.remove(this);
        }
    }

    long id() {
        return id;
    }

    /** Tells the listener what has happened since the last time. */
    void tellListener() {
        StreamListener hearer = listener;
        if (hearer == null) {
            return;
        }
        if (tellOpened) {
            tellOpened = false;
            hearer.onOpened();
        }
        if (tellReadable && readError == null) {
            tellReadable = false;
            hearer.onReadable();
        }
        if (tellReset) {
            tellReset = false;
            StreamError error = readError;
            hearer.onReset(error == null ? StreamError.of(StreamError.Kind.CLOSED) : error);
        }
        if (tellStopped) {
            tellStopped = false;
            StreamError error = writeError;
            hearer.onStopped(error == null ? StreamError.of(StreamError.Kind.CLOSED) : error);
        }
        if (wantsRoom && writeError == null && send.waitingBytes() < connection.sendBytesMax() / 2) {
            wantsRoom = false;
            hearer.onWritable();
        }
    }
}
