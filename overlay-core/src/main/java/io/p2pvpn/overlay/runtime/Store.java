package io.p2pvpn.overlay.runtime;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Named byte strings that outlive the process (the state directory).
 *
 * <p>Names are relative paths of lower-case letters, digits, '.', '-' and at most one '/'.
 */
public interface Store {
    /** What is stored under {@code name}, or null. Called at start-up, before the loop is busy. */
    byte @Nullable [] read(String name);

    /**
     * Replaces what is stored under {@code name}: after a crash either the old or the new content is there, whole.
     *
     * @return completes on the loop; exceptionally when the medium refused (disk full, permissions)
     */
    CompletableFuture<Void> write(String name, byte[] content);

    /** Removes {@code name}; completes on the loop. */
    CompletableFuture<Void> remove(String name);

    /** The names that start with {@code prefix}, sorted. */
    List<String> list(String prefix);
}
