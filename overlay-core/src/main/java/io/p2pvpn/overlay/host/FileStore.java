package io.p2pvpn.overlay.host;

import io.p2pvpn.overlay.runtime.Blocking;
import io.p2pvpn.overlay.runtime.Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A store in a directory, one file per name, readable by its owner only. While it is open no other process can open
 * one there.
 *
 * <p>A write goes to a neighbouring file first, which is forced to the disk and then takes the name; the directory is
 * forced too. Writes and removals run one after the other on {@code writer}, which must have a single thread.
 * {@link #read} and {@link #list} see what is on the disk, not what still waits there.
 */
final class FileStore implements Store {
    private static final int NAME_LENGTH_MAX = 200;
    /** No name of the store begins so. */
    private static final String LOCK = ".lock";

    private static final FileAttribute<?> OWNER_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<?> OWNER_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path root;
    private final Blocking writer;
    private final FileChannel lock;

    private FileStore(Path root, Blocking writer, FileChannel lock) {
        this.root = root;
        this.writer = writer;
        this.lock = lock;
    }

    /** A store in {@code root}, which is made when missing. */
    static FileStore open(Path root, Blocking writer) throws HostException {
        Path directory = root.toAbsolutePath().normalize();
        try {
            Files.createDirectories(directory, OWNER_DIRECTORY);
        } catch (IOException e) {
            throw new HostException(
                    "cannot make the state directory " + directory + ": choose another one or fix its parent", e);
        }
        if (!Files.isDirectory(directory) || !Files.isWritable(directory) || !Files.isReadable(directory)) {
            throw new HostException("cannot write to the state directory " + directory
                    + ": run as its owner or choose another directory");
        }
        return new FileStore(directory, writer, lock(directory));
    }

    /** The system gives the lock back when the process ends, however it ends. */
    private static FileChannel lock(Path directory) throws HostException {
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileChannel channel = null;
        try {
            channel = FileChannel.open(directory.resolve(LOCK), options, OWNER_FILE);
            if (channel.tryLock() != null) {
                return channel;
            }
            channel.close();
        } catch (OverlappingFileLockException ours) {
            closeQuietly(channel);
        } catch (IOException e) {
            closeQuietly(channel);
            throw new HostException(
                    "cannot write to the state directory " + directory + " (" + e.getMessage() + ")", e);
        }
        throw new HostException("another node runs with the state directory " + directory
                + ": stop it (p2pvpn down), or give this one its own with --state");
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException leftToTheSystem) {
            // It closes what a process leaves open.
            assert !channel.isOpen();
        }
    }

    /** Lets other processes have the directory; after the last write. */
    void close() {
        closeQuietly(lock);
    }

    @Override
    public byte @Nullable [] read(String name) {
        try {
            return Files.readAllBytes(pathOf(name));
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + root.resolve(name), e);
        }
    }

    @Override
    public CompletableFuture<Void> write(String name, byte[] content) {
        Path path = pathOf(name);
        byte[] copy = content.clone();
        return writer.call(() -> {
            replace(path, copy);
            return null;
        });
    }

    @Override
    public CompletableFuture<Void> remove(String name) {
        Path path = pathOf(name);
        return writer.call(() -> {
            if (Files.deleteIfExists(path)) {
                forceDirectory(parentOf(path));
            }
            return null;
        });
    }

    @Override
    public List<String> list(String prefix) {
        try (Stream<Path> files = Files.walk(root, 2)) {
            return files.filter(Files::isRegularFile)
                    .map(path -> root.relativize(path).toString())
                    .filter(name -> name.startsWith(prefix) && isName(name))
                    .sorted()
                    .collect(Collectors.toList());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + root, e);
        }
    }

    private void replace(Path path, byte[] content) throws IOException {
        Path directory = parentOf(path);
        if (!directory.equals(root) && !Files.isDirectory(directory)) {
            Files.createDirectory(directory, OWNER_DIRECTORY);
            forceDirectory(root);
        }
        // '~' is in no name, so that the half-written file of a crash is never listed or read.
        Path temporary = directory.resolve(path.getFileName() + "~");
        Files.deleteIfExists(temporary);
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel file = FileChannel.open(temporary, options, OWNER_FILE)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(true);
        }
        Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
        forceDirectory(directory);
    }

    private static void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private Path parentOf(Path path) {
        Path parent = path.getParent();
        return parent == null ? root : parent;
    }

    private Path pathOf(String name) {
        if (!isName(name)) {
            throw new IllegalArgumentException("not a name of the store: " + name);
        }
        return root.resolve(name);
    }

    private static boolean isName(String name) {
        int slash = name.indexOf('/');
        return slash < 0 ? isPart(name) : isPart(name.substring(0, slash)) && isPart(name.substring(slash + 1));
    }

    private static boolean isPart(String part) {
        if (part.isEmpty() || part.length() > NAME_LENGTH_MAX || part.charAt(0) == '.') {
            return false;
        }
        return part.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-');
    }
}
