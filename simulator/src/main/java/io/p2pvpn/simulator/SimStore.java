package io.p2pvpn.simulator;

import io.p2pvpn.overlay.runtime.Store;
import io.p2pvpn.overlay.runtime.Timers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One node life's view of its host's files. A write takes effect when it completes: a node that stops before leaves the
 * old content.
 */
final class SimStore implements Store {
    private static final Pattern NAME = Pattern.compile("[a-z0-9.-]+(/[a-z0-9.-]+)?");

    private final NavigableMap<String, byte[]> files;
    private final Timers timers;
    private final BooleanSupplier isFull;

    /** @param isFull whether the disk has no room for a write that completes now */
    SimStore(NavigableMap<String, byte[]> files, Timers timers, BooleanSupplier isFull) {
        this.files = files;
        this.timers = timers;
        this.isFull = isFull;
    }

    @Override
    public byte @Nullable [] read(String name) {
        byte[] content = files.get(checked(name));
        return content == null ? null : content.clone();
    }

    @Override
    public CompletableFuture<Void> write(String name, byte[] content) {
        String file = checked(name);
        byte[] copy = content.clone();
        return later(() -> {
            if (isFull.getAsBoolean()) {
                throw new UncheckedIOException(new IOException("No space left on device"));
            }
            files.put(file, copy);
        });
    }

    @Override
    public CompletableFuture<Void> remove(String name) {
        String file = checked(name);
        return later(() -> files.remove(file));
    }

    @Override
    public List<String> list(String prefix) {
        List<String> names = new ArrayList<>();
        for (String name : files.tailMap(prefix, true).keySet()) {
            if (!name.startsWith(prefix)) {
                break;
            }
            names.add(name);
        }
        return names;
    }

    private CompletableFuture<Void> later(Runnable change) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        timers.execute(() -> {
            try {
                change.run();
                result.complete(null);
            } catch (UncheckedIOException refused) {
                result.completeExceptionally(refused.getCause());
            }
        });
        return result;
    }

    private static String checked(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not a store name: " + name);
        }
        return name;
    }
}
