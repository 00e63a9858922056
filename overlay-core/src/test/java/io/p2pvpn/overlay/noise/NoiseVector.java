package io.p2pvpn.overlay.noise;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.p2pvpn.overlay.runtime.KeySource;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One published handshake of noise-vectors.txt. */
final class NoiseVector {

    private final Map<String, String> fields = new LinkedHashMap<>();
    private final List<byte[]> payloads = new ArrayList<>();
    private final List<byte[]> ciphertexts = new ArrayList<>();

    static List<NoiseVector> all() {
        List<NoiseVector> all = new ArrayList<>();
        NoiseVector current = new NoiseVector();
        for (String line : read().split("\n", -1)) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "", "#" -> {}
                case "suite" -> {
                    current = new NoiseVector();
                    current.fields.put("suite", line.substring("suite ".length()));
                    current.fields.put("pattern", words[2]);
                    current.fields.put("cipher", words[3]);
                    all.add(current);
                }
                case "message" -> {
                    current.payloads.add(HexFormat.of().parseHex(words[1]));
                    current.ciphertexts.add(HexFormat.of().parseHex(words[2]));
                }
                default -> current.fields.put(words[0], words[1]);
            }
        }
        return all;
    }

    private static String read() {
        try (InputStream in = NoiseVector.class.getResourceAsStream("noise-vectors.txt")) {
            return new String(in.readAllBytes(), US_ASCII);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    CipherSuite suite() {
        return "AESGCM".equals(fields.get("cipher")) ? CipherSuite.AES_256_GCM : CipherSuite.CHACHA20_POLY1305;
    }

    NoiseHandshake initiator() {
        return initiator(bytes("prologue"));
    }

    NoiseHandshake initiator(byte[] prologue) {
        KeySource ephemeral = fixed(bytes("initiator-ephemeral"));
        X25519KeyPair secret = X25519KeyPair.of(bytes("initiator-static"));
        return isIk()
                ? NoiseHandshake.initiatorIk(
                        suite(), prologue, secret, responderStatic(), ephemeral, SessionCrypto.PLATFORM)
                : NoiseHandshake.initiatorXx(suite(), prologue, secret, ephemeral, SessionCrypto.PLATFORM);
    }

    NoiseHandshake responder() {
        return responder(bytes("prologue"));
    }

    NoiseHandshake responder(byte[] prologue) {
        KeySource ephemeral = fixed(bytes("responder-ephemeral"));
        X25519KeyPair secret = X25519KeyPair.of(bytes("responder-static"));
        return isIk()
                ? NoiseHandshake.responderIk(suite(), prologue, secret, ephemeral, SessionCrypto.PLATFORM)
                : NoiseHandshake.responderXx(suite(), prologue, secret, ephemeral, SessionCrypto.PLATFORM);
    }

    boolean isIk() {
        return "IK".equals(fields.get("pattern"));
    }

    int handshakeMessages() {
        return isIk() ? 2 : 3;
    }

    int messages() {
        return payloads.size();
    }

    byte[] payload(int index) {
        return payloads.get(index);
    }

    byte[] ciphertext(int index) {
        return ciphertexts.get(index);
    }

    byte[] initiatorStatic() {
        return X25519Keys.publicKey(bytes("initiator-static"));
    }

    byte[] responderStatic() {
        return X25519Keys.publicKey(bytes("responder-static"));
    }

    byte @Nullable [] handshakeHash() {
        return fields.containsKey("hash") ? bytes("hash") : null;
    }

    private byte[] bytes(String name) {
        return HexFormat.of().parseHex(fields.get(name));
    }

    private static KeySource fixed(byte[] key) {
        return bytes -> System.arraycopy(key, 0, bytes, 0, bytes.length);
    }

    @Override
    public String toString() {
        return fields.get("suite");
    }
}
