package io.p2pvpn.overlay.host;

import io.p2pvpn.overlay.runtime.KeySource;
import java.util.Arrays;
import java.util.Set;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.jspecify.annotations.Nullable;

/**
 * Under what the files of a state directory are sealed, and which of them.
 *
 * <p>The key is made of the passphrase by Argon2id with the parameters that RFC 9106 section 4 recommends where memory
 * is short: 64 MiB, 3 passes, 4 lanes, a salt of 128 bits. They belong to the version of {@link SaltFile}, so that
 * nobody who writes to the directory can make them weaker, or a start costlier. The key is made once: whoever opens the
 * directory again with the same object does not wait for it. For one thread at a time.
 */
public final class StateSealing {
    /** The file that a directory of sealed files has beside them. */
    public static final String FILE = "SEAL";

    private static final int MEMORY_KIBIBYTES = 64 * 1024;
    private static final int PASSES = 3;
    private static final int LANES = 4;
    private static final int KEY_BYTES = 32;

    private final Passphrase passphrase;
    private final Set<String> places;
    private final Set<String> plain;
    private byte @Nullable [] salt;
    private @Nullable StateKey key;

    /**
     * A sealing of all that a node keeps.
     *
     * @param places where a node keeps things: names of files, and of directories with a slash behind; what else lies
     *     in the directory is not the node's, and stays as it is
     * @param plain names of files that are not sealed
     */
    public StateSealing(Passphrase passphrase, Set<String> places, Set<String> plain) {
        this.passphrase = passphrase;
        this.places = Set.copyOf(places);
        this.plain = Set.copyOf(plain);
    }

    /** Whether the file of that name is sealed when the node writes it. */
    boolean covers(String name) {
        return !plain.contains(name);
    }

    /** Whether the file of that name is sealed if it is found plain. */
    boolean isToBeSealed(String name) {
        int slash = name.indexOf('/');
        return covers(name) && places.contains(slash < 0 ? name : name.substring(0, slash + 1));
    }

    /**
     * The key that the passphrase gives with that salt; takes the better part of a second for the first time.
     *
     * @param keys for what sealing draws
     */
    StateKey key(byte[] wanted, KeySource keys) {
        StateKey made = key;
        if (made == null || !Arrays.equals(wanted, salt)) {
            salt = wanted.clone();
            made = new StateKey(derive(wanted), keys);
            key = made;
        }
        return made;
    }

    private byte[] derive(byte[] with) {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(MEMORY_KIBIBYTES)
                .withIterations(PASSES)
                .withParallelism(LANES)
                .withSalt(with)
                .build());
        byte[] derived = new byte[KEY_BYTES];
        generator.generateBytes(passphrase.bytes(), derived);
        return derived;
    }
}
