package io.p2pvpn.examples.grid;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** What submitter and worker say to each other: a piece of a file, and a job on a file. */
final class Protocol {
    /** The key in the DHT under which workers are found. */
    static final String WORKERS = "grid.workers";
    /** Call: takes a piece of a file. */
    static final String FILE = "grid.file";
    /** Call: does a job on a file that was handed over before; answers with its result. */
    static final String JOB = "grid.job";
    /** Of one file in one call. */
    static final int PIECE_BYTES = 12 * 1024;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    /**
     * A piece of a file.
     *
     * @param name of the file, which is no path
     * @param offset where in the file it belongs
     * @param bytes of it
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared as a value
    record Piece(String name, long offset, byte[] bytes) {
        byte[] encode() {
            byte[] text = name.getBytes(StandardCharsets.US_ASCII);
            return ByteBuffer.allocate(1 + text.length + Long.BYTES + bytes.length)
                    .put((byte) text.length)
                    .put(text)
                    .putLong(offset)
                    .put(bytes)
                    .array();
        }

        /** Reads one; {@link IllegalArgumentException} if it cannot be. */
        static Piece decode(byte[] encoded) {
            ByteBuffer in = ByteBuffer.wrap(encoded);
            int length = in.hasRemaining() ? in.get() : 0;
            if (length <= 0 || in.remaining() < length + Long.BYTES) {
                throw new IllegalArgumentException("no piece of a file");
            }
            byte[] text = new byte[length];
            in.get(text);
            long offset = in.getLong();
            byte[] bytes = new byte[in.remaining()];
            in.get(bytes);
            if (offset < 0) {
                throw new IllegalArgumentException("no piece of a file");
            }
            return new Piece(checkName(new String(text, StandardCharsets.US_ASCII)), offset, bytes);
        }
    }

    private Protocol() {}

    /** A file's name, which leads nowhere else. */
    static String checkName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + name + "' is no name of a file here");
        }
        return name;
    }
}
