package io.p2pvpn.examples.grid;

import io.p2pvpn.vpn.node.VpnNamespace;
import io.p2pvpn.vpn.node.VpnStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Finds workers, and has them do a job on each of some files. */
final class Submitter {
    /** Of a piece of a file or a job; whoever takes longer counts as dead. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final Duration WORKERS_SOON = Duration.ofSeconds(30);
    private static final Duration LOOK = Duration.ofSeconds(2);

    /** A job that was given to a worker, and what came of it. */
    private record Outcome(
            String worker, Path file, @Nullable String result) {}

    private final VpnNamespace namespace;
    private final Consumer<String> log;

    /** @param log takes a line for people */
    Submitter(VpnNamespace namespace, Consumer<String> log) {
        this.namespace = namespace;
        this.log = log;
    }

    /**
     * Has the job done on all files, one at a time by each worker there is.
     *
     * @return the results by file; an {@link IOException} if no worker is found for half a minute
     */
    Map<Path, String> run(String job, Collection<Path> files) throws IOException, InterruptedException {
        ArrayDeque<Path> waiting = new ArrayDeque<>(files);
        Map<Path, String> results = new TreeMap<>();
        TreeSet<String> busy = new TreeSet<>();
        TreeSet<String> dead = new TreeSet<>();
        LinkedBlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
        long lastSeen = System.nanoTime();
        while (results.size() < files.size()) {
            for (String worker : workers()) {
                if (!dead.contains(worker) && !busy.contains(worker) && !waiting.isEmpty()) {
                    busy.add(worker);
                    give(worker, job, waiting.remove(), outcomes);
                }
            }
            if (busy.isEmpty() && System.nanoTime() - lastSeen > WORKERS_SOON.toNanos()) {
                throw new IOException("no worker is found: start some");
            }
            lastSeen = busy.isEmpty() ? lastSeen : System.nanoTime();
            Outcome outcome = outcomes.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            if (outcome != null) {
                busy.remove(outcome.worker());
                if (outcome.result() != null) {
                    results.put(outcome.file(), outcome.result());
                    log.accept(outcome.file().getFileName() + " by " + outcome.worker() + ": " + outcome.result());
                } else {
                    dead.add(outcome.worker());
                    waiting.add(outcome.file());
                    log.accept(outcome.worker() + " does not answer: "
                            + outcome.file().getFileName() + " goes to another");
                }
            }
        }
        return results;
    }

    private List<String> workers() throws InterruptedException {
        try {
            return namespace.get(Protocol.WORKERS).get(PATIENCE.toSeconds(), TimeUnit.SECONDS).stream()
                    .map(entry -> new String(entry.value(), StandardCharsets.US_ASCII))
                    .toList();
        } catch (ExecutionException | TimeoutException unknown) {
            return List.of();
        }
    }

    /** Hands over a file and the job on it, on a thread of its own. */
    private void give(String worker, String job, Path file, Collection<Outcome> outcomes) {
        Thread thread = new Thread(
                () -> {
                    String result = null;
                    try {
                        String name = Protocol.checkName(String.valueOf(file.getFileName()));
                        send(worker, name, file);
                        byte[] request = (job + " " + name).getBytes(StandardCharsets.US_ASCII);
                        result = new String(
                                answer(namespace.call(worker, Protocol.JOB, request)), StandardCharsets.US_ASCII);
                    } catch (IOException | ExecutionException | TimeoutException failed) {
                        log.accept(worker + ": " + failed.getMessage());
                    } catch (InterruptedException end) {
                        Thread.currentThread().interrupt();
                    } finally {
                        outcomes.add(new Outcome(worker, file, result));
                    }
                },
                "give-" + worker);
        thread.setDaemon(true);
        thread.start();
    }

    private static <T extends @Nullable Object> T answer(CompletableFuture<T> call)
            throws ExecutionException, TimeoutException, InterruptedException {
        return call.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** Streams a file, and waits for the word that it is there. */
    private void send(String worker, String name, Path file)
            throws IOException, ExecutionException, TimeoutException, InterruptedException {
        try (VpnStream stream = answer(namespace.openStream(worker, Protocol.FILE));
                InputStream in = Files.newInputStream(file)) {
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            new DataOutputStream(head).writeUTF(name);
            answer(stream.write(head.toByteArray()));
            byte[] piece = new byte[Protocol.PIECE_BYTES];
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                answer(stream.write(piece, 0, read));
            }
            answer(stream.finish());
            if (answer(stream.read(piece, 0, 1)) != 1 || piece[0] != Protocol.TAKEN) {
                throw new IOException("did not take " + name);
            }
        }
    }
}
