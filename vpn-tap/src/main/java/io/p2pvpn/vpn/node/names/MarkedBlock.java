package io.p2pvpn.vpn.node.names;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Our lines in a file that is somebody else's, between two marks. Whatever else stands in it stays as it is, byte for
 * byte, and is whole at every moment. Blocks: never on the node's loop.
 *
 * <p>The file is replaced by a new one where that is possible. Where it is not (a container's {@code /etc/hosts} is
 * mounted), it is written from the first byte that differs: nothing before our lines is ever touched.
 */
final class MarkedBlock {
    private static final String BEGIN = "# BEGIN p2pvpn ";
    private static final String END = "# END p2pvpn ";
    /** In each of our lines. */
    private static final String OURS = "p2pvpn";

    private static final int TRIES_MAX = 100;
    private static final int FILE_BYTES_MAX = 4 * 1024 * 1024;

    private final Path file;
    private final String tag;

    /** @param tag tells our block from others; no line break in it */
    MarkedBlock(Path file, String tag) {
        this.file = file;
        this.tag = tag;
    }

    /** Puts these lines in place of those of last time, or at the end; without lines, the block goes. */
    void write(List<String> lines) throws IOException {
        edit(file, before -> {
            StringBuilder after = new StringBuilder(without(before, tag::equals));
            if (!lines.isEmpty()) {
                if (after.length() > 0 && after.charAt(after.length() - 1) != '\n') {
                    after.append('\n');
                }
                after.append(BEGIN).append(tag).append('\n');
                lines.forEach(line -> after.append(line).append('\n'));
                after.append(END).append(tag).append('\n');
            }
            return after.toString();
        });
    }

    /** Removes the blocks whose tags are so, which a process that was killed has left. */
    static void remove(Path file, Predicate<String> tags) throws IOException {
        if (Files.exists(file)) {
            edit(file, before -> without(before, tags));
        }
    }

    /** One at a time, also of several processes: who waits for a file that is replaced meanwhile opens the new one. */
    private static void edit(Path file, UnaryOperator<String> change) throws IOException {
        synchronized (MarkedBlock.class) {
            if (!Files.exists(file)) {
                Files.createFile(file);
            }
            for (int tries = 0; tries < TRIES_MAX; tries++) {
                Object before = key(file);
                try (FileChannel held = FileChannel.open(file, StandardOpenOption.WRITE);
                        FileLock lock = held.lock()) {
                    if (lock.isValid() && before.equals(key(file))) {
                        String text = read(file);
                        replace(file, text, change.apply(text));
                        return;
                    }
                }
            }
        }
        throw new IOException(file + " is written by others all the time");
    }

    private static Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    private static String read(Path file) throws IOException {
        if (Files.size(file) > FILE_BYTES_MAX) {
            throw new IOException(file + " is too large");
        }
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }

    /** Of a block without an end, which was cut off while it was written, only lines that name p2pvpn are ours. */
    private static String without(String text, Predicate<String> tags) {
        StringBuilder kept = new StringBuilder();
        List<String> all = lines(text);
        int at = 0;
        while (at < all.size()) {
            String line = all.get(at++);
            String stripped = line.strip();
            String found = stripped.startsWith(BEGIN) ? stripped.substring(BEGIN.length()) : null;
            if (found == null || !tags.test(found)) {
                kept.append(line);
                continue;
            }
            int end = at;
            while (end < all.size() && !all.get(end).strip().equals(END + found)) {
                end++;
            }
            if (end == all.size()) {
                all.subList(at, end).stream()
                        .filter(each -> !each.contains(OURS))
                        .forEach(kept::append);
            }
            at = end + 1;
        }
        return kept.toString();
    }

    /** Each with its line break, if it has one. */
    private static List<String> lines(String text) {
        List<String> lines = new ArrayList<>();
        int from = 0;
        while (from < text.length()) {
            int end = text.indexOf('\n', from);
            end = end < 0 ? text.length() : end + 1;
            lines.add(text.substring(from, end));
            from = end;
        }
        return lines;
    }

    private static void replace(Path file, String before, String after) throws IOException {
        if (before.equals(after)) {
            return;
        }
        byte[] bytes = after.getBytes(StandardCharsets.ISO_8859_1);
        Path target = Files.isSymbolicLink(file) ? file.toRealPath() : file;
        Path beside = target.resolveSibling("." + target.getFileName() + ".p2pvpn");
        try {
            writeNew(beside, target, bytes);
            Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException cannotReplace) {
            Files.deleteIfExists(beside);
            writeInPlace(target, before.getBytes(StandardCharsets.ISO_8859_1), bytes);
        }
    }

    private static void writeNew(Path file, Path like, byte[] bytes) throws IOException {
        Files.deleteIfExists(file);
        var permissions = Files.getPosixFilePermissions(like);
        Files.createFile(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            writeAll(channel, ByteBuffer.wrap(bytes));
            channel.force(true);
        }
        Files.setPosixFilePermissions(file, permissions);
        PosixFileAttributes owner = Files.readAttributes(like, PosixFileAttributes.class);
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        view.setOwner(owner.owner());
        view.setGroup(owner.group());
    }

    private static void writeInPlace(Path file, byte[] before, byte[] after) throws IOException {
        int same = 0;
        while (same < before.length && same < after.length && before[same] == after[same]) {
            same++;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            channel.position(same);
            writeAll(channel, ByteBuffer.wrap(after, same, after.length - same));
            channel.truncate(after.length);
            channel.force(true);
        }
    }

    private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
