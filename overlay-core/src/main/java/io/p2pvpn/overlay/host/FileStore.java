package io.p2pvpn.overlay.host;

import io.p2pvpn.overlay.runtime.Blocking;
import io.p2pvpn.overlay.runtime.KeySource;
import io.p2pvpn.overlay.runtime.Store;
import java.io.IOException;
import java.io.InputStream;
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
import java.util.function.Predicate;
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
 *
 * <p>Files can be sealed (see {@link StateKey}): when they are written, and those that are plain when the directory is
 * opened with a {@link StateSealing}. A file that has been altered since reads as empty, which no reader takes for
 * whole. A directory that is sealed in part, after a crash, can be read.
 */
final class FileStore implements Store {
    private static final int NAME_LENGTH_MAX = 200;
    /** No name of the store begins so. */
    private static final String LOCK = ".lock";
    /** Behind the name of a file that is being written. It is in no name, so that what a crash left is never read. */
    private static final String HALF = "~";

    private static final FileAttribute<?> OWNER_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<?> OWNER_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path root;
    private final Blocking writer;
    private final FileChannel lock;
    private final @Nullable StateSealing sealing;
    private @Nullable StateKey key;

    private FileStore(Path root, Blocking writer, FileChannel lock, @Nullable StateSealing sealing) {
        this.root = root;
        this.writer = writer;
        this.lock = lock;
        this.sealing = sealing;
    }

    /**
     * A store in {@code root}, which is made when missing.
     *
     * @param sealing null for plain files
     * @param keys of a random salt and nonces
     * @throws HostException if the directory cannot be used, or is sealed and {@code sealing} is null or has another
     *     passphrase, which changes nothing in it
     */
    static FileStore open(Path root, Blocking writer, @Nullable StateSealing sealing, KeySource keys)
            throws HostException {
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
        FileStore store = new FileStore(directory, writer, lock(directory), sealing);
        try {
            store.findKey(keys);
            store.sealWhatIsPlain();
            return store;
        } catch (HostException | RuntimeException e) {
            store.close();
            throw e;
        } catch (IOException e) {
            store.close();
            throw new HostException(
                    "cannot seal the state directory " + directory + " (" + e.getMessage()
                            + "): make room there; it can be read as it is, and the next start goes on",
                    e);
        }
    }

    private void findKey(KeySource keys) throws HostException, IOException {
        byte[] kept = contentOf(root.resolve(SaltFile.NAME));
        if (sealing == null) {
            if (kept != null) {
                throw HostException.notPermitted("the state directory " + root
                        + " is sealed under a passphrase: name the file that holds it with --passphrase-file");
            }
            refuseSealed();
            return;
        }
        if (kept == null) {
            refuseSealed();
            SaltFile made = SaltFile.make(sealing, keys);
            key = made.key(sealing, keys);
            replace(root.resolve(SaltFile.NAME), made.encode());
            return;
        }
        SaltFile salt = SaltFile.parse(kept);
        if (salt == null) {
            throw new HostException("the file " + root.resolve(SaltFile.NAME) + " is "
                    + (SaltFile.isOfLaterVersion(kept)
                            ? "of a later version of p2pvpn: install that"
                            : "damaged: restore it from a backup; without it the sealed files cannot be read"));
        }
        key = salt.key(sealing, keys);
        if (key == null) {
            throw HostException.notPermitted("the passphrase is not the one that the state directory " + root
                    + " is sealed under: name the right file with --passphrase-file");
        }
    }

    /** A new salt would make sealed files unreadable for ever, and a new identity another node of this one. */
    private void refuseSealed() throws HostException {
        for (String name : list("")) {
            if (StateKey.isSealed(beginOf(name))) {
                throw new HostException("the state directory " + root + " holds a sealed file, " + name + ", but not "
                        + SaltFile.NAME + ", without which it cannot be read: restore that from a backup");
            }
        }
    }

    private void sealWhatIsPlain() throws HostException, IOException {
        StateSealing how = sealing;
        StateKey sealer = key;
        if (how == null || sealer == null) {
            return;
        }
        for (String name : list("")) {
            byte[] begin = beginOf(name);
            if (StateKey.isOfLaterVersion(begin)) {
                throw new HostException(
                        "the state file " + root.resolve(name) + " is of a later version of p2pvpn: install that");
            }
            if (how.isToBeSealed(name) && !StateKey.isSealed(begin)) {
                Path path = root.resolve(name);
                replace(path, sealer.seal(name, Files.readAllBytes(path)));
            }
        }
        for (String half : files(name -> name.endsWith(HALF))) {
            // Perhaps it was written before there was a passphrase.
            if (how.isToBeSealed(half.substring(0, half.length() - HALF.length()))) {
                Files.deleteIfExists(root.resolve(half));
            }
        }
    }

    /** As much of a file as tells whether it is sealed; nothing of one that cannot be read, whose reader is told. */
    private byte[] beginOf(String name) {
        try (InputStream in = Files.newInputStream(root.resolve(name))) {
            return in.readNBytes(StateKey.HEADER_BYTES);
        } catch (IOException unreadable) {
            return new byte[0];
        }
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
            byte[] content = contentOf(pathOf(name));
            if (content == null || key == null || !StateKey.isSealed(content)) {
                return content;
            }
            byte[] plain = key.open(name, content);
            return plain == null ? new byte[0] : plain;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + root.resolve(name), e);
        }
    }

    private static byte @Nullable [] contentOf(Path path) throws IOException {
        try {
            return Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    @Override
    public CompletableFuture<Void> write(String name, byte[] content) {
        Path path = pathOf(name);
        StateKey sealer = sealing != null && sealing.covers(name) ? key : null;
        byte[] written = sealer == null ? content.clone() : sealer.seal(name, content);
        return writer.call(() -> {
            replace(path, written);
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
        return files(name -> name.startsWith(prefix) && isName(name));
    }

    private List<String> files(Predicate<String> wanted) {
        try (Stream<Path> files = Files.walk(root, 2)) {
            return files.filter(Files::isRegularFile)
                    .map(path -> root.relativize(path).toString())
                    .filter(wanted)
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
        Path temporary = directory.resolve(path.getFileName() + HALF);
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
