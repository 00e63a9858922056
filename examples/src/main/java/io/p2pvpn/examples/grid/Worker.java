package io.p2pvpn.examples.grid;

import io.p2pvpn.vpn.node.VpnNamespace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Takes files and does jobs on them: their SHA-256, or how many lines, words and bytes they have. */
final class Worker {
    /** No file is larger: a submitter must not fill the disk. */
    static final long FILE_BYTES_MAX = 1L << 30;

    private static final Duration REMEMBERED = Duration.ofMinutes(1);
    private static final int BUFFER_BYTES = 64 * 1024;

    private final VpnNamespace namespace;
    private final Path directory;
    /** Files and jobs take their time, and the node's loop has none: one thread does everything, in order. */
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread worker = new Thread(task, "worker");
        worker.setDaemon(true);
        return worker;
    });

    /** @param directory where it keeps the files that it is handed */
    Worker(VpnNamespace namespace, Path directory) {
        this.namespace = namespace;
        this.directory = directory;
    }

    /** Answers submitters from now on, and has them find it under that address. */
    void start(String address) throws IOException {
        Files.createDirectories(directory);
        namespace
                .handle(Protocol.FILE, (from, request) -> run(() -> take(request)))
                .join();
        namespace
                .handle(Protocol.JOB, (from, request) -> run(() -> work(request)))
                .join();
        namespace
                .put(Protocol.WORKERS, address.getBytes(StandardCharsets.US_ASCII), REMEMBERED)
                .join();
    }

    private CompletableFuture<byte[]> run(Callable<byte[]> task) {
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        thread.execute(() -> {
            try {
                answer.complete(task.call());
            } catch (Exception failed) {
                answer.completeExceptionally(failed);
            }
        });
        return answer;
    }

    /** A piece may come twice: it is written where it was. */
    private byte[] take(byte[] request) throws IOException {
        Protocol.Piece piece = Protocol.Piece.decode(request);
        if (piece.offset() + piece.bytes().length > FILE_BYTES_MAX) {
            throw new IOException("a file of more than " + FILE_BYTES_MAX + " bytes");
        }
        try (FileChannel file = FileChannel.open(
                directory.resolve(piece.name()), StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            ByteBuffer bytes = ByteBuffer.wrap(piece.bytes());
            long at = piece.offset();
            while (bytes.hasRemaining()) {
                at += file.write(bytes, at);
            }
            if (piece.offset() == 0) {
                // An older file of that name may have been longer.
                file.truncate(piece.bytes().length);
            }
        }
        return new byte[0];
    }

    private byte[] work(byte[] request) throws IOException {
        String[] words = new String(request, StandardCharsets.US_ASCII).split(" ", -1);
        if (words.length != 2) {
            throw new IllegalArgumentException("no job");
        }
        Path file = directory.resolve(Protocol.checkName(words[1]));
        String result = switch (words[0]) {
            case "sha256" -> sha256(file);
            case "wc" -> count(file);
            default -> throw new IllegalArgumentException("no such job");
        };
        return result.getBytes(StandardCharsets.US_ASCII);
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String count(Path file) throws IOException {
        long lines = 0;
        long words = 0;
        boolean inside = false;
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                for (int i = 0; i < read; i++) {
                    boolean blank = buffer[i] == ' ' || (buffer[i] >= '\t' && buffer[i] <= '\r');
                    lines += buffer[i] == '\n' ? 1 : 0;
                    words += inside || blank ? 0 : 1;
                    inside = !blank;
                }
            }
        }
        return lines + " " + words + " " + Files.size(file);
    }
}
