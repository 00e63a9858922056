package io.p2pvpn.examples.grid;

import io.p2pvpn.vpn.node.VpnNamespace;
import io.p2pvpn.vpn.node.VpnStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
    private static final int RECEIVERS = 8;
    /** The code of a stream whose file was not taken. */
    private static final int REFUSED = 1;

    private final VpnNamespace namespace;
    private final Path directory;
    /** Files and jobs take their time, and the node's loop has none: jobs are done one after the other. */
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> daemon(task, "worker"));
    /** Files come beside that; some submitters may be slow. */
    private final ExecutorService receivers = Executors.newFixedThreadPool(RECEIVERS, task -> daemon(task, "receiver"));

    /** @param directory where it keeps the files that it is handed */
    Worker(VpnNamespace namespace, Path directory) {
        this.namespace = namespace;
        this.directory = directory;
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Answers submitters from now on, and has them find it under that address. */
    void start(String address) throws IOException {
        Files.createDirectories(directory);
        namespace
                .acceptStreams(Protocol.FILE, stream -> receivers.execute(() -> take(stream)))
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

    /** Takes one file: whole, or not at all. */
    private void take(VpnStream stream) {
        try (stream) {
            DataInputStream in = new DataInputStream(stream.input());
            String name = Protocol.checkName(in.readUTF());
            Path part = Files.createTempFile(directory, "part-", null);
            try {
                copy(in, part);
                Files.move(part, directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
            stream.output().write(Protocol.TAKEN);
        } catch (IOException | IllegalArgumentException failed) {
            stream.reset(REFUSED);
        }
    }

    private static void copy(InputStream in, Path to) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long bytes = 0;
        try (OutputStream out = Files.newOutputStream(to)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                bytes += read;
                if (bytes > FILE_BYTES_MAX) {
                    throw new IOException("a file of more than " + FILE_BYTES_MAX + " bytes");
                }
                out.write(buffer, 0, read);
            }
        }
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
