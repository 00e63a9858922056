package io.p2pvpn.vpn.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.p2pvpn.overlay.host.Passphrase;
import io.p2pvpn.overlay.host.StateSealing;
import io.p2pvpn.vpn.control.ControlException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node whose state directory is sealed under a passphrase. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class SealedStateTest {
    private static final int IDENTITY_BYTES = 69;

    @TempDir
    private Path directory;

    /** Runs the node for a moment; its ID. */
    private String run(@Nullable String passphrase) throws Exception {
        VpnNodeBuilder builder = VpnNode.builder()
                .stateDirectory(directory)
                .listen("127.0.0.1:0")
                .withoutLanDiscovery();
        if (passphrase != null) {
            builder.passphrase(Passphrase.of(passphrase));
        }
        try (VpnNode node = builder.build().start()) {
            return node.status().get().overlayId();
        }
    }

    @Test
    void start_plainStateWithPassphrase_isTheSameNodeSealed() throws Exception {
        String id = run(null);
        byte[] plain = Files.readAllBytes(directory.resolve("identity"));
        assertThat(plain).hasSize(IDENTITY_BYTES);

        assertThat(run("correct")).isEqualTo(id);

        byte[] sealed = Files.readAllBytes(directory.resolve("identity"));
        assertThat(sealed.length).isGreaterThan(IDENTITY_BYTES);
        assertThat(directory.resolve(StateSealing.FILE)).exists();
        assertThat(Files.readString(directory.resolve("port"))).matches("[0-9]+");
        assertRefused(null, "--passphrase-file");
        assertRefused("wrong", "the passphrase is not the one");
        assertThat(Files.readAllBytes(directory.resolve("identity"))).isEqualTo(sealed);
        assertThat(run("correct")).isEqualTo(id);
    }

    private void assertRefused(@Nullable String passphrase, String message) {
        ControlException refused = catchThrowableOfType(ControlException.class, () -> run(passphrase));
        assertThat(refused.kind()).isEqualTo(ControlException.Kind.NOT_PERMITTED);
        assertThat(refused).hasMessageContaining(message);
    }

    @Test
    void start_sealedIdentityDamaged_isToldAsAPlainOneIs() throws Exception {
        run("correct");
        Path identity = directory.resolve("identity");
        byte[] sealed = Files.readAllBytes(identity);
        sealed[sealed.length - 1] ^= 1;
        Files.write(identity, sealed);

        ControlException damaged = catchThrowableOfType(ControlException.class, () -> run("correct"));
        assertThat(damaged.kind()).isEqualTo(ControlException.Kind.FAILED);
        assertThat(damaged).hasMessageContaining("the identity in the state directory is damaged");
        assertThat(Files.readAllBytes(identity)).isEqualTo(sealed);
    }
}
