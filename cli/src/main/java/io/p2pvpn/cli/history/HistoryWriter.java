package io.p2pvpn.cli.history;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Appends to a history: whole lines, on the disk when {@code append} returns. One process at a time writes to a
 * directory. Thread-safe.
 */
public final class HistoryWriter implements AutoCloseable {
    private static final String LOCK = ".lock";
    private static final byte LINE_FEED = '\n';
    private static final FileAttribute<?> OWNER_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<?> OWNER_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final int BLOCK_BYTES = 1 << 16;

    private final Path directory;
    private final HistoryLimits limits;
    private final FileChannel lock;

    private HistoryWriter(Path directory, HistoryLimits limits, FileChannel lock) {
        this.directory = directory;
        this.limits = limits;
        this.lock = lock;
    }

    /**
     * Takes the directory, which is made if need be, and mends what a crash has left in it.
     *
     * @throws ControlException if it cannot be written to, or somebody else writes there
     */
    public static HistoryWriter open(Path directory, HistoryLimits limits) throws ControlException {
        Path absolute = directory.toAbsolutePath();
        FileChannel lock = null;
        try {
            Files.createDirectories(absolute, OWNER_DIRECTORY);
            lock = lock(absolute);
            for (HistoryPart part : HistoryPart.list(absolute)) {
                mend(part.file());
            }
            return new HistoryWriter(absolute, limits, lock);
        } catch (OverlappingFileLockException taken) {
            throw new ControlException(
                    Kind.FAILED,
                    "another crawl writes to the history in " + directory
                            + ": stop it, or name another directory with --history",
                    taken);
        } catch (IOException refused) {
            closeQuietly(lock);
            throw new ControlException(
                    Kind.FAILED,
                    "cannot keep a history in " + directory + " (" + reason(refused)
                            + "): name a directory that may be written to with --history",
                    refused);
        }
    }

    /** Why it was refused, in words. */
    static String reason(IOException refused) {
        return refused.getClass().getSimpleName().replace("Exception", "") + ": " + refused.getMessage();
    }

    /** The system gives the lock back when the process ends, however it ends. */
    private static FileChannel lock(Path directory) throws IOException {
        FileChannel channel = FileChannel.open(
                directory.resolve(LOCK), Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), OWNER_FILE);
        try {
            if (channel.tryLock() == null) {
                throw new OverlappingFileLockException();
            }
            return channel;
        } catch (IOException | OverlappingFileLockException refused) {
            channel.close();
            throw refused;
        }
    }

    /** A line that was cut off is finished if it is a whole one, and taken away if not. */
    private static void mend(Path file) throws IOException {
        long end;
        long size;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            end = endOfLines(channel);
            size = channel.size();
        }
        if (size == end) {
            return;
        }
        boolean isWhole = isWholeFrom(file, end);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            if (isWhole) {
                writeAt(channel, size, new byte[] {LINE_FEED});
            } else {
                channel.truncate(end);
            }
            channel.force(true);
        }
    }

    /** What somebody else has left there may be larger than the memory. */
    private static boolean isWholeFrom(Path file, long start) throws IOException {
        try (InputStream tail = Files.newInputStream(file)) {
            tail.skipNBytes(start);
            return CrawlPoint.parse(tail) != null;
        }
    }

    /** The place behind the last line feed. */
    private static long endOfLines(FileChannel channel) throws IOException {
        byte[] block = new byte[BLOCK_BYTES];
        long end = channel.size();
        while (end > 0) {
            int length = (int) Math.min(end, BLOCK_BYTES);
            read(channel, end - length, block);
            for (int i = length; i > 0; i--) {
                if (block[i - 1] == LINE_FEED) {
                    return end - length + i;
                }
            }
            end -= length;
        }
        return 0;
    }

    private static void read(FileChannel channel, long position, byte[] bytes) throws IOException {
        ByteBuffer into = ByteBuffer.wrap(bytes);
        int count = 0;
        while (into.hasRemaining() && count >= 0) {
            count = channel.read(into, position + into.position());
        }
    }

    private static void writeAt(FileChannel channel, long position, byte[] bytes) throws IOException {
        ByteBuffer from = ByteBuffer.wrap(bytes);
        while (from.hasRemaining()) {
            channel.write(from, position + from.position());
        }
    }

    /** How long a line may be, with its line feed. */
    public long lineBytesMax() {
        return limits.partBytes();
    }

    /**
     * Removes what has become too old or too much, and appends a line, which has no line feed yet. If that fails, no
     * piece of it stays.
     *
     * @throws IllegalArgumentException if it is longer than {@link #lineBytesMax}
     */
    public synchronized void append(Instant at, byte[] line) throws IOException {
        byte[] whole = new byte[line.length + 1];
        System.arraycopy(line, 0, whole, 0, line.length);
        whole[line.length] = LINE_FEED;
        if (whole.length > lineBytesMax()) {
            throw new IllegalArgumentException("a line of " + whole.length + " bytes");
        }
        LocalDate day = LocalDate.ofInstant(at, ZoneOffset.UTC);
        makeRoom(LocalDate.ofInstant(at.minus(limits.age()), ZoneOffset.UTC), whole.length);
        Path file = partFor(day, whole.length).file();
        boolean isNew = !Files.exists(file);
        Set<OpenOption> options =
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        try (FileChannel channel = FileChannel.open(file, options, OWNER_FILE)) {
            long size = channel.size();
            try {
                writeAt(channel, size, whole);
                channel.force(true);
            } catch (IOException full) {
                channel.truncate(size);
                throw full;
            }
        }
        if (isNew) {
            forceDirectory();
        }
    }

    private void makeRoom(LocalDate oldest, int wanted) throws IOException {
        List<HistoryPart> parts = HistoryPart.list(directory);
        long total = wanted;
        for (HistoryPart part : parts) {
            total += Files.size(part.file());
        }
        for (HistoryPart part : parts) {
            if (part.day().isBefore(oldest) || total > limits.bytes()) {
                total -= Files.size(part.file());
                Files.delete(part.file());
            }
        }
    }

    private HistoryPart partFor(LocalDate day, int wanted) throws IOException {
        HistoryPart last = new HistoryPart(directory, day, 1);
        for (HistoryPart part : HistoryPart.list(directory)) {
            last = part.day().equals(day) ? part : last;
        }
        boolean full = Files.exists(last.file()) && Files.size(last.file()) + wanted > limits.partBytes();
        return full ? new HistoryPart(directory, day, last.number() + 1) : last;
    }

    /** A file is not there after a crash of the machine unless its name is on the disk, too. */
    private void forceDirectory() throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Lets others write there. */
    @Override
    public void close() {
        closeQuietly(lock);
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException closed) {
            // The lock is gone with the process at the latest.
            return;
        }
    }
}
