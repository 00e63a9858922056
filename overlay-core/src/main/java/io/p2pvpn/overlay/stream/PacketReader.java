package io.p2pvpn.overlay.stream;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads stream packets. Never throws: what cannot be read is said to be malformed. Reused; belongs to one thread. */
final class PacketReader {
    private static final byte[] NOTHING = {};

    private final AckRanges ack = new AckRanges();
    private byte[] in = NOTHING;
    private int at;
    private int end;
    private int first;
    private boolean bad;
    private boolean eliciting;
    private long number;
    private long source;
    private long destination;

    /** Reads all of a packet, without doing anything about it; false if it is malformed. */
    boolean read(byte[] packet, int offset, int length) {
        in = packet;
        at = offset;
        end = offset + length;
        bad = length < PacketCodec.NUMBER_BYTES;
        if (bad) {
            return false;
        }
        number = 0;
        for (int i = 0; i < PacketCodec.NUMBER_BYTES; i++) {
            number = number << 8 | (packet[at++] & 0xff);
        }
        source = varint();
        destination = varint();
        first = at;
        if (bad || source == 0) {
            return false;
        }
        walk(null);
        return !bad;
    }

    /** Its number. */
    long number() {
        return number;
    }

    /** Which connection of the sender's it is of, 1 or more. */
    long source() {
        return source;
    }

    /** Which connection of the receiver's it is for, 0 if the sender has heard of none. */
    long destination() {
        return destination;
    }

    /** True if the receiver is to acknowledge it. */
    boolean isEliciting() {
        return eliciting;
    }

    /** Tells what the packet says that was read last, as long as its array is as it was. */
    void tell(PacketCodec.Sink sink) {
        at = first;
        walk(sink);
    }

    private void walk(PacketCodec.@Nullable Sink sink) {
        eliciting = false;
        while (at < end && !bad) {
            int type = in[at++] & 0xff;
            eliciting |= type != PacketCodec.PADDING && type != PacketCodec.ACK;
            if ((type & ~(PacketCodec.FIN_BIT | PacketCodec.LENGTH_BIT)) == PacketCodec.STREAM) {
                stream(type, sink);
            } else {
                other(type, sink);
            }
        }
    }

    private void stream(int type, PacketCodec.@Nullable Sink sink) {
        long id = varint();
        long offset = varint();
        long length = (type & PacketCodec.LENGTH_BIT) == 0 ? end - at : varint();
        if (bad || length > end - at || offset > Varint.MAX - length) {
            bad = true;
            return;
        }
        if (sink != null) {
            sink.onStream(id, offset, in, at, (int) length, (type & PacketCodec.FIN_BIT) != 0);
        }
        at += (int) length;
    }

    private void other(int type, PacketCodec.@Nullable Sink sink) {
        switch (type) {
            case PacketCodec.PADDING, PacketCodec.PING -> {
                // Says nothing.
            }
            case PacketCodec.ACK -> {
                acknowledgement();
                if (sink != null && !bad) {
                    sink.onAck(ack);
                }
            }
            case PacketCodec.OPEN -> open(sink);
            case PacketCodec.MAX_DATA -> {
                long bytes = varint();
                if (sink != null && !bad) {
                    sink.onMaxData(bytes);
                }
            }
            case PacketCodec.RESET, PacketCodec.STOP, PacketCodec.MAX_STREAM_DATA, PacketCodec.ACCEPT ->
                ofStream(type, sink);
            default -> skip(type);
        }
    }

    private void ofStream(int type, PacketCodec.@Nullable Sink sink) {
        long id = varint();
        long value = varint();
        long finalSize = type == PacketCodec.RESET ? varint() : 0;
        if (sink == null || bad) {
            return;
        }
        switch (type) {
            case PacketCodec.RESET -> sink.onReset(id, value, finalSize);
            case PacketCodec.STOP -> sink.onStop(id, value);
            case PacketCodec.ACCEPT -> sink.onAccept(id, value);
            default -> sink.onMaxStreamData(id, value);
        }
    }

    private void open(PacketCodec.@Nullable Sink sink) {
        long id = varint();
        long window = varint();
        if (bad || end - at < 2) {
            bad = true;
            return;
        }
        int channel = in[at++] & 0xff;
        int length = in[at++] & 0xff;
        if (length == 0 || length > StreamLimits.SERVICE_BYTES_MAX || length > end - at) {
            bad = true;
            return;
        }
        if (sink != null) {
            sink.onOpen(id, channel, window, new String(in, at, length, StandardCharsets.UTF_8));
        }
        at += length;
    }

    private void acknowledgement() {
        long largest = varint();
        ack.start(varint());
        long more = varint();
        long smallest = largest - varint();
        if (bad || smallest < 0) {
            bad = true;
            return;
        }
        ack.add(smallest, largest);
        // Each takes two bytes at least: a packet bounds how many there can be.
        for (long i = 0; i < more && !bad; i++) {
            largest = smallest - varint() - 2;
            smallest = largest - varint();
            if (bad || smallest < 0) {
                bad = true;
                return;
            }
            ack.add(smallest, largest);
        }
    }

    private void skip(int type) {
        long length = type < PacketCodec.SKIPPED_MIN ? -1 : varint();
        if (bad || length < 0 || length > end - at) {
            bad = true;
            return;
        }
        at += (int) length;
    }

    /** The next integer; 0, and all is bad, if there is none. */
    private long varint() {
        if (at >= end || Varint.sizeOf(in[at]) > end - at) {
            bad = true;
            return 0;
        }
        long value = Varint.get(in, at);
        at += Varint.sizeOf(in[at]);
        return value;
    }
}
