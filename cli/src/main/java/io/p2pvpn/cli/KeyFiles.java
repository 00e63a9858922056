package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files with keys, requests and certificates: one word each, for their owner only. */
final class KeyFiles {
    private static final int BYTES_MAX = 8192;

    private KeyFiles() {}

    /** The word in a file. */
    static String read(Path file) throws ControlException {
        try {
            if (Files.size(file) > BYTES_MAX) {
                throw new ControlException(Kind.FAILED, file + " is too long for what is asked: name another file");
            }
            return Files.readString(file, StandardCharsets.UTF_8).strip();
        } catch (IOException failure) {
            throw new ControlException(
                    Kind.FAILED,
                    "cannot read " + file + " (" + failure.getClass().getSimpleName() + "): name another file",
                    failure);
        }
    }

    /** A new file, empty so far; an empty one does not stay. */
    static Target make(Path file) throws ControlException {
        try {
            return new Target(
                    file,
                    Files.newByteChannel(
                            file,
                            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))));
        } catch (FileAlreadyExistsException exists) {
            throw new ControlException(Kind.FAILED, file + " exists: name another file", exists);
        } catch (IOException failure) {
            throw new ControlException(
                    Kind.FAILED,
                    "cannot make " + file + " (" + failure.getClass().getSimpleName() + "): name another file",
                    failure);
        }
    }

    /** A file that is being written. */
    static final class Target implements AutoCloseable {
        private final Path file;
        private final SeekableByteChannel channel;

        private Target(Path file, SeekableByteChannel channel) {
            this.file = file;
            this.channel = channel;
        }

        void write(String word) throws ControlException {
            try {
                ByteBuffer bytes = ByteBuffer.wrap((word + "\n").getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            } catch (IOException failure) {
                throw new ControlException(
                        Kind.FAILED, "cannot write " + file + " (" + failure.getMessage() + ")", failure);
            }
        }

        @Override
        public void close() throws ControlException {
            try {
                boolean empty = channel.size() == 0;
                channel.close();
                if (empty) {
                    Files.delete(file);
                }
            } catch (IOException failure) {
                throw new ControlException(
                        Kind.FAILED, "cannot write " + file + " (" + failure.getMessage() + ")", failure);
            }
        }
    }
}
