package io.p2pvpn.overlay.stream;

/** What came of one stream and was not read yet, in whatever order (RFC 9000, section 2.2). */
final class ReceiveBuffer {
    private static final long UNKNOWN = -1;

    private final ByteRing ring = new ByteRing();
    /** Received bytes beyond {@link #contiguous}. */
    private final Ranges ahead = new Ranges();
    /** The lowest byte that was not read. */
    private long read;
    /** The lowest byte that has not come. */
    private long contiguous;
    /** One behind the highest byte that has come. */
    private long highest;

    private long finalSize = UNKNOWN;

    /** Why a part cannot be taken. */
    enum Refusal {
        /** It can. */
        NONE,
        /** Beyond what the peer was told. */
        WINDOW,
        /** Beyond the end, or another end than before. */
        FINAL_SIZE,
        /** There are too many gaps. */
        GAPS
    }

    /**
     * Looks whether a part can be taken.
     *
     * @param limit how far the peer may go
     */
    Refusal check(long offset, int length, boolean fin, long limit) {
        long to = offset + length;
        if (to > limit) {
            return Refusal.WINDOW;
        }
        if (finalSize == UNKNOWN ? fin && to < highest : to > finalSize || (fin && to != finalSize)) {
            return Refusal.FINAL_SIZE;
        }
        boolean gap = offset > contiguous && !ahead.containsAll(offset, to);
        return gap && ahead.count() >= StreamLimits.STREAM_RANGES_MAX ? Refusal.GAPS : Refusal.NONE;
    }

    /** Takes a part that {@link #check} found right; returns by how much the highest byte has moved. */
    long take(long offset, byte[] in, int at, int length, boolean fin) {
        long to = offset + length;
        finalSize = fin ? to : finalSize;
        long from = Math.max(offset, contiguous);
        if (from < to) {
            ring.atLeast(to - read, read, highest);
            ring.put(from, in, at + (int) (from - offset), (int) (to - from));
            if (from == contiguous) {
                contiguous = to;
                while (!ahead.isEmpty() && ahead.start(0) <= contiguous) {
                    contiguous = Math.max(contiguous, ahead.end(0));
                    ahead.removeFirst();
                }
            } else {
                ahead.add(from, to);
            }
        }
        long moved = Math.max(0, to - highest);
        highest += moved;
        return moved;
    }

    /** As {@link #check}, for the word that the sender gives up after so many bytes. */
    Refusal checkReset(long size, long limit) {
        if (size > limit) {
            return Refusal.WINDOW;
        }
        return size < highest || (finalSize != UNKNOWN && size != finalSize) ? Refusal.FINAL_SIZE : Refusal.NONE;
    }

    /** The sender gives up, which {@link #checkReset} found right. */
    void reset(long size) {
        finalSize = size;
        highest = size;
    }

    /** Bytes that can be read now. */
    int available() {
        return (int) (contiguous - read);
    }

    /** True if all has been read and no more comes. */
    boolean isAtEnd() {
        return finalSize == read;
    }

    /** True if all has come. */
    boolean isComplete() {
        return finalSize == contiguous;
    }

    /** Reads at most {@code length} bytes; returns how many. */
    int read(byte[] into, int at, int length) {
        int bytes = Math.min(length, available());
        ring.get(read, into, at, bytes);
        read += bytes;
        if (isAtEnd()) {
            ring.free();
        }
        return bytes;
    }

    /** Nobody reads it any more; returns how many bytes were not read. */
    long discard() {
        long unread = highest - read;
        ring.free();
        ahead.clear();
        read = highest;
        contiguous = highest;
        return unread;
    }

    /** How far it was read. */
    long readBytes() {
        return read;
    }

    long highest() {
        return highest;
    }

    /** Bytes of memory that it holds. */
    int capacity() {
        return ring.capacity();
    }
}
