package io.p2pvpn.overlay.noise;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.security.Provider;
import java.security.Security;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CipherProviderTest {
    private static final int PACKETS = 50_000;
    private static final int ROUNDS_MAX = 20;
    private static final double PLATFORM_BYTES_MAX = 1100;
    private static final double CORRETTO_BYTES_MAX = 176;

    /** A provider without any cipher. */
    public static final class Empty extends Provider {
        public static final Empty INSTANCE = new Empty();

        private Empty() {
            super("Empty", "1", "for a test");
        }
    }

    /** A class that is not what its name promises. */
    public static final class Unrelated {
        public static final String INSTANCE = "no provider";
    }

    /** A class whose native code cannot be loaded. */
    public static final class Broken {
        public static final Provider INSTANCE = load();

        private static Provider load() {
            throw new UnsatisfiedLinkError("no such library");
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    void best_correttoOnTheClassPath_isUsedButNotInstalled() {
        assertThat(CipherProvider.best().name()).isEqualTo("corretto");
        assertThat(CipherProvider.best().refusal()).isNull();
        assertThat(CipherProvider.best()
                        .newCipher(CipherSuite.AES_256_GCM)
                        .getProvider()
                        .getName())
                .isEqualTo("AmazonCorrettoCryptoProvider");
        assertThat(Security.getProvider("AmazonCorrettoCryptoProvider")).isNull();
        assertThat(CipherProvider.best()
                        .newCipher(CipherSuite.CHACHA20_POLY1305)
                        .getProvider()
                        .getName())
                .isEqualTo("SunJCE");
    }

    @Test
    void find_noSuchClass_isThePlatform() {
        CipherProvider found = CipherProvider.find("no.such.Provider");
        assertThat(found.name()).isEqualTo("platform");
        assertThat(found.refusal()).isNull();
    }

    @ParameterizedTest
    @ValueSource(classes = {Empty.class, Unrelated.class, Broken.class, CipherProviderTest.class})
    void find_whatDoesNotWork_isThePlatformWithAReason(Class<?> type) {
        CipherProvider found = CipherProvider.find(type.getName());
        assertThat(found.name()).isEqualTo("platform");
        assertThat(found.refusal())
                .startsWith(type.getName() + ": ")
                .hasSizeGreaterThan(20 + type.getName().length());
        assertThat(found.newCipher(CipherSuite.AES_256_GCM).getProvider().getName())
                .isEqualTo("SunJCE");
    }

    @Test
    void sealAndOpen_afterWarmUp_allocateNoMoreThanTheProvidersOwn() {
        assertThat(leastBytesPerPacket(CipherProvider.platform(), PLATFORM_BYTES_MAX))
                .isLessThan(PLATFORM_BYTES_MAX);
        if (CipherProvider.best() != CipherProvider.platform()) {
            assertThat(leastBytesPerPacket(CipherProvider.best(), CORRETTO_BYTES_MAX))
                    .isLessThan(CORRETTO_BYTES_MAX);
        }
    }

    /** Measured until it is below the limit: some garbage is there until the second compiler has run. */
    private static double leastBytesPerPacket(CipherProvider provider, double limit) {
        double least = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS_MAX && least >= limit; round++) {
            least = Math.min(least, bytesPerPacket(provider));
        }
        return least;
    }

    /** Of sealing or opening, whichever is more. */
    private static double bytesPerPacket(CipherProvider provider) {
        byte[] key = new byte[CipherSuite.KEY_BYTES];
        FrameCipher sealer = new PlatformFrameCipher(provider, CipherSuite.AES_256_GCM, key, true);
        FrameCipher opener = new PlatformFrameCipher(provider, CipherSuite.AES_256_GCM, key, false);
        byte[] none = new byte[0];
        byte[] plain = new byte[1400];
        byte[] sealed = new byte[plain.length + FrameCipher.TAG_BYTES];
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long sealing = 0;
        long opening = 0;
        for (int i = 0; i < 2 * PACKETS; i++) {
            if (i == PACKETS) {
                sealing = 0;
                opening = 0;
            }
            long before = threads.getThreadAllocatedBytes(thread);
            sealer.seal(0, i, none, 0, 0, plain, 0, plain.length, sealed, 0);
            long between = threads.getThreadAllocatedBytes(thread);
            opener.open(0, i, none, 0, 0, sealed, 0, sealed.length, plain, 0);
            sealing += between - before;
            opening += threads.getThreadAllocatedBytes(thread) - between;
        }
        System.out.printf(
                "%s: %d bytes allocated to seal a packet, %d to open it%n",
                provider.name(), sealing / PACKETS, opening / PACKETS);
        return Math.max(sealing, opening) / (double) PACKETS;
    }
}
