package io.p2pvpn.overlay.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.p2pvpn.overlay.runtime.Blocking;
import io.p2pvpn.overlay.runtime.KeySource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.bouncycastle.util.encoders.Hex;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A state directory whose files are sealed under a passphrase. */
class SealedStoreTest {
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
    private static final String SECRET = "the node's secret key";

    /** Keeps its key between the openings of a test, as that of a start does. */
    private final StateSealing right = sealing("correct horse");

    @TempDir
    Path root;

    private Path identity;

    @BeforeEach
    void nameFiles() {
        identity = root.resolve("identity");
    }

    private static StateSealing sealing(String passphrase) {
        try {
            return new StateSealing(Passphrase.of(passphrase), Set.of("identity", "namespaces/"), Set.of("port"));
        } catch (HostException e) {
            throw new AssertionError(e);
        }
    }

    private FileStore open(@Nullable StateSealing sealing) throws HostException {
        return FileStore.open(root, INLINE, sealing, KEYS);
    }

    private void keep(@Nullable StateSealing sealing, String... namesAndContents) throws HostException {
        FileStore store = open(sealing);
        for (int i = 0; i < namesAndContents.length; i += 2) {
            store.write(namesAndContents[i], bytes(namesAndContents[i + 1])).join();
        }
        store.close();
    }

    /** What a new opening with the passphrase reads. */
    private @Nullable String read(String name) throws HostException {
        FileStore store = open(right);
        byte[] content = store.read(name);
        store.close();
        return content == null ? null : new String(content, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Map<String, String> everything() throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path each : files.filter(Files::isRegularFile).toList()) {
                all.put(root.relativize(each).toString(), Files.readString(each, StandardCharsets.ISO_8859_1));
            }
        }
        return all;
    }

    private void flip(Path file, int index) throws IOException {
        byte[] content = Files.readAllBytes(file);
        content[index] ^= 0x10;
        Files.write(file, content);
    }

    /** By the reference implementation: {@code argon2 0123456789abcdef -id -t 3 -k 65536 -p 4 -l 32 -v 13}. */
    @Test
    void key_passphraseAndSalt_isThatOfArgon2() {
        StateKey reference =
                new StateKey(Hex.decode("2f56f5363a695288ff28810e46ad69a1fe3068bc6494cd26a8a673b7d9c2b0a2"), KEYS);
        StateKey key = right.key(bytes("0123456789abcdef"), KEYS);

        assertThat(reference.open("identity", key.seal("identity", bytes(SECRET))))
                .isEqualTo(bytes(SECRET));
    }

    @Test
    void write_withPassphrase_isReadWithItOnly() throws Exception {
        keep(right, "identity", SECRET, "namespaces/lab", SECRET, "new", SECRET, "port", "4001");

        assertThat(everything().values()).noneMatch(content -> content.contains(SECRET));
        assertThat(Files.readString(root.resolve("port"))).isEqualTo("4001");
        assertThat(read("identity")).isEqualTo(SECRET);
        assertThat(read("namespaces/lab")).isEqualTo(SECRET);
        assertThat(read("new")).isEqualTo(SECRET);
        assertThat(read("port")).isEqualTo("4001");
        assertThat(read("nothing")).isNull();
    }

    @Test
    void write_twice_doesNotLookAlike() throws Exception {
        keep(right, "identity", SECRET);
        byte[] first = Files.readAllBytes(identity);
        keep(right, "identity", SECRET);

        assertThat(Files.readAllBytes(identity)).hasSameSizeAs(first).isNotEqualTo(first);
    }

    @Test
    void open_withoutOrWithWrongPassphrase_isNotPermittedAndChangesNothing() throws Exception {
        keep(right, "identity", SECRET, "namespaces/lab", SECRET);
        Files.writeString(root.resolve("namespaces/plain"), "restored from a backup");
        Map<String, String> before = everything();

        HostException missing = catchThrowableOfType(HostException.class, () -> open(null));
        HostException wrong = catchThrowableOfType(HostException.class, () -> open(sealing("Correct horse")));

        assertThat(missing).hasMessageContaining("sealed under a passphrase").hasMessageContaining("--passphrase-file");
        assertThat(missing.isNotPermitted()).isTrue();
        assertThat(wrong).hasMessageContaining("the passphrase is not the one").hasMessageContaining(root.toString());
        assertThat(wrong.isNotPermitted()).isTrue();
        assertThat(wrong.getMessage()).doesNotContainIgnoringCase("horse");
        assertThat(everything()).isEqualTo(before);
        assertThat(read("identity")).as("the lock was given back").isEqualTo(SECRET);
    }

    @Test
    void open_plainDirectory_isSealedButForWhatIsNotTheNodes() throws Exception {
        keep(null, "identity", SECRET, "namespaces/lab", SECRET, "port", "4001", "daemon.log", "a line");
        Files.createDirectory(root.resolve("src"));
        Files.writeString(root.resolve("src/main.c"), "int main;");
        Files.writeString(root.resolve("identity~"), SECRET);

        assertThat(read("identity")).isEqualTo(SECRET);

        assertThat(everything())
                .containsOnlyKeys(".lock", "SEAL", "daemon.log", "identity", "namespaces/lab", "port", "src/main.c")
                .containsEntry("daemon.log", "a line")
                .containsEntry("src/main.c", "int main;");
        assertThat(everything().values()).noneMatch(content -> content.contains(SECRET));
        assertThat(read("namespaces/lab")).isEqualTo(SECRET);
    }

    /** A start that ends between two files leaves some of them plain. */
    @Test
    void open_sealedInPart_isReadAndSealedWhole() throws Exception {
        keep(null, "identity", SECRET, "namespaces/lab", SECRET, "namespaces/work", SECRET);
        byte[] plain = Files.readAllBytes(identity);
        // The last file cannot be sealed: a directory is in the way of the one that would take its place.
        Path inTheWay = root.resolve("namespaces/work~");
        Files.createDirectories(inTheWay.resolve("x"));
        assertThatThrownBy(() -> open(right))
                .isInstanceOf(HostException.class)
                .hasMessageContaining("cannot seal the state directory");
        assertThat(Files.readString(root.resolve("namespaces/work"))).isEqualTo(SECRET);
        assertThat(Files.readAllBytes(identity)).isNotEqualTo(plain);

        Files.delete(inTheWay.resolve("x"));
        Files.delete(inTheWay);

        assertThat(read("identity")).isEqualTo(SECRET);
        assertThat(read("namespaces/work")).isEqualTo(SECRET);
        assertThat(everything().values()).noneMatch(content -> content.contains(SECRET));
    }

    @Test
    void open_again_rewritesNothing() throws Exception {
        keep(right, "identity", SECRET, "namespaces/lab", SECRET);
        Map<String, String> before = everything();
        assertThat(read("identity")).isEqualTo(SECRET);

        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void read_namesExchanged_areEmpty() throws Exception {
        keep(right, "namespaces/lab", "of lab", "namespaces/work", "of work");
        Path lab = root.resolve("namespaces/lab");
        Path work = root.resolve("namespaces/work");
        Path aside = root.resolve("aside");
        Files.move(lab, aside);
        Files.move(work, lab);
        Files.move(aside, work);

        assertThat(read("namespaces/lab")).isEmpty();
        assertThat(read("namespaces/work")).isEmpty();
    }

    @Test
    void read_anyBitOrTheEndWrong_isEmpty() throws Exception {
        keep(right, "identity", SECRET);
        byte[] sealed = Files.readAllBytes(identity);
        FileStore store = open(right);
        for (int i = StateKey.HEADER_BYTES; i < sealed.length; i++) {
            flip(identity, i);
            assertThat(store.read("identity")).as("byte %d", i).isEmpty();
            flip(identity, i);
        }
        for (int length = StateKey.HEADER_BYTES; length < sealed.length; length++) {
            Files.write(identity, Arrays.copyOf(sealed, length));
            assertThat(store.read("identity")).as("%d bytes", length).isEmpty();
        }
    }

    @Test
    void open_fileOfALaterVersion_isRefused() throws Exception {
        keep(right, "identity", SECRET);
        byte[] later = Files.readAllBytes(identity);
        later[StateKey.HEADER_BYTES - 1] = 2;
        Files.write(identity, later);

        assertThatThrownBy(() -> open(right))
                .hasMessageContaining(identity.toString())
                .hasMessageContaining("later version");
        assertThat(Files.readAllBytes(identity)).isEqualTo(later);
    }

    @Test
    void open_saltDamagedOrOfALaterVersionOrGone_isToldFromAWrongPassphrase() throws Exception {
        keep(right, "identity", SECRET);
        Path salt = root.resolve(SaltFile.NAME);
        byte[] sound = Files.readAllBytes(salt);
        for (int i : new int[] {0, 10, 30, sound.length - 1}) {
            flip(salt, i);
            assertRefused(right, "SEAL is damaged");
            flip(salt, i);
        }
        Files.write(salt, new byte[0]);
        assertRefused(right, "SEAL is damaged");
        byte[] later = sound.clone();
        later[7] = 2;
        Files.write(salt, later);
        assertRefused(right, "SEAL is of a later version");
        Files.delete(salt);
        assertRefused(right, "holds a sealed file, identity, but not SEAL");
        assertRefused(null, "holds a sealed file, identity, but not SEAL");
        assertThat(salt).doesNotExist();
        Files.write(salt, sound);

        assertThat(read("identity")).isEqualTo(SECRET);
    }

    private void assertRefused(@Nullable StateSealing sealing, String message) {
        HostException refused = catchThrowableOfType(HostException.class, () -> open(sealing));
        assertThat(refused).hasMessageContaining(message);
        assertThat(refused.isNotPermitted()).isFalse();
    }
}
