package io.p2pvpn.overlay.noise;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/**
 * Where the ciphers of frames come from: the Java platform or, for AES-GCM, Amazon's Corretto provider if it is on the
 * class path and passes a test.
 *
 * <p>Corretto's (Apache License 2.0, https://github.com/corretto/amazon-corretto-crypto-provider) is native code:
 * faster than the platform's, with a tenth of its garbage. It is never installed as a provider of this JVM, so that
 * nothing but {@link FrameCipher} uses it.
 */
public final class CipherProvider {
    private static final String CORRETTO = "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";
    private static final CipherProvider PLATFORM = new CipherProvider("platform", null, null);

    private final String name;
    private final @Nullable Provider aesGcm;
    private final @Nullable String refusal;

    private CipherProvider(String name, @Nullable Provider aesGcm, @Nullable String refusal) {
        this.name = name;
        this.aesGcm = aesGcm;
        this.refusal = refusal;
    }

    /** Found when it is first asked for: loading native code takes some 100 ms. */
    private static final class Best {
        static final CipherProvider INSTANCE = find(CORRETTO);
    }

    /** The fastest one there is. The first call may take a second. */
    public static CipherProvider best() {
        return Best.INSTANCE;
    }

    /** The Java platform alone. */
    static CipherProvider platform() {
        return PLATFORM;
    }

    /** Takes the provider that this class has in its field {@code INSTANCE}, if there is such a class and it works. */
    static CipherProvider find(String className) {
        Class<?> type;
        try {
            type = Class.forName(className);
        } catch (ClassNotFoundException notThere) {
            return PLATFORM;
        } catch (LinkageError e) {
            return refused(className, e);
        }
        try {
            Provider provider = (Provider) type.getField("INSTANCE").get(null);
            CipherProvider found = new CipherProvider("corretto", provider, null);
            String failure = found.selfTest();
            return failure == null ? found : new CipherProvider(PLATFORM.name, null, className + ": " + failure);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            return refused(className, e);
        }
    }

    private static CipherProvider refused(String className, Throwable why) {
        Throwable cause = why.getCause() == null ? why : why.getCause();
        return new CipherProvider(PLATFORM.name, null, className + ": " + cause);
    }

    /** {@code platform} or {@code corretto}. */
    public String name() {
        return name;
    }

    /** Why a provider on the class path is not used; null if there is none, or if it is used. */
    public @Nullable String refusal() {
        return refusal;
    }

    Cipher newCipher(CipherSuite suite) {
        if (aesGcm == null || suite != CipherSuite.AES_256_GCM) {
            return suite.newCipher();
        }
        try {
            return Cipher.getInstance(suite.transformation(), aesGcm);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(aesGcm + " has no " + suite.transformation(), e);
        }
    }

    /**
     * Test case 16 of "The Galois/Counter Mode of Operation" (McGrew and Viega), as frames are sealed and opened.
     *
     * @return what is wrong, or null
     */
    private @Nullable String selfTest() {
        HexFormat hex = HexFormat.of();
        byte[] key = hex.parseHex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
        int lane = 0xcafebabe;
        long counter = 0xfacedbad_decaf888L;
        byte[] aad = hex.parseHex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        byte[] plain = hex.parseHex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
        byte[] sealed = hex.parseHex("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                + "76fc6ece0f4e1768cddf8853bb2d551b");
        byte[] out = new byte[sealed.length];
        FrameCipher sealer = new PlatformFrameCipher(this, CipherSuite.AES_256_GCM, key, true);
        sealer.seal(lane, counter, aad, 0, aad.length, plain, 0, plain.length, out, 0);
        if (!Arrays.equals(out, sealed)) {
            return "seals a known text wrongly";
        }
        FrameCipher opener = new PlatformFrameCipher(this, CipherSuite.AES_256_GCM, key, false);
        out[0] ^= 1;
        byte[] opened = new byte[plain.length];
        if (opener.open(lane, counter, aad, 0, aad.length, out, 0, out.length, opened, 0)
                != FrameCipher.NOT_AUTHENTIC) {
            return "opens a forged text";
        }
        int bytes = opener.open(lane, counter, aad, 0, aad.length, sealed, 0, sealed.length, opened, 0);
        return bytes == plain.length && Arrays.equals(opened, plain) ? null : "opens a known text wrongly";
    }
}
