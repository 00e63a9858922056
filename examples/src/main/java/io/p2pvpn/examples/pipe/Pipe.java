package io.p2pvpn.examples.pipe;

import io.p2pvpn.vpn.node.VpnNamespace;
import io.p2pvpn.vpn.node.VpnNode;
import io.p2pvpn.vpn.node.VpnNodeBuilder;
import io.p2pvpn.vpn.node.VpnStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * The program:
 *
 * <pre>{@code
 * pipe HOST:PORT NAME DIRECTORY [device]
 * }</pre>
 *
 * <p>It joins the open namespace "pipe" by that node, prints {@code ready ADDRESS}, takes what others send, and does
 * what it reads on its standard input: {@code send MEMBER SECONDS} sends for so long, 64 KiB at a time, and prints
 * {@code sent BYTES SECONDS MBIT/S}, as the other end has counted. It ends with its input. With {@code device} it has a
 * TUN device, too, so that other programs can be timed beside it.
 */
public final class Pipe {
    private static final String NAMESPACE = "pipe";
    private static final String SERVICE = "pipe.sink";
    private static final int PIECE_BYTES = 64 * 1024;
    private static final long JOIN_SECONDS_MAX = 60;
    private static final double NANOS = 1e9;

    private Pipe() {}

    /** Runs it. */
    public static void main(String[] arguments) throws Exception {
        List<String> words = Arrays.asList(arguments);
        if (words.size() < 3) {
            System.err.println("usage: pipe HOST:PORT NAME DIRECTORY [device]");
            System.exit(2);
        }
        VpnNodeBuilder builder = VpnNode.builder()
                .bootstrap(words.get(0))
                .namespace(NAMESPACE)
                .open()
                .hostName(words.get(1))
                .withoutLanDiscovery()
                .stateDirectory(Path.of(words.get(2)));
        if (!words.contains("device")) {
            builder.withoutDevice();
        }
        try (VpnNode node = builder.build().start()) {
            node.joined().get(JOIN_SECONDS_MAX, TimeUnit.SECONDS);
            VpnNamespace namespace = node.namespace(NAMESPACE);
            namespace.acceptStreams(SERVICE, Pipe::take).get();
            System.out.println(
                    "ready " + node.status().get().namespaces().get(0).virtualIp());
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] command = line.split(" ", -1);
                if (command.length == 3 && command[0].equals("send")) {
                    System.out.println(send(namespace, command[1], Double.parseDouble(command[2])));
                } else {
                    System.out.println("? " + line);
                }
            }
        }
    }

    private static String send(VpnNamespace namespace, String member, double seconds) throws Exception {
        try (VpnStream stream = namespace.openStream(member, SERVICE).get(JOIN_SECONDS_MAX, TimeUnit.SECONDS)) {
            OutputStream out = stream.output();
            byte[] piece = new byte[PIECE_BYTES];
            long start = System.nanoTime();
            while (System.nanoTime() - start < seconds * NANOS) {
                out.write(piece);
            }
            stream.finish().get();
            return "sent " + new String(stream.input().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    /** On the loop, which must not wait: the stream gets a thread. */
    private static void take(VpnStream stream) {
        Thread thread = new Thread(
                () -> {
                    try (stream;
                            OutputStream answer = stream.output()) {
                        answer.write(count(stream.input()).getBytes(StandardCharsets.US_ASCII));
                    } catch (IOException ended) {
                        System.err.println(stream + ": " + ended.getMessage());
                    }
                },
                "pipe-" + stream.peer().name());
        thread.setDaemon(true);
        thread.start();
    }

    private static String count(InputStream in) throws IOException {
        byte[] buffer = new byte[PIECE_BYTES];
        long bytes = 0;
        long start = System.nanoTime();
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            bytes += read;
        }
        double seconds = (System.nanoTime() - start) / NANOS;
        return String.format(Locale.ROOT, "%d %.3f %.1f", bytes, seconds, bytes * 8 / seconds / 1e6);
    }
}
