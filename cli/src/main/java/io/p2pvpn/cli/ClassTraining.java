package io.p2pvpn.cli;

import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.node.VpnNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Two nodes that meet on loopback inside one process, for the launcher: while they do, the JVM notes which classes a
 * daemon needs, and every later start maps them instead of loading and verifying them anew (class-data sharing). Makes
 * no device and needs no privileges: what it does not do itself it loads by name.
 */
final class ClassTraining {
    /** Long enough to found a namespace, and no reason to wait any longer. */
    private static final long SECONDS_MAX = 8;

    /** All of ours, and of the library of commands, which every command needs another part of. */
    private static final List<String> WHOLE = List.of("io/p2pvpn/", "picocli/");

    private static final String CLASS_SUFFIX = ".class";

    private ClassTraining() {}

    /**
     * Lets the nodes meet, and ends them.
     *
     * @param arguments an empty directory for the nodes' state
     */
    public static void main(String[] arguments) throws ControlException, IOException, InterruptedException {
        loadAll(Path.of(System.getProperty("java.class.path")));
        Path state = Path.of(arguments[0]);
        Path socket = state.resolve("socket");
        String address = "127.0.0.1:" + freePort();
        try (VpnNode rendezvous = VpnNode.builder()
                        .listen(address)
                        .stateDirectory(state.resolve("rendezvous"))
                        .build()
                        .start();
                VpnNode member = VpnNode.builder()
                        .bootstrap(address)
                        .namespace("training")
                        .open()
                        .withoutDevice()
                        .stateDirectory(state.resolve("member"))
                        .controlSocket(socket)
                        .build()
                        .start()) {
            await(rendezvous);
            await(member);
            Main.run(Environment.ofProcess(Main::launcher, Main.class), "status", "--socket", socket.toString());
        }
    }

    private static void loadAll(Path jar) throws IOException {
        load(jar);
        try (DirectoryStream<Path> libraries = Files.newDirectoryStream(jar.resolveSibling("lib"), "*.jar")) {
            for (Path library : libraries) {
                load(library);
            }
        }
    }

    private static void load(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            file.stream()
                    .map(JarEntry::getName)
                    .filter(name ->
                            name.endsWith(CLASS_SUFFIX) && WHOLE.stream().anyMatch(name::startsWith))
                    .map(name -> name.substring(0, name.length() - CLASS_SUFFIX.length())
                            .replace('/', '.'))
                    .forEach(ClassTraining::load);
        }
    }

    private static void load(String name) {
        try {
            Class.forName(name, false, ClassTraining.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            System.err.println("class training: left out: " + e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void await(VpnNode node) throws InterruptedException {
        try {
            node.joined().get(SECONDS_MAX, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            System.err.println("class training: " + e);
        }
    }
}
