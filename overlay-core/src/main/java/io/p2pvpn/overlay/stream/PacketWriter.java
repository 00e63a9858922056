package io.p2pvpn.overlay.stream;

import io.p2pvpn.overlay.wire.Frame;

/** Writes one stream packet after the other, each behind the kind and channel of its frame. Reused. */
final class PacketWriter {
    private static final int ROOM_MIN = 2048;

    /** Made when there is a packet: most nodes have no streams. */
    private byte[] out = {};

    private int at;
    private int end;

    /** Begins a packet that has {@code bytes} at most, behind kind and channel. */
    void start(int bytes, long number, long source, long destination) {
        if (out.length < Frame.PREFIX_BYTES + bytes) {
            out = new byte[Math.max(ROOM_MIN, Frame.PREFIX_BYTES + bytes)];
        }
        end = Frame.PREFIX_BYTES + bytes;
        out[0] = Frame.KIND_STREAM;
        out[1] = 0;
        at = Frame.PREFIX_BYTES;
        for (int shift = 8 * (PacketCodec.NUMBER_BYTES - 1); shift >= 0; shift -= 8) {
            out[at++] = (byte) (number >>> shift);
        }
        at = Varint.put(out, at, source);
        at = Varint.put(out, at, destination);
    }

    /** What was written: kind, channel, packet. */
    byte[] bytes() {
        return out;
    }

    /** How much that is. */
    int length() {
        return at;
    }

    /** How many bytes fit yet. */
    int room() {
        return end - at;
    }

    void ping() {
        out[at++] = PacketCodec.PING;
    }

    /** Writes a type and integers; false if there is no room. */
    private boolean put(int type, long a, long b, long c) {
        int size = 1 + Varint.size(a) + (b < 0 ? 0 : Varint.size(b)) + (c < 0 ? 0 : Varint.size(c));
        if (size > room()) {
            return false;
        }
        out[at++] = (byte) type;
        at = Varint.put(out, at, a);
        at = b < 0 ? at : Varint.put(out, at, b);
        at = c < 0 ? at : Varint.put(out, at, c);
        return true;
    }

    boolean reset(long id, long code, long finalSize) {
        return put(PacketCodec.RESET, id, code, finalSize);
    }

    boolean stop(long id, long code) {
        return put(PacketCodec.STOP, id, code, -1);
    }

    boolean maxData(long bytes) {
        return put(PacketCodec.MAX_DATA, bytes, -1, -1);
    }

    boolean maxStreamData(long id, long bytes) {
        return put(PacketCodec.MAX_STREAM_DATA, id, bytes, -1);
    }

    boolean accept(long id, long window) {
        return put(PacketCodec.ACCEPT, id, window, -1);
    }

    boolean open(long id, long window, int channel, byte[] service) {
        if (room() < 3 + Varint.size(id) + Varint.size(window) + service.length) {
            return false;
        }
        put(PacketCodec.OPEN, id, window, -1);
        out[at++] = (byte) channel;
        out[at++] = (byte) service.length;
        System.arraycopy(service, 0, out, at, service.length);
        at += service.length;
        return true;
    }

    /** Says what was received, the highest ranges of it if there are many; false if there is no room. */
    boolean ack(Ranges received, long delayMicros) {
        int last = received.count() - 1;
        int lowest = Math.max(0, last - StreamLimits.ACK_RANGES_MAX + 1);
        int size = 4 + 3 * Varint.BYTES_MAX + 2 * Varint.BYTES_MAX * (last - lowest);
        if (last < 0 || size > room()) {
            lowest = last;
            if (last < 0 || 4 + 4 * Varint.BYTES_MAX > room()) {
                return false;
            }
        }
        put(PacketCodec.ACK, received.end(last) - 1, delayMicros, last - lowest);
        at = Varint.put(out, at, received.end(last) - 1 - received.start(last));
        for (int i = last - 1; i >= lowest; i--) {
            at = Varint.put(out, at, received.start(i + 1) - received.end(i) - 1);
            at = Varint.put(out, at, received.end(i) - 1 - received.start(i));
        }
        return true;
    }

    /**
     * How many bytes of a stream, from {@code offset} on, fit: as far as the packet goes; less than 0 if not even the
     * head does.
     */
    int streamRoom(long id, long offset) {
        return room() - 1 - Varint.size(id) - Varint.size(offset);
    }

    /**
     * Writes the head of a part of a stream, of which {@code length} bytes are to follow.
     *
     * @return where they go
     */
    int stream(long id, long offset, int length, boolean fin) {
        int room = streamRoom(id, offset);
        // To the packet's end, or with a length: whatever is too short for a length in between is not used.
        boolean whole = length == room;
        int type = PacketCodec.STREAM | (fin ? PacketCodec.FIN_BIT : 0) | (whole ? 0 : PacketCodec.LENGTH_BIT);
        put(type, id, offset, whole ? -1 : length);
        int where = at;
        at += length;
        return where;
    }

    /** The most bytes that {@link #stream} may be given for {@code wanted} ones. */
    int streamBytes(long id, long offset, long wanted) {
        int room = streamRoom(id, offset);
        if (room < 0 || wanted >= room) {
            return room;
        }
        return (int) Math.min(wanted, room - Varint.size(wanted));
    }

    /** The bytes after a stream without a length are gone: nothing more fits. */
    boolean isFull() {
        return room() < Varint.BYTES_MAX;
    }
}
