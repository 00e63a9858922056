package io.p2pvpn.vpn.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.p2pvpn.overlay.runtime.Counters;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Users of the real kernel before a control socket that somebody has opened to all. */
@Tag("netns")
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ControlPeersTest {
    private static final String NOBODY = "65534";
    private static final Path SETPRIV = Path.of("/usr/bin/setpriv");

    @TempDir
    private Path directory;

    private final Counters counters = new Counters();

    @Test
    void admits_ids_areThoseOfRootAndOwner() {
        ControlPeers peers = new ControlPeers(false, 1000, "ann");
        assertThat(peers.admitsId(0)).isTrue();
        assertThat(peers.admitsId(1000)).isTrue();
        assertThat(peers.admitsId(1001)).isFalse();
        assertThat(peers.admitsName("root")).isTrue();
        assertThat(peers.admitsName("ann")).isTrue();
        assertThat(peers.admitsName("bob")).isFalse();
    }

    @Test
    void admits_socketOfTheGroup_isEverybodyWhomItsModeLetsIn() {
        ControlPeers peers = new ControlPeers(true, 0, "root");
        assertThat(peers.admitsId(1001)).isTrue();
        assertThat(peers.admitsName("bob")).isTrue();
    }

    @Test
    void stranger_openSocketOnEpoll_isHungUpOnAndCounted() throws Exception {
        Assumptions.assumeTrue(Epoll.isAvailable(), "needs the native epoll transport");
        assertStrangerIsRefused(EpollIoHandler.newFactory());
    }

    @Test
    void stranger_openSocketOnNio_isHungUpOnAndCounted() throws Exception {
        assertStrangerIsRefused(NioIoHandler.newFactory());
    }

    private void assertStrangerIsRefused(IoHandlerFactory io) throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root: becomes another user");
        Assumptions.assumeTrue(Files.isExecutable(SETPRIV), "needs setpriv");
        Assumptions.assumeFalse(groupExists(), "this host has a group p2pvpn, whose members are not asked");
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, io);
        Path socket = directory.resolve("s");
        ControlServer server = ControlServer.start(group.next(), socket, new FakeBackend(), counters)
                .join();
        try {
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
            assertThat(ask(socket, "0")).isEqualTo("connected, answered");
            assertThat(ask(socket, NOBODY)).startsWith("connected, ").endsWith("nothing");
            assertThat(group.submit(counters::snapshot).get()).containsEntry("control.drop.credentials", 1L);
        } finally {
            server.close();
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private boolean groupExists() throws Exception {
        try {
            return directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName("p2pvpn")
                    != null;
        } catch (UserPrincipalNotFoundException none) {
            return false;
        }
    }

    /** What {@link StrangerClient} prints as that user, who may not be able to read where this class is. */
    private String ask(Path socket, String user) throws Exception {
        String file = StrangerClient.class.getName().replace('.', '/') + ".class";
        Path copy = directory.resolve(file);
        Files.createDirectories(copy.getParent());
        try (InputStream in = StrangerClient.class.getClassLoader().getResourceAsStream(file)) {
            Files.write(copy, in.readAllBytes());
        }
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Process client = new ProcessBuilder(
                        SETPRIV.toString(),
                        "--reuid=" + user,
                        "--regid=" + user,
                        "--clear-groups",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        directory.toString(),
                        StrangerClient.class.getName(),
                        socket.toString())
                .redirectErrorStream(true)
                .start();
        String printed = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        client.waitFor();
        return printed;
    }
}
