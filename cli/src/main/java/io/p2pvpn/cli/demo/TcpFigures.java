package io.p2pvpn.cli.demo;

import io.p2pvpn.cli.Pause;
import io.p2pvpn.cli.node.SameProgram;
import io.p2pvpn.vpn.control.ControlException;
import io.p2pvpn.vpn.control.ControlException.Kind;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One TCP stream between two hosts of the demo, by two processes that run {@link TcpMeter}. */
final class TcpFigures {
    private static final int SECONDS = 3;
    private static final String PORT = "5201";
    private static final long END_NANOS_MAX = 20_000_000_000L;

    private final DemoNetwork network;

    TcpFigures(DemoNetwork network) {
        this.network = network;
    }

    /** Megabits per second from one host to an address of the other. */
    double measure(DemoPlan.Host from, DemoPlan.Host to, String address) throws ControlException {
        Path output = network.directory().resolve("tcp-" + address);
        Process receiver = network.start(to, command(TcpMeter.RECEIVE, address, PORT), output.toFile());
        while (!text(output).startsWith(TcpMeter.READY)) {
            if (!receiver.isAlive()) {
                throw failed(text(output).lines().findFirst().orElse("the receiver ended"));
            }
            Pause.poll();
        }
        File discarded = new File("/dev/null");
        Process sender = network.start(from, command(TcpMeter.SEND, address, PORT, String.valueOf(SECONDS)), discarded);
        long startNanos = System.nanoTime();
        while (receiver.isAlive()) {
            if (System.nanoTime() - startNanos > END_NANOS_MAX) {
                sender.destroyForcibly();
                receiver.destroyForcibly();
                throw failed("the stream does not end");
            }
            Pause.poll();
        }
        String[] lines = text(output).strip().split("\\R", -1);
        try {
            return Double.parseDouble(lines[lines.length - 1]);
        } catch (NumberFormatException noFigure) {
            throw failed(lines[lines.length - 1]);
        }
    }

    private static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(SameProgram.command(TcpMeter.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    private static String text(Path output) throws ControlException {
        try {
            return Files.readString(output);
        } catch (IOException unreadable) {
            throw failed(String.valueOf(unreadable.getMessage()));
        }
    }

    private static ControlException failed(String why) {
        return new ControlException(Kind.FAILED, "the TCP measurement failed: " + why);
    }
}
