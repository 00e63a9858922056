package io.p2pvpn.overlay.noise;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Sealing and opening one frame. */
@State(Scope.Thread)
public class FrameCipherBenchmark {
    @Param({"64", "1400", "8900"})
    int bytes;

    @Param({"platform", "corretto"})
    String provider = "platform";

    private final byte[] none = new byte[0];
    private FrameCipher sealer = cipher(true);
    private FrameCipher opener = cipher(false);
    private byte[] plain = none;
    private byte[] sealed = none;
    private byte[] out = none;
    private long counter;

    /** Makes ciphers and a sealed frame to open. */
    @Setup
    public void prepare() {
        sealer = cipher(true);
        opener = cipher(false);
        plain = new byte[bytes];
        sealed = new byte[bytes + FrameCipher.TAG_BYTES];
        out = new byte[bytes + FrameCipher.TAG_BYTES];
        sealer.seal(0, -1, none, 0, 0, plain, 0, bytes, sealed, 0);
    }

    private FrameCipher cipher(boolean sealing) {
        boolean best = provider.equals("corretto");
        if (best && !CipherProvider.best().name().equals(provider)) {
            throw new IllegalStateException(
                    "no Corretto here: " + CipherProvider.best().refusal());
        }
        CipherProvider ciphers = best ? CipherProvider.best() : CipherProvider.platform();
        return new PlatformFrameCipher(ciphers, CipherSuite.AES_256_GCM, new byte[CipherSuite.KEY_BYTES], sealing);
    }

    /** As each packet sent is. */
    @Benchmark
    public int seal() {
        return sealer.seal(0, counter++, none, 0, 0, plain, 0, bytes, out, 0);
    }

    /** As each packet received is; the cipher's key does not know that it has had the nonce before. */
    @Benchmark
    public int open() {
        int opened = opener.open(0, -1, none, 0, 0, sealed, 0, sealed.length, out, 0);
        if (opened != bytes) {
            throw new IllegalStateException("not opened");
        }
        return opened;
    }
}
