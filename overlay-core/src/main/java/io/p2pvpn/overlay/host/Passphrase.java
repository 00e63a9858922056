package io.p2pvpn.overlay.host;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A secret that a person or a machine has written down, of 1 to 1024 bytes. Immutable; no text shows it. */
public final class Passphrase {
    private static final int BYTES_MAX = 1024;

    private final byte[] bytes;

    private Passphrase(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * That text, in UTF-8.
     *
     * @throws HostException if it is empty or too long
     */
    public static Passphrase of(String text) throws HostException {
        return checked(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The first line, without its end; what follows is not looked at.
     *
     * @throws HostException if it is empty or too long
     */
    public static Passphrase firstLine(InputStream in) throws IOException, HostException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next = in.read();
        while (next >= 0 && next != '\n' && line.size() <= BYTES_MAX) {
            line.write(next);
            next = in.read();
        }
        byte[] read = line.toByteArray();
        boolean carriageReturn = read.length > 0 && read[read.length - 1] == '\r';
        return checked(carriageReturn ? Arrays.copyOf(read, read.length - 1) : read);
    }

    private static Passphrase checked(byte[] bytes) throws HostException {
        if (bytes.length == 0) {
            throw new HostException("the passphrase is empty: write it on the first line");
        }
        if (bytes.length > BYTES_MAX) {
            throw new HostException("the passphrase is longer than " + BYTES_MAX + " bytes: choose a shorter one");
        }
        return new Passphrase(bytes);
    }

    byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public String toString() {
        return "a passphrase";
    }
}
