package io.p2pvpn.overlay.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.p2pvpn.overlay.runtime.Blocking;
import io.p2pvpn.overlay.runtime.KeySource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileStoreTest {
    /** Does the work at once. */
    private static final Blocking INLINE = new Blocking() {
        @Override
        public <T> CompletableFuture<T> call(Callable<T> work) {
            try {
                return CompletableFuture.completedFuture(work.call());
            } catch (Exception e) {
                return CompletableFuture.failedFuture(e);
            }
        }
    };

    private static final KeySource KEYS = new SecureRandom()::nextBytes;

    @TempDir
    Path directory;

    private Path root;
    private FileStore store;

    @BeforeEach
    void open() throws HostException {
        root = directory.resolve("state");
        store = FileStore.open(root, INLINE, null, KEYS);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void write_thenRead_givesTheBytes() {
        store.write("node.key", bytes("one")).join();
        store.write("node.key", bytes("two")).join();
        store.write("namespace/blue", bytes("three")).join();

        assertThat(store.read("node.key")).isEqualTo(bytes("two"));
        assertThat(store.read("namespace/blue")).isEqualTo(bytes("three"));
        assertThat(store.read("nothing")).isNull();
        assertThat(store.read("namespace/nothing")).isNull();
    }

    @Test
    void write_callersArray_mayChangeAfterwards() throws Exception {
        byte[] content = bytes("abc");
        CompletableFuture<Void> written = store.write("a", content);
        content[0] = 'z';
        written.join();

        assertThat(store.read("a")).isEqualTo(bytes("abc"));
    }

    @Test
    void write_always_isForTheOwnerOnly() throws Exception {
        store.write("sub/key", bytes("x")).join();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("sub"))))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("sub/key"))))
                .isEqualTo("rw-------");
    }

    @Test
    void write_remainsOfACrash_areIgnoredAndReplaced() throws Exception {
        store.write("a", bytes("old")).join();
        Files.writeString(root.resolve("a~"), "half");

        assertThat(store.list("")).containsExactly("a");
        assertThat(store.read("a")).isEqualTo(bytes("old"));
        store.write("a", bytes("new")).join();

        assertThat(store.read("a")).isEqualTo(bytes("new"));
        assertThat(root.resolve("a~")).doesNotExist();
    }

    @Test
    void write_thatCannotFinish_leavesTheOldContent() throws Exception {
        store.write("a", bytes("old")).join();
        // A directory in the way of the temporary file: the write must fail before it touches "a".
        Files.createDirectories(root.resolve("a~").resolve("x"));

        CompletableFuture<Void> written = store.write("a", bytes("new"));

        assertThat(written).isCompletedExceptionally();
        assertThat(store.read("a")).isEqualTo(bytes("old"));
    }

    @Test
    void list_prefix_isSorted() {
        for (String name : new String[] {"b", "ca/two", "ca/one", "cab", "a"}) {
            store.write(name, bytes(name)).join();
        }

        assertThat(store.list("ca")).containsExactly("ca/one", "ca/two", "cab");
        assertThat(store.list("")).containsExactly("a", "b", "ca/one", "ca/two", "cab");
    }

    @Test
    void remove_name_forgetsIt() {
        store.write("a", bytes("x")).join();
        store.remove("a").join();
        store.remove("a").join();

        assertThat(store.read("a")).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "/", "/etc", "..", "../x", "a/..", "a/../b", "a/b/c", "A", "a b", "a~", ".a", "a/", "a\0", "ä"
            })
    void anyMethod_badName_isRefused(String name) {
        assertThatThrownBy(() -> store.write(name, new byte[0])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.read(name)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.remove(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void open_fileInTheWay_saysSo() throws Exception {
        Path file = directory.resolve("file");
        Files.writeString(file, "x");

        assertThatThrownBy(() -> FileStore.open(file.resolve("state"), INLINE, null, KEYS))
                .isInstanceOf(HostException.class)
                .hasMessageContaining("choose another");
    }

    @Test
    void open_twice_isRefusedUntilTheFirstIsClosed() throws Exception {
        store.write("a", bytes("x")).join();

        assertThatThrownBy(() -> FileStore.open(root, INLINE, null, KEYS))
                .isInstanceOf(HostException.class)
                .hasMessageContaining("another node runs with the state directory");
        store.close();
        assertThat(FileStore.open(root, INLINE, null, KEYS).read("a")).isEqualTo(bytes("x"));
    }
}
