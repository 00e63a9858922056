package io.p2pvpn.simulator;

import io.p2pvpn.overlay.stream.ByteStream;
import io.p2pvpn.overlay.stream.StreamError;
import io.p2pvpn.overlay.stream.StreamListener;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One end of a stream: writes bytes made from a seed, and digests what it reads. */
final class StreamEnds implements StreamListener {
    private static final int PIECE_BYTES = 10_000;

    private final SimHost host;
    private final String service;
    private final byte[] buffer = new byte[PIECE_BYTES];
    private final MessageDigest digest = sha256();
    private @Nullable ByteStream stream;
    private @Nullable SplittableRandom content;
    private byte[] piece = new byte[0];
    private int pieceAt;
    private long toWrite;
    private boolean reads;
    private long readBytes;
    private boolean opened;
    private boolean atEnd;
    private @Nullable StreamError reset;
    private @Nullable StreamError stopped;

    StreamEnds(SimHost host, String service, @Nullable ByteStream stream) {
        this.host = host;
        this.service = service;
        if (stream != null) {
            set(stream);
        }
    }

    void set(ByteStream of) {
        stream = of;
        of.setListener(this);
    }

    ByteStream stream() {
        return Objects.requireNonNull(stream);
    }

    String service() {
        return service;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The digest of {@code bytes} made from that seed. */
    static String digestOf(long seed, long bytes) {
        MessageDigest digest = sha256();
        SplittableRandom random = new SplittableRandom(seed);
        for (long left = bytes; left > 0; left -= PIECE_BYTES) {
            byte[] made = new byte[(int) Math.min(left, PIECE_BYTES)];
            random.nextBytes(made);
            digest.update(made);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Writes so many bytes, as there is room, and then the end. */
    void write(long seed, long bytes) {
        content = new SplittableRandom(seed);
        toWrite = bytes;
        goOn();
    }

    private void goOn() {
        SplittableRandom random = content;
        while (random != null) {
            if (pieceAt == piece.length) {
                if (toWrite == 0) {
                    content = null;
                    stream().finish();
                    return;
                }
                piece = new byte[(int) Math.min(toWrite, PIECE_BYTES)];
                pieceAt = 0;
                random.nextBytes(piece);
                toWrite -= piece.length;
            }
            int taken = stream().write(piece, pieceAt, piece.length - pieceAt);
            pieceAt += taken;
            if (pieceAt < piece.length) {
                return;
            }
        }
    }

    /** Reads whatever comes from now on. */
    void readAll() {
        reads = true;
        if (stream != null) {
            onReadable();
        }
    }

    /** Reads so much every now and then. */
    void readSlowly(int bytes, long gapNanos) {
        int read = stream().read(buffer, 0, bytes);
        onRead(read);
        if (read >= 0 && reset == null) {
            host.world().after(gapNanos, () -> readSlowly(bytes, gapNanos));
        }
    }

    private void onRead(int bytes) {
        atEnd |= bytes < 0;
        if (bytes > 0) {
            digest.update(buffer, 0, bytes);
            readBytes += bytes;
        }
    }

    @Override
    public void onOpened() {
        opened = true;
    }

    @Override
    public void onReadable() {
        int read = 1;
        while (reads && read > 0) {
            read = stream().read(buffer, 0, buffer.length);
            onRead(read);
        }
    }

    @Override
    public void onWritable() {
        goOn();
    }

    @Override
    public void onReset(StreamError error) {
        reset = error;
    }

    @Override
    public void onStopped(StreamError error) {
        stopped = error;
    }

    boolean isOpened() {
        return opened;
    }

    boolean isAtEnd() {
        return atEnd;
    }

    long readBytes() {
        return readBytes;
    }

    String digest() {
        return HexFormat.of().formatHex(digest.digest());
    }

    StreamError.@Nullable Kind reset() {
        return reset == null ? null : reset.kind();
    }

    StreamError.@Nullable Kind stopped() {
        return stopped == null ? null : stopped.kind();
    }
}
