package io.p2pvpn.vpn.control;

import io.p2pvpn.vpn.control.ControlException.Kind;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * The file of a control socket. The socket is bound inside a directory that only its owner may enter, gets its mode
 * and group there and is then renamed to its place: nobody can connect before the mode is right, and the socket file
 * of a dead daemon is replaced in one step.
 */
final class ControlSocketFile {
    /** Length of sun_path in struct sockaddr_un without the final zero. */
    private static final int PATH_BYTES_MAX = 107;

    private static final String GROUP = "p2pvpn";
    private static final int RADIX = 36;

    private final Path socket;
    private final Path privateDirectory;
    private final boolean privileged;
    private @Nullable Object fileKey;

    private ControlSocketFile(Path socket, boolean privileged) {
        this.socket = socket;
        this.privateDirectory = socket.resolveSibling(
                "." + Long.toString(ProcessHandle.current().pid(), RADIX));
        this.privileged = privileged;
    }

    /**
     * Makes the directories that are needed.
     *
     * @throws ControlException when a live daemon listens there or the place cannot be used
     */
    static ControlSocketFile prepare(Path wanted) throws ControlException {
        Path socket = wanted.toAbsolutePath().normalize();
        if (socket.getParent() == null || bytes(socket) > PATH_BYTES_MAX) {
            throw new ControlException(
                    Kind.WRONG_USAGE,
                    "the socket path " + wanted + " is longer than " + PATH_BYTES_MAX + " bytes: choose a shorter one");
        }
        ControlSocketFile file = new ControlSocketFile(socket, HostUser.isRoot());
        try {
            file.refuseWhatIsThere();
            file.makeDirectories();
        } catch (IOException failure) {
            throw cannotUse(socket, failure);
        }
        return file;
    }

    /** Where to bind. */
    Path bindPath() {
        return privateDirectory.resolve("s");
    }

    /** Puts the bound socket to its place, and says who may use it. */
    ControlPeers publish() throws ControlException {
        try {
            Path bound = bindPath();
            boolean ofGroup = privileged && giveToGroup(bound);
            Files.setPosixFilePermissions(bound, PosixFilePermissions.fromString(ofGroup ? "rw-rw----" : "rw-------"));
            ControlPeers peers = ControlPeers.ofOwnSocket(bound, ofGroup);
            fileKey = key(bound);
            Files.move(bound, socket, StandardCopyOption.ATOMIC_MOVE);
            Files.delete(privateDirectory);
            return peers;
        } catch (IOException failure) {
            throw cannotUse(socket, failure);
        }
    }

    /** Removes the socket, unless another daemon has put its own there. Never throws: the daemon is going anyway. */
    void remove() {
        try {
            if (fileKey != null && fileKey.equals(key(socket))) {
                Files.deleteIfExists(socket);
            }
            Files.deleteIfExists(bindPath());
            Files.deleteIfExists(privateDirectory);
        } catch (IOException gone) {
            fileKey = null;
        }
    }

    private void refuseWhatIsThere() throws IOException, ControlException {
        if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new ControlException(
                    Kind.FAILED, socket + " exists and is not a socket: move it away or choose another --socket");
        }
        if (isAlive(socket)) {
            throw new ControlException(
                    Kind.FAILED,
                    "a daemon already runs on " + socket + ": stop it (p2pvpn down) or choose another --socket");
        }
    }

    /** Whether something accepts connections there. */
    static boolean isAlive(Path socket) {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return channel.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }

    private void makeDirectories() throws IOException {
        Path parent = socket.toAbsolutePath().getParent();
        if (parent == null) {
            throw new NoSuchFileException(socket.toString());
        }
        Files.createDirectories(
                parent,
                PosixFilePermissions.asFileAttribute(
                        PosixFilePermissions.fromString(privileged ? "rwxr-xr-x" : "rwx------")));
        Files.deleteIfExists(bindPath());
        Files.deleteIfExists(privateDirectory);
        Files.createDirectory(
                privateDirectory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** Gives the socket to the administrators' group when the host has one. */
    private static boolean giveToGroup(Path bound) throws IOException {
        GroupPrincipal group;
        try {
            group = bound.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(GROUP);
        } catch (java.nio.file.attribute.UserPrincipalNotFoundException none) {
            return false;
        }
        Files.getFileAttributeView(bound, PosixFileAttributeView.class).setGroup(group);
        return true;
    }

    private static @Nullable Object key(Path path) throws IOException {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                ? Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .fileKey()
                : null;
    }

    private static int bytes(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    static ControlException cannotUse(Path socket, Throwable failure) {
        boolean denied = failure instanceof java.nio.file.AccessDeniedException;
        return new ControlException(
                denied ? Kind.NOT_PERMITTED : Kind.FAILED,
                "cannot make the control socket " + socket + " ("
                        + failure.getClass().getSimpleName() + ": " + failure.getMessage()
                        + "): choose another with --socket",
                failure);
    }
}
